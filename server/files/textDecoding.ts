import { readFileSync } from 'node:fs';
import { onDisk } from './diskPath.ts';

/**
 * The text of a file, as its readers and editors decode it: UTF-8, or UTF-16 by its byte order mark (PEP 263, pip's `auto_decode`, YAML 1.2.2
 * section 5.2) or, without one, by the NULs between its first two characters (Python's `json.detect_encoding`). Bytes that are no UTF-8 become U+FFFD.
 * @returns null for UTF-32, which `json.loads` reads and nobody writes.
 */
export function decodeText(bytes: Uint8Array): string | null {
  const [a, b, c, d] = bytes;
  if (isUtf32(bytes)) return null;
  if (a === 0xff && b === 0xfe) return decoded(bytes, 'utf-16le');
  if (a === 0xfe && b === 0xff) return decoded(bytes, 'utf-16be');
  if (a !== 0 && b === 0 && c !== 0 && (d === 0 || d === undefined)) return decoded(bytes, 'utf-16le');
  if (a === 0 && b !== 0 && c === 0 && d !== 0) return decoded(bytes, 'utf-16be');
  return decoded(bytes, 'utf-8');
}

/** @throws the operating system's error when the file cannot be read. */
export function readTextFile(file: string): string | null {
  return decodeText(readFileSync(onDisk(file)));
}

function isUtf32([a, b, c, d]: Uint8Array): boolean {
  const marked = (a === 0xff && b === 0xfe && c === 0 && d === 0) || (a === 0 && b === 0 && c === 0xfe && d === 0xff);
  return marked || (a === 0 && b === 0 && c === 0 && d !== 0) || (a !== 0 && b === 0 && c === 0 && d === 0);
}

/** A byte order mark stays: who reads the text counts places without it. */
function decoded(bytes: Uint8Array, encoding: string): string {
  return new TextDecoder(encoding, { ignoreBOM: true }).decode(bytes);
}
