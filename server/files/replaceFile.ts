import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { WeighbridgeError } from '../errors.ts';

/**
 * Writes a small text file whole or not at all: beside its place first, flushed, then renamed over what stood there,
 * whose permissions it keeps.
 * @throws {WeighbridgeError} `unwritable`; nothing is left behind, and what stood there still does.
 */
export function replaceFile(path: string, text: string): void {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0o666;
    const descriptor = openSync(temporary, 'wx', mode & 0o777);
    try {
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, path);
  } catch (cause) {
    try {
      rmSync(temporary, { force: true });
    } catch {
      // It could not be made in the first place: the error that is thrown says why.
    }
    throw new WeighbridgeError('unwritable', `cannot write ${path}: ${(cause as Error).message}`, { cause });
  }
}
