import { closeSync, openSync, readSync } from 'node:fs';
import { WeighbridgeError } from '../errors.ts';
import { certificatesOf } from '../signing/certificatePem.ts';

/** Keys, certificates and trust configurations are small; something longer, in bytes, is another file. */
const longest = 16 << 20;

/** Bytes a read. */
const block = 64 << 10;

/**
 * The text of a file that an option names. It may be a pipe, as a shell's `<(...)` is: what counts is how much comes out.
 * @param limit bytes at most.
 * @throws {WeighbridgeError} `not-found`, `unreadable`, `bad-input`.
 */
export function inputText(path: string, limit = longest): string {
  try {
    return decoded(readUpTo(path, limit));
  } catch (cause) {
    if (cause instanceof WeighbridgeError) throw cause;
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new WeighbridgeError('not-found', `There is no file ${path}.`, { cause });
    const why = code === 'EISDIR' ? 'it is a folder' : message;
    throw new WeighbridgeError('unreadable', `${path} cannot be read: ${why}.`, { cause });
  }
}

/** UTF-8, or UTF-16 by its byte order mark: PowerShell writes what a program prints so. */
function decoded(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.toString('utf16le', 2);
  if (bytes[0] === 0xfe && bytes[1] === 0xff)
    return bytes
      .subarray(2, bytes.length & ~1)
      .swap16()
      .toString('utf16le');
  const isMarked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return bytes.toString('utf8', isMarked ? 3 : 0);
}

/** @throws {WeighbridgeError} `bad-input` where there is more: a device has no size that would tell before. */
function readUpTo(path: string, limit: number): Buffer {
  const descriptor = openSync(path, 'r');
  try {
    const pieces: Buffer[] = [];
    for (let total = 0; ;) {
      const piece = Buffer.allocUnsafe(block);
      const count = readSync(descriptor, piece);
      if (count === 0) return Buffer.concat(pieces);
      total += count;
      if (total > limit) throw new WeighbridgeError('bad-input', `${path} is too large for what it should be.`);
      pieces.push(piece.subarray(0, count));
    }
  } finally {
    closeSync(descriptor);
  }
}

/**
 * The text of a file with certificates.
 * @param name of the file, for the message.
 * @throws {WeighbridgeError} as `inputText`; `bad-input` where there is none in it.
 */
export function certificateText(path: string, name = path): string {
  const text = inputText(path);
  certificatesOf(text, name);
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
