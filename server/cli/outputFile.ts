import { realpathSync } from 'node:fs';
import { basename } from 'node:path';
import { WeighbridgeError } from '../errors.ts';
import { FileSource } from '../files/fileSource.ts';
import { file, type OptionValues } from './options.ts';

/**
 * The file that `--output` names, absolute; undefined when it is not given. A report replaces an older report, and
 * nothing that was meant to be read.
 * @param used what the command reads or writes elsewise, absolute; null where there is none.
 * @throws {WeighbridgeError} `bad-usage`, before anything was done.
 */
export async function outputFile(
  values: OptionValues,
  cwd: string,
  used: readonly (string | null | undefined)[],
): Promise<string | undefined> {
  const output = file(values, 'output', cwd);
  if (output === undefined) return undefined;
  refuseUsed('output', output, used);
  await refuseModel(output);
  return output;
}

/** @throws {WeighbridgeError} `bad-usage` where an option would write what the command reads or writes elsewise. */
export function refuseUsed(option: string, output: string, used: readonly (string | null | undefined)[]): void {
  const place = placeOf(output);
  if (used.some((path) => typeof path === 'string' && placeOf(path) === place)) {
    throw refusal(output, 'this command reads or writes that file itself', option);
  }
}

/** @throws {WeighbridgeError} `bad-usage` where a model, a configuration or code stands that a report would replace. */
export async function refuseModel(output: string, option = 'output'): Promise<void> {
  const { identify } = await import('../formats/identify.ts');
  const { textLanguage } = await import('../formats/text/parse.ts');
  let source: FileSource;
  try {
    source = new FileSource(output);
  } catch {
    return; // Not there, or nothing that can be read: writing it says what is wrong.
  }
  try {
    const [format = 'unknown'] = identify(source, basename(output));
    if (format === 'empty' || format === 'unknown') return;
    if (format !== 'text') {
      throw refusal(output, `the file there is a model or a part of one (${format})`, option);
    }
    const language = textLanguage(output);
    // JSON is what a report is, too.
    if (language !== null && language !== 'json') {
      throw refusal(output, `the file there is ${language}, and no report`, option);
    }
  } finally {
    source.close();
  }
}

const refusal = (output: string, why: string, option: string): WeighbridgeError =>
  new WeighbridgeError('bad-usage', `--${option} would replace ${output}, and ${why}: name another file`);

/** The same file under any of its names. */
function placeOf(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
}
