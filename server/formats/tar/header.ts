import type { ByteSource } from '../source.ts';

export const blockSize = 512;

/** A ustar header (POSIX.1-1988 and pax, IEEE Std 1003.1), as it is written. */
export interface TarHeader {
  name: string;
  /** Bytes of data; null when no file can be that long. */
  size: number | null;
  type: string;
  linkName: string;
}

const text = (field: Uint8Array): string => {
  const end = field.indexOf(0);
  return decode(end < 0 ? field : field.subarray(0, end));
};

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Names are UTF-8 when they can be, otherwise one character a byte. */
export function decode(bytes: Uint8Array): string {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return Buffer.from(bytes).toString('latin1');
  }
}

/**
 * A number: octal digits, or base 256 when the first byte is 0x80 (GNU). Undefined when it is neither; null when it is
 * negative or above 2^53.
 */
export function parseNumber(field: Uint8Array): number | null | undefined {
  const first = field[0]!;
  if (first === 0x80 || first === 0xff) {
    if (first === 0xff) return null;
    let value = 0;
    for (const byte of field.subarray(1)) value = value * 256 + byte;
    return Number.isSafeInteger(value) ? value : null;
  }
  const digits = Buffer.from(field).toString('latin1').replace(/\0.*$/s, '').trim();
  if (digits === '') return 0;
  return /^[0-7]+$/.test(digits) ? parseInt(digits, 8) : undefined;
}

/** The header in a block, or null when the block does not carry its own checksum: what makes a block a header. */
export function parseTarHeader(block: Uint8Array): TarHeader | null {
  if (block.length < blockSize) return null;
  const recorded = parseNumber(block.subarray(148, 156));
  const size = parseNumber(block.subarray(124, 136));
  if (recorded === undefined || recorded === null || size === undefined) return null;
  let unsigned = 8 * 0x20;
  let signed = unsigned;
  let any = 0;
  for (let at = 0; at < blockSize; at++) {
    if (at >= 148 && at < 156) continue;
    const byte = block[at]!;
    any |= byte;
    unsigned += byte;
    // Some old writers added up signed bytes; readers accept both.
    signed += byte < 0x80 ? byte : byte - 0x100;
  }
  if (any === 0 || (recorded !== unsigned && recorded !== signed)) return null;
  const prefix = decode(block.subarray(257, 262)) === 'ustar' && block[262] === 0 ? text(block.subarray(345, 500)) : '';
  const name = text(block.subarray(0, 100));
  return {
    name: prefix ? `${prefix}/${name}` : name,
    size,
    type: block[156] === 0 ? '0' : String.fromCharCode(block[156]!),
    linkName: text(block.subarray(157, 257)),
  };
}

/** Whether bytes begin as a tar archive does. Needs the first 512 bytes. */
export function looksLikeTar(head: Uint8Array): boolean {
  const header = parseTarHeader(head);
  return header !== null && header.name !== '';
}

/** Pax records, `<length> <key>=<value>\n` one after another. Those that break the form end the list. */
export function parsePax(bytes: Uint8Array): [key: string, value: string][] {
  const records: [string, string][] = [];
  let at = 0;
  while (at < bytes.length) {
    const space = bytes.indexOf(0x20, at);
    if (space < 0 || space - at > 10) break;
    const length = Number(decode(bytes.subarray(at, space)));
    if (!Number.isSafeInteger(length) || length <= space - at + 1 || at + length > bytes.length) break;
    const record = decode(bytes.subarray(space + 1, at + length - 1));
    const equals = record.indexOf('=');
    if (equals > 0) records.push([record.slice(0, equals), record.slice(equals + 1)]);
    at += length;
  }
  return records;
}

/** Whether `length` bytes from `position` are zero. */
export function isZero(source: ByteSource, position: number, length: number): boolean {
  return source.read(position, length).every((byte) => byte === 0);
}
