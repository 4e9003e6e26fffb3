import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { WeighbridgeError } from '../errors.ts';
import { appendAuditEntry } from '../policy/auditLog.ts';
import { authorizeJob, readJob } from '../policy/authorizeJob.ts';
import type { PolicyOutcome } from '../policy/outcome.ts';
import { PolicyEngine } from '../policy/policyEngine.ts';
import { Roles } from '../policy/roles.ts';
import {
  authorizeJson,
  authorizeJUnit,
  authorizeMarkdown,
  authorizeSarif,
  authorizeText,
  type AuthorizedJob,
} from '../report/authorizeReport.ts';
import type { Colours } from '../report/colour.ts';
import { coloursFor, emit, exitCodes, type Command } from './io.ts';
import { choice, commonHelp, configuration, file, flag, readArguments, text } from './options.ts';
import { outputFile } from './outputFile.ts';

const help = `Usage: weighbridge authorize --job FILE --as SUBJECT [OPTION...]

Says whether SUBJECT may submit a training job. The job is YAML or JSON: environment (dev, staging, production), datasets, base_model,
changes_training_config. Data of the repository that it names is compared with its registers. Roles are data-scientist, ml-engineer and ml-ops; who has which stands in the file that policy.roles in
weighbridge.yaml names. Without such a file SUBJECT is the name of a role.

Options:
  --job FILE        The submission
  --as SUBJECT      Who submits it
  --roles FILE      Who has which role, instead of what weighbridge.yaml names
  --no-audit        Do not append the decision to the audit log
  --format FORMAT   text (default), json, sarif, junit or markdown

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
    const format = choice(values, 'format', ['text', 'json', 'sarif', 'junit', 'markdown'], 'text');
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
    const mayUseCache = !flag(values, 'no-cache') && !io.environment['CI'];
    const evidence = await readJob(job, settings, { mayUseCache, signal: io.signal });
    const decidedAt = new Date().toISOString();
    const engine = new PolicyEngine(flag(values, 'no-cache') ? { cache: false } : {});
    let outcome: PolicyOutcome;
    try {
      outcome = await authorizeJob(engine, evidence, subject, decidedAt);
    } finally {
      await engine.close();
    }
    const path = relative(io.cwd, job).replaceAll('\\', '/');
    const reasons = outcome.deny.map(({ rule, message }) => ({ rule, message }));
    const decision = outcome.allow ? 'allow' : 'deny';
    const record = { kind: 'authorize', decision, decidedAt, subject: id, job: path, reasons };
    const audit = log === null ? null : await appendAuditEntry(log, record);
    if (!flag(values, 'quiet') || output !== undefined) {
      const colours = coloursFor(io, { noColor: flag(values, 'no-color'), output });
      const decided = { subject, job: evidence, path, outcome, decidedAt, audit };
      await emit(io, printed(format, decided, colours), output);
    }
    return outcome.allow ? exitCodes.ok : exitCodes.findings;
  },
};

function printed(
  format: 'text' | 'json' | 'sarif' | 'junit' | 'markdown',
  decided: AuthorizedJob,
  colours: Colours,
): string {
  switch (format) {
    case 'json':
      return authorizeJson(decided);
    case 'sarif':
      return authorizeSarif(decided);
    case 'junit':
      return authorizeJUnit(decided);
    case 'markdown':
      return authorizeMarkdown(decided);
    case 'text':
      return authorizeText(decided, colours);
  }
}
