import { existsSync } from 'node:fs';
import { headFile, verifyAuditLog, type AuditEntry } from '../../policy/auditLog.ts';
import { auditsIn } from '../../policy/evidence/audits.ts';
import { fieldsOf, listOf, textOf } from '../../policy/yamlDocument.ts';
import { count, printable } from '../../report/printable.ts';
import { relativePath, uriOfPath } from '../address.ts';
import type { Folder } from '../folder.ts';
import type { AuditLogText } from './protocol.ts';

/** Entries that a text shows, the newest first. */
const most = 1000;

/** The log of a folder's decisions for a person to read; null where the folder keeps none. */
export function auditLogText(folder: Folder, now: number): AuditLogText | null {
  const log = folder.scanner.configuration.policy.auditLog;
  if (log === null) return null;
  const uri = uriOfPath(log);
  const name = relativePath(folder.path, log);
  if (!existsSync(log) && !existsSync(headFile(log))) {
    return { uri, intact: true, text: `${name}\n\nNo decision was recorded yet.\n` };
  }
  if (!existsSync(log)) {
    return { uri, intact: false, text: `${name}\n\nDAMAGED: the log is gone, and its head is not.\n` };
  }
  const { intact, entries, head, problems } = verifyAuditLog(log);
  const open = intact ? auditsIn(entries, now) : [];
  const lines = [
    name,
    '',
    intact
      ? `Intact: ${count(entries.length, 'entry', 'entries')}, head ${head.hash}`
      : 'DAMAGED: every gate of this repository denies until this is cleared up.',
    ...problems.map(({ line, message }) => `  ${line === null ? '' : `line ${line}: `}${message}`),
    ...open.map(
      ({ id, model, due, overdue }) =>
        `${overdue ? 'OVERDUE' : 'Owed'}: the security audit of the hotfix ${id} (${model}), due ${due}`,
    ),
    '',
    ...[...entries].reverse().slice(0, most).flatMap(linesOf),
    ...(entries.length > most ? [`... and ${entries.length - most} older ones`] : []),
  ];
  return { uri, intact, text: `${lines.map(printable).join('\n')}\n` };
}

function linesOf({ sequence, record, hash }: AuditEntry): string[] {
  const field = (key: string) => textOf(record[key]);
  const kind = field('kind') ?? '?';
  const what =
    kind === 'gate'
      ? `${field('gate') ?? '?'}  ${textOf(fieldsOf(record['model'])['path']) ?? ''}`
      : kind === 'authorize'
        ? `authorize  ${field('job') ?? ''}`
        : `${kind}  ${field('audit') ?? ''}`;
  const when = field('decidedAt') ?? field('closedAt') ?? '';
  const who = field('subject') ?? field('by') ?? '';
  const verdict = (field('decision') ?? 'recorded').toUpperCase();
  const reasons = listOf(record['reasons']).map(fieldsOf);
  return [
    `#${sequence}  ${when}  ${verdict}  ${what}${who === '' ? '' : `  by ${who}`}  ${hash.slice(0, 12)}`,
    ...reasons.map(({ rule, message }) => `      ${textOf(rule) ?? ''}: ${textOf(message) ?? ''}`),
  ];
}
