import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { WeighbridgeError } from '../../errors.ts';
import { appendAuditEntry } from '../../policy/auditLog.ts';
import { openAudits } from '../../policy/evidence/audits.ts';
import { emit, exitCodes, type Command } from '../io.ts';
import { configuration, file, flag, readArguments, text } from '../options.ts';

/** `weighbridge policy close-audit`: records that the audit that a hotfix owed was made. */
export const closeAudit: Command['run'] = async (args, io) => {
  const { values, positionals } = readArguments('policy', args, { as: { type: 'string' }, report: { type: 'string' } });
  const [id] = positionals;
  const who = text(values, 'as');
  const report = file(values, 'report', io.cwd);
  if (!id || positionals.length > 1 || !who || report === undefined) {
    throw new WeighbridgeError(
      'bad-usage',
      'say which audit, by whom, and its report: policy close-audit ID --as WHO --report FILE',
    );
  }
  const { policy, file: configured } = await configuration(values, io.cwd);
  if (configured === null || policy.auditLog === null) {
    throw new WeighbridgeError('bad-config', 'there is no audit log: add a weighbridge.yaml to the repository');
  }
  const open = openAudits(policy.auditLog, Date.now());
  if (!open.some((audit) => audit.id === id)) {
    const ids = open.map((audit) => audit.id).join(', ') || 'none';
    throw new WeighbridgeError('bad-usage', `there is no open audit ${id} (open: ${ids})`);
  }
  let bytes: Buffer;
  try {
    bytes = readFileSync(report);
  } catch (cause) {
    throw new WeighbridgeError('unreadable', `cannot read ${report}: ${(cause as Error).message}`, { cause });
  }
  const head = await appendAuditEntry(policy.auditLog, {
    kind: 'audit-closed',
    audit: id,
    by: who,
    report: relative(io.cwd, report).replaceAll('\\', '/'),
    reportSha256: createHash('sha256').update(bytes).digest('hex'),
    closedAt: new Date().toISOString(),
  });
  if (!flag(values, 'quiet')) await emit(io, `Audit ${id} is closed, entry ${head.sequence}.\n`, undefined);
  return exitCodes.ok;
};
