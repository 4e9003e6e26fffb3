import { relative, resolve, sep } from 'node:path';
import { copyName, exportClean, redactFields, type CopyOptions } from '../../engine/datasetCopies.ts';
import { marksIn } from '../../engine/datasetReview.ts';
import { WeighbridgeError } from '../../errors.ts';
import { jsonText, tool } from '../../report/json.ts';
import { count, printable } from '../../report/printable.ts';
import { emit, exitCodes, type Io } from '../io.ts';
import { choice, configuration, file, flag, readArguments, text, texts, type OptionTable } from '../options.ts';
import { progressOn } from '../progress.ts';

const options: OptionTable = { out: { type: 'string' }, overwrite: { type: 'boolean' } };

/** `weighbridge dataset export`. */
export async function exportData(args: string[], io: Io): Promise<number> {
  const { values, positionals } = readArguments('dataset', args, { ...options, marks: { type: 'string' } });
  const settings = await configuration(values, io.cwd);
  const marks = marksIn(file(values, 'marks', io.cwd) ?? settings.datasets.marks);
  return copied('export', 'clean', { values, positionals }, io, async (copy) => {
    const { kept, left, unreadable } = await exportClean({ ...copy, marks, without: new Set() });
    const words = `${count(kept, 'record')} kept, ${left} marked as poisoned left out`;
    return { result: { kept, left, unreadable }, words, unreadable };
  });
}

/** `weighbridge dataset redact`. */
export async function redactData(args: string[], io: Io): Promise<number> {
  const { values, positionals } = readArguments('dataset', args, {
    ...options,
    field: { type: 'string', multiple: true },
  });
  return copied('redact', 'redacted', { values, positionals }, io, async (copy) => {
    const {
      rows,
      redacted,
      values: found,
      unreadable,
    } = await redactFields({ ...copy, fields: texts(values, 'field') });
    const words = `${count(found, 'value')} replaced in ${redacted} of ${count(rows, 'record')}`;
    return { result: { rows, redacted, values: found, unreadable }, words, unreadable };
  });
}

async function copied(
  command: string,
  what: 'clean' | 'redacted',
  { values, positionals }: ReturnType<typeof readArguments>,
  io: Io,
  work: (copy: CopyOptions) => Promise<{ result: Record<string, number>; words: string; unreadable: number }>,
): Promise<number> {
  const [path, ...more] = positionals;
  if (path === undefined || path === '' || more.length > 0) {
    throw new WeighbridgeError('bad-usage', `name one file: weighbridge dataset ${command} FILE [--out FILE]`);
  }
  if (text(values, 'output') !== undefined) throw new WeighbridgeError('bad-usage', 'the copy is named with --out');
  const format = choice(values, 'format', ['text', 'json'], 'text');
  const target = resolve(io.cwd, path);
  const output = file(values, 'out', io.cwd) ?? copyName(target, what);
  if (output === target) throw new WeighbridgeError('bad-usage', 'the copy must have another name than the data');
  const progress = progressOn(io, flag(values, 'quiet'));
  let done: Awaited<ReturnType<typeof work>>;
  try {
    done = await work({
      file: target,
      output,
      overwrite: flag(values, 'overwrite'),
      signal: io.signal,
      onShare: (share) => progress.show({ done: Math.floor(share * 100), total: 100, path }),
    });
  } finally {
    progress.clear();
  }
  const shown = relative(io.cwd, output).split(sep).join('/');
  if (format === 'json') await emit(io, jsonText({ schemaVersion: 1, tool, output: shown, ...done.result }), undefined);
  else if (!flag(values, 'quiet')) {
    const left =
      done.unreadable > 0
        ? ` ${count(done.unreadable, 'record')} could not be read; see "weighbridge dataset scan".`
        : '';
    await emit(io, `Wrote ${printable(shown)}: ${done.words}.${left}\n`, undefined);
  }
  return exitCodes.ok;
}
