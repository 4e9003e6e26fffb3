import { readFileSync, statSync } from 'node:fs';
import { WeighbridgeError } from '../errors.ts';

/** Keys, certificates and trust configurations are small; something longer, in bytes, is another file. */
const longest = 16 << 20;

/**
 * The text of a file that an option names.
 * @throws {WeighbridgeError} `not-found`, `unreadable`, `bad-input`.
 */
export function inputText(path: string): string {
  let text: string;
  try {
    if (statSync(path).size > longest)
      throw new WeighbridgeError('bad-input', `${path} is too large for what it should be.`);
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if (cause instanceof WeighbridgeError) throw cause;
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw missing
      ? new WeighbridgeError('not-found', `There is no file ${path}.`, { cause })
      : new WeighbridgeError('unreadable', `${path} cannot be read: ${(cause as Error).message}.`, { cause });
  }
  return text;
}

/** The same as a JSON value. @throws {WeighbridgeError} */
export function inputJson(path: string): unknown {
  try {
    return JSON.parse(inputText(path)) as unknown;
  } catch (cause) {
    if (cause instanceof WeighbridgeError) throw cause;
    throw new WeighbridgeError('bad-input', `${path} is no JSON.`, { cause });
  }
}
