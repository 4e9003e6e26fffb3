import { reasonOf } from '../../files/reason.ts';
import { WeighbridgeError } from '../../errors.ts';
import { FileSource } from '../../files/fileSource.ts';
import { requestLogJson, requestLogText } from '../../report/requestLogText.ts';
import { analyseLog } from '../../runtime/requestLog/analyse.ts';
import { number } from '../endpointArguments.ts';
import { coloursFor, emit, exitCodes, type Io } from '../io.ts';
import { choice, flag, readArguments } from '../options.ts';
import { outputFile } from '../outputFile.ts';
import { progressOn } from '../progress.ts';
import { resolve } from 'node:path';

/** `weighbridge drift log`. */
export async function log(args: string[], io: Io): Promise<number> {
  const { values, positionals } = readArguments('drift', args, { window: { type: 'string' } });
  const format = choice(values, 'format', ['text', 'json'], 'text');
  const [name, ...more] = positionals;
  if (name === undefined || name === '' || more.length > 0) {
    throw new WeighbridgeError('bad-usage', 'name one inference log: weighbridge drift log FILE.jsonl');
  }
  const path = resolve(io.cwd, name);
  const output = await outputFile(values, io.cwd, [path]);
  const windowMs = 1000 * number(values, 'window', 60, 1, 86_400);
  const progress = progressOn(io, flag(values, 'quiet'));
  const source = open(path);
  try {
    const onProgress = (done: number): void => progress.show({ done, total: source.size, path: name });
    const analysis = analyseLog(source, { windowMs, signal: io.signal, onProgress });
    progress.clear();
    if (io.signal.aborted) throw new WeighbridgeError('cancelled', 'stopped before the end of the log');
    if (!flag(values, 'quiet') || output !== undefined || format !== 'text') {
      const colours = coloursFor(io, { noColor: flag(values, 'no-color'), output });
      await emit(
        io,
        format === 'json' ? requestLogJson(analysis, name) : requestLogText(analysis, name, colours),
        output,
      );
    }
    return analysis.findings.length > 0 ? exitCodes.findings : exitCodes.ok;
  } finally {
    progress.clear();
    source.close();
  }
}

function open(path: string): FileSource {
  try {
    return new FileSource(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT')
      throw new WeighbridgeError('not-found', `${path} is not there: name an inference log, JSON a line`, { cause });
    throw cause instanceof WeighbridgeError
      ? cause
      : new WeighbridgeError('unreadable', `cannot read ${path}: ${reasonOf(cause)}`, { cause });
  }
}
