import { join } from 'node:path';
import { WeighbridgeError } from '../../errors.ts';
import { verifyAuditLog } from '../../policy/auditLog.ts';
import { jsonText, tool } from '../../report/json.ts';
import { count, printable } from '../../report/printable.ts';
import { emit, exitCodes, type Command } from '../io.ts';
import { choice, configuration, file, flag, readArguments, text } from '../options.ts';
import { outputFile } from '../outputFile.ts';

/** `weighbridge policy audit`. */
export const auditLog: Command['run'] = async (args, io) => {
  const { values, positionals } = readArguments('policy', args, { head: { type: 'string' } });
  const format = choice(values, 'format', ['text', 'json'], 'text');
  if (positionals.length > 1) throw new WeighbridgeError('bad-usage', 'policy audit takes one log');
  const { policy } = await configuration(values, io.cwd);
  const log =
    file({ log: positionals[0] }, 'log', io.cwd) ?? policy.auditLog ?? join(io.cwd, '.weighbridge', 'decisions.jsonl');
  const head = text(values, 'head');
  if (head !== undefined && !/^[0-9a-f]{64}$/.test(head)) {
    throw new WeighbridgeError('bad-usage', '--head must be a hash of 64 hexadecimal digits, as a decision prints it');
  }
  const output = await outputFile(values, io.cwd, [log]);
  const verdict = verifyAuditLog(log, head);
  const { intact, entries, problems } = verdict;
  const report =
    format === 'json'
      ? jsonText({ schemaVersion: 1, tool, log, intact, entries: entries.length, head: verdict.head, problems })
      : [
          ...problems.map(
            ({ line, message }) => `${printable(log)}${line === null ? '' : `:${line}`}: ${printable(message)}`,
          ),
          intact
            ? `${printable(log)}: intact, ${count(entries.length, 'entry', 'entries')}, head ${verdict.head.hash}`
            : `${printable(log)}: not intact`,
          '',
        ].join('\n');
  if (!flag(values, 'quiet') || output !== undefined) await emit(io, report, output);
  return intact ? exitCodes.ok : exitCodes.findings;
};
