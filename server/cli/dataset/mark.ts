import { relative, resolve, sep } from 'node:path';
import { markRecords } from '../../engine/datasetMarks.ts';
import { WeighbridgeError } from '../../errors.ts';
import { count, printable } from '../../report/printable.ts';
import { jsonText, tool } from '../../report/json.ts';
import { emit, exitCodes, type Io } from '../io.ts';
import { choice, configuration, file, flag, readArguments, text, texts } from '../options.ts';
import { outputFile } from '../outputFile.ts';

/** `weighbridge dataset mark`. */
export async function markData(args: string[], io: Io): Promise<number> {
  const { values, positionals } = readArguments('dataset', args, {
    line: { type: 'string', multiple: true },
    as: { type: 'string' },
    reason: { type: 'string' },
    marks: { type: 'string' },
  });
  const [path, ...more] = positionals;
  if (path === undefined || path === '' || more.length > 0) {
    throw new WeighbridgeError(
      'bad-usage',
      'name one file: weighbridge dataset mark FILE --line N --as clean|poisoned --reason TEXT',
    );
  }
  const lines = texts(values, 'line').map((line) => {
    if (/^[1-9]\d{0,14}$/.test(line)) return Number(line);
    throw new WeighbridgeError('bad-usage', `--line must be the number of a line, not "${line}"`);
  });
  if (lines.length === 0) throw new WeighbridgeError('bad-usage', 'say which records: --line N, as often as needed');
  if (text(values, 'as') === undefined)
    throw new WeighbridgeError('bad-usage', 'say what they are: --as clean, --as poisoned, or --as unmarked');
  const as = choice(values, 'as', ['clean', 'poisoned', 'unmarked'], 'clean');
  const format = choice(values, 'format', ['text', 'json'], 'text');
  const settings = await configuration(values, io.cwd);
  const target = resolve(io.cwd, path);
  const marks = file(values, 'marks', io.cwd) ?? settings.datasets.marks;
  const output = await outputFile(values, io.cwd, [target, marks, settings.file]);
  const shown = relative(io.cwd, target).split(sep).join('/');
  const records = await markRecords({
    file: target,
    path: shown,
    lines,
    mark: as === 'unmarked' ? null : as,
    reason: text(values, 'reason') ?? '',
    marks,
  });
  const marked = records.size;
  const kept = relative(io.cwd, marks).split(sep).join('/');
  if (format === 'json') {
    await emit(io, jsonText({ schemaVersion: 1, tool, marked, as, marks: kept }), output);
  } else if (!flag(values, 'quiet')) {
    const what = as === 'unmarked' ? 'no longer marked' : `marked as ${as}`;
    await emit(
      io,
      `${printable(shown)}: ${count(marked, 'record')} ${what} in ${printable(kept)}. Commit it, so that CI respects it.\n`,
      output,
    );
  }
  return exitCodes.ok;
}
