import { existsSync } from 'node:fs';
import { WeighbridgeError } from '../../errors.ts';
import { headFile, verifyAuditLog, type AuditEntry } from '../auditLog.ts';
import { fieldsOf, listOf, textOf } from '../yamlDocument.ts';
import type { AuditEvidence } from './document.ts';

/**
 * Audits that hotfixes owe and that nobody has recorded, from the log of decisions.
 * @param now milliseconds.
 * @throws {WeighbridgeError} `verification-failed` where the log is damaged: who may cut it could hide a debt.
 */
export function openAudits(log: string | null, now: number): AuditEvidence[] {
  if (log === null || (!existsSync(log) && !existsSync(headFile(log)))) return [];
  const { intact, entries, problems } = verifyAuditLog(log);
  if (!intact) {
    throw new WeighbridgeError(
      'verification-failed',
      `the audit log ${log} is damaged (${problems[0]?.message}), so nothing is decided; see "weighbridge policy audit"`,
    );
  }
  return auditsIn(entries, now);
}

export function auditsIn(entries: readonly AuditEntry[], now: number): AuditEvidence[] {
  const closed = new Set(
    entries.filter(({ record }) => record['kind'] === 'audit-closed').map(({ record }) => record['audit']),
  );
  return entries.flatMap(({ sequence, record }) => {
    const due = listOf(record['obligations'])
      .map((each) => textOf(fieldsOf(each)['due']))
      .find((each) => each !== null);
    if (record['kind'] !== 'gate' || record['decision'] !== 'allow' || !due || closed.has(String(sequence))) return [];
    const model = fieldsOf(record['model']);
    return [
      {
        id: String(sequence),
        model: textOf(model['path']) ?? '',
        digest: textOf(model['digest']),
        due,
        overdue: Date.parse(due) < now,
      },
    ];
  });
}
