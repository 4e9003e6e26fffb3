import { relative, resolve, sep } from 'node:path';
import type { Configuration } from '../engine/configuration.ts';
import { WorkspaceScanner } from '../engine/workspaceScanner.ts';
import { WeighbridgeError } from '../errors.ts';
import { replaceFile } from '../files/replaceFile.ts';
import type { Json } from '../formats/facts.ts';
import { appendAuditEntry } from '../policy/auditLog.ts';
import { contextOf, recordOf, type DecisionContext } from '../policy/decisionRecord.ts';
import { gatherEvidence } from '../policy/evidence/gatherEvidence.ts';
import { readExceptions } from '../policy/exceptions.ts';
import { decideGate, type GateDecision } from '../policy/gate.ts';
import { PolicyEngine } from '../policy/policyEngine.ts';
import { readJsonDocument } from '../policy/policySet.ts';
import { policySources } from '../policy/policySources.ts';
import { Roles } from '../policy/roles.ts';
import { gateJson, gateJUnit, gateMarkdown, gateSarif, gateText, type DecidedGate } from '../report/gateReport.ts';
import { complain, coloursFor, emit, exitCodes, type Command, type Io } from './io.ts';
import { modelOf } from './modelArguments.ts';
import {
  choice,
  commonHelp,
  configuration,
  file,
  flag,
  jobs,
  readArguments,
  text,
  texts,
  type OptionValues,
} from './options.ts';
import { outputFile } from './outputFile.ts';
import { progressOn } from './progress.ts';

const help = `Usage: weighbridge gate GATE MODEL [OPTION...]
       weighbridge gate GATE --input FILE [OPTION...]

Decides whether a model may be promoted. GATE is dev-to-staging, staging-to-production, hotfix, or one of your own: a package
gates.NAME of your policies. The evidence is what can be seen of the model, and what was recorded about it; what is missing
denies, and names the command that produces it. Policies are Rego: the shipped ones, and those of the folder in weighbridge.yaml.

Options:
  --input FILE      Judge this evidence document instead of looking at MODEL
  --policy DIR      Further policies; may be repeated
  --evidence FILE   Recorded evidence (JSON results of scans and tests); may be repeated
  --as SUBJECT      Who asks for the promotion
  --explain         Print every rule and the evidence, too
  --vsa FILE        Write the decision as an in-toto verification summary; with --vsa-key PEM as a signed bundle
  --no-audit        Do not append the decision to the audit log
  --at TIME         The time of the decision (RFC 3339); default: now
  --format FORMAT   text (default), json, sarif, junit or markdown
Whom to trust for the signature, instead of what weighbridge.yaml says: the options of "weighbridge verify"

${commonHelp}
Exit codes: 0 allowed, 1 denied, 2 wrong usage, or nothing could be decided.

Examples:
  weighbridge gate dev-to-staging models/churn
  weighbridge gate staging-to-production models/churn --evidence backdoor.json --explain
  weighbridge gate hotfix --input evidence.json --format json
`;

export const gate: Command = {
  help,
  async run(args, io) {
    const { values, positionals } = readArguments('gate', args, {
      input: { type: 'string' },
      policy: { type: 'string', multiple: true },
      evidence: { type: 'string', multiple: true },
      as: { type: 'string' },
      explain: { type: 'boolean' },
      vsa: { type: 'string' },
      'vsa-key': { type: 'string' },
      'no-audit': { type: 'boolean' },
      at: { type: 'string' },
      ...trustOptions,
    });
    const format = choice(values, 'format', ['text', 'json', 'sarif', 'junit', 'markdown'], 'text');
    const [name = '', ...rest] = positionals;
    const input = file(values, 'input', io.cwd);
    if (name === '')
      throw new WeighbridgeError('bad-usage', 'name the gate and the model: weighbridge gate GATE MODEL');
    // A ready document may be about a model that is elsewhere.
    const model = input === undefined ? modelOf('gate GATE', rest, io.cwd) : rest[0] ? resolve(io.cwd, rest[0]) : null;
    const settings = await configuration(values, io.cwd);
    const log = flag(values, 'no-audit') ? null : logOf(settings, model);
    const vsa = file(values, 'vsa', io.cwd);
    const output = await outputFile(values, io.cwd, [input, log, vsa]);
    const now = timeOf(values);
    const further = texts(values, 'policy').map((each) => resolve(io.cwd, each));
    const sources = policySources(settings, io.cwd, further);
    const subject = text(values, 'as') ?? null;
    const engine = new PolicyEngine(flag(values, 'no-cache') ? { cache: false } : {});
    try {
      const document = input === undefined ? null : givenEvidence(input, name, now);
      const evidence = document ?? (await lookAt(model ?? '', name, values, io, { settings, now, subject }));
      const decision = await decideGate(engine, {
        gate: name,
        sources,
        input: evidence,
        exceptions: readExceptions(settings.policy.exceptions, io.cwd),
        model,
        folder: settings.folder,
        now,
      });
      const path = model === null ? null : relative(io.cwd, model).replaceAll('\\', '/') || '.';
      const context = contextOf(evidence, sources, { now, subject, path });
      if (vsa !== undefined) await writeSummary(vsa, decision, context, values, io);
      const head = log === null ? null : await appendAuditEntry(log, recordOf(decision, context));
      const audit =
        log === null || head === null ? null : { log: relative(io.cwd, log).replaceAll('\\', '/'), ...head };
      const decided = { decision, context, audit, evidence: flag(values, 'explain') ? evidence : null };
      if (!flag(values, 'quiet') || output !== undefined) {
        const noColor = flag(values, 'no-color');
        await emit(io, printed(format, decided, coloursFor(io, { noColor, output })), output);
      }
      if (decision.decision === 'deny') return exitCodes.findings;
      if (log === null && decision.obligations.length > 0) {
        await complain(
          io,
          'warning: no audit log is kept, so nothing will remember what is owed: add a weighbridge.yaml',
        );
      }
      return exitCodes.ok;
    } finally {
      await engine.close();
    }
  },
};

