import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { WeighbridgeError } from '../errors.ts';
import type { Json } from '../formats/facts.ts';
import { appendAuditEntry } from '../policy/auditLog.ts';
import { jobEvidence } from '../policy/authorization.ts';
import type { PolicyOutcome, PolicyReason } from '../policy/outcome.ts';
import { PolicyEngine } from '../policy/policyEngine.ts';
import { Roles } from '../policy/roles.ts';
import { authorizePolicies } from '../policy/shippedPolicies.ts';
import { readYamlDocument } from '../policy/yamlDocument.ts';
import { jsonText, tool } from '../report/json.ts';
import { junitReport } from '../report/junit.ts';
import { printable } from '../report/printable.ts';
import { coloursFor, emit, exitCodes, type Command } from './io.ts';
import { choice, commonHelp, configuration, file, flag, readArguments, text } from './options.ts';
import { outputFile } from './outputFile.ts';

const help = `Usage: weighbridge authorize --job FILE --as SUBJECT [OPTION...]

Says whether SUBJECT may submit a training job. The job is YAML or JSON: environment (dev, staging, production), datasets, base_model,
changes_training_config. Roles are data-scientist, ml-engineer and ml-ops; who has which stands in the file that policy.roles in
weighbridge.yaml names. Without such a file SUBJECT is the name of a role.

Options:
  --job FILE        The submission
  --as SUBJECT      Who submits it
  --roles FILE      Who has which role, instead of what weighbridge.yaml names
  --no-audit        Do not append the decision to the audit log
  --format FORMAT   text (default), json or junit

${commonHelp}
Exit codes: 0 allowed, 1 denied, 2 wrong usage or unreadable input.

Examples:
  weighbridge authorize --job job.yaml --as dana@example.com
  weighbridge authorize --job job.yaml --as ml-engineer --format json
`;

export const authorize: Command = {
  help,
  async run(args, io) {
    const { values, positionals } = readArguments('authorize', args, {
      job: { type: 'string' },
      as: { type: 'string' },
      roles: { type: 'string' },
      'no-audit': { type: 'boolean' },
    });
    const format = choice(values, 'format', ['text', 'json', 'junit'], 'text');
    const job = file(values, 'job', io.cwd);
    const id = text(values, 'as');
    if (job === undefined || !id || positionals.length > 0) {
      throw new WeighbridgeError(
        'bad-usage',
        'name the job and who submits it: weighbridge authorize --job FILE --as SUBJECT',
      );
    }
    const settings = await configuration(values, io.cwd);
    const rolesFile = file(values, 'roles', io.cwd) ?? settings.policy.roles;
    const log = flag(values, 'no-audit') || settings.file === null ? null : settings.policy.auditLog;
    const output = await outputFile(values, io.cwd, [job, rolesFile, log]);
    if (!existsSync(job)) throw new WeighbridgeError('not-found', `there is no job ${job}`);
    const subject = { id, roles: Roles.read(rolesFile).of(id) };
    const evidence = jobEvidence(readYamlDocument(job));
    const decidedAt = new Date().toISOString();
    const input = JSON.parse(JSON.stringify({ now: decidedAt, subject, job: evidence })) as Json;
    const engine = new PolicyEngine(flag(values, 'no-cache') ? { cache: false } : {});
    let outcome: PolicyOutcome;
    try {
      outcome = await engine.evaluate(await engine.compile(authorizePolicies(), ['weighbridge.authorize']), input);
    } finally {
      await engine.close();
    }
    const decision = outcome.allow ? 'allow' : 'deny';
    const reasons = outcome.deny.map(({ rule, message, file: policy, line }) => ({ rule, message, policy, line }));
    const shown = relative(io.cwd, job).replaceAll('\\', '/');
    const summary = reasons.map(({ rule, message }) => ({ rule, message }));
    const record = { kind: 'authorize', decision, decidedAt, subject: id, job: shown, reasons: summary };
    const audit = log === null ? null : await appendAuditEntry(log, record);
    if (!flag(values, 'quiet') || output !== undefined) {
      const colours = coloursFor(io, { noColor: flag(values, 'no-color'), output });
      const report =
        format === 'json'
          ? jsonText({ schemaVersion: 1, tool, decision, subject, job: evidence, reasons, decidedAt, audit })
          : format === 'junit'
            ? junitReport('weighbridge authorize', casesOf(outcome.deny))
            : textOf(decision, id, shown, outcome.deny, colours);
      await emit(io, report, output);
    }
    return outcome.allow ? exitCodes.ok : exitCodes.findings;
  },
};

function casesOf(deny: readonly PolicyReason[]) {
  if (deny.length === 0) return [{ className: 'authorize', name: 'the subject may submit the job' }];
  return deny.map(({ rule, message }) => ({ className: 'authorize', name: rule, failure: { message, text: message } }));
}

function textOf(
  decision: 'allow' | 'deny',
  subject: string,
  job: string,
  deny: readonly PolicyReason[],
  colours: ReturnType<typeof coloursFor>,
): string {
  const verdict = colours.severity(decision === 'deny' ? 'error' : 'info', decision);
  const lines = deny.map(({ message, rule }) => `  ${printable(message)}  ${colours.faint(`[${rule}]`)}`);
  return [`${printable(subject)}, ${printable(job)}: ${verdict}`, ...lines, ''].join('\n');
}