/** Those of `weighbridge verify` that say whom to trust. */
const trustOptions = {
  key: { type: 'string' },
  'certificate-chain': { type: 'string', multiple: true },
  'certificate-time': { type: 'string' },
  subject: { type: 'string' },
  identity: { type: 'string' },
  'identity-provider': { type: 'string' },
  'trusted-root': { type: 'string' },
  'trust-config': { type: 'string' },
} as const;

/** The log that decisions go to: only a repository with a configuration keeps one, and never inside the model. */
function logOf({ file: configured, policy: { auditLog } }: Configuration, model: string | null): string | null {
  if (configured === null || auditLog === null) return null;
  if (model !== null && auditLog.startsWith(model.endsWith(sep) ? model : `${model}${sep}`)) {
    throw new WeighbridgeError(
      'bad-config',
      `the audit log ${auditLog} stands inside the model, which it would change: set policy.audit-log in weighbridge.yaml`,
    );
  }
  return auditLog;
}

function timeOf(values: OptionValues): number {
  const given = text(values, 'at');
  const time = given === undefined ? Date.now() : Date.parse(given);
  if (!Number.isNaN(time)) return time;
  throw new WeighbridgeError('bad-usage', `--at must be a time such as 2026-03-01T12:00:00Z, not "${given}"`);
}

/** A ready document, with the gate and the time where it does not say them itself. */
function givenEvidence(input: string, name: string, now: number): Json {
  const document = readJsonDocument(input) as Json;
  if (document === null || typeof document !== 'object' || Array.isArray(document)) {
    throw new WeighbridgeError('bad-input', `${input} is no evidence document: it must hold a JSON object`);
  }
  return { now: new Date(now).toISOString(), ...document, gate: name };
}

async function lookAt(
  model: string,
  name: string,
  values: OptionValues,
  io: Io,
  { settings, now, subject }: { settings: Configuration; now: number; subject: string | null },
): Promise<Json> {
  const workers = jobs(values);
  const mayUseCache = !flag(values, 'no-cache') && !io.environment['CI'];
  const scanner = new WorkspaceScanner({
    base: io.cwd,
    configuration: settings,
    ...(mayUseCache ? {} : { cache: false }),
    ...(workers === undefined ? {} : { jobs: workers }),
    // It may not be ended while it writes to the log, so that this thread has to hear Ctrl-C.
    isolate: true,
  });
  const progress = progressOn(io, flag(values, 'quiet'));
  try {
    const given = Object.keys(trustOptions).some((option) => values[option] !== undefined);
    const trust = given ? await (await import('./verify.ts')).trustOf(values, io) : null;
    const evidence = await gatherEvidence(model, scanner, {
      gate: name,
      now,
      subject,
      roles: Roles.read(settings.policy.roles),
      recorded: texts(values, 'evidence').map((each) => resolve(io.cwd, each)),
      mayUseCache,
      ...(workers === undefined ? {} : { jobs: workers }),
      ...(trust === null ? {} : { trust }),
      run: { signal: io.signal, onProgress: progress.show },
    });
    return JSON.parse(JSON.stringify(evidence)) as Json;
  } finally {
    progress.clear();
    await scanner.dispose();
  }
}

async function writeSummary(
  target: string,
  decision: GateDecision,
  context: DecisionContext,
  values: OptionValues,
  io: Io,
): Promise<void> {
  const { statementPayloadType, verificationSummary } = await import('../policy/verificationSummary.ts');
  const statement = verificationSummary(decision, context);
  const key = text(values, 'vsa-key');
  if (key === undefined) return replaceFile(target, statement);
  const { signerOf } = await import('./signer.ts');
  const signer = await signerOf({ key }, io);
  try {
    const bundle = await signer.sign(Buffer.from(statement), statementPayloadType);
    replaceFile(target, `${JSON.stringify(bundle)}\n`);
  } finally {
    await signer.dispose?.();
  }
}

function printed(
  format: 'text' | 'json' | 'sarif' | 'junit' | 'markdown',
  decided: DecidedGate,
  colours: Parameters<typeof gateText>[1],
): string {
  switch (format) {
    case 'json':
      return gateJson(decided);
    case 'sarif':
      return gateSarif(decided);
    case 'junit':
      return gateJUnit(decided);
    case 'markdown':
      return gateMarkdown(decided);
    case 'text':
      return gateText(decided, colours);
  }
}
