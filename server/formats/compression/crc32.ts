import * as zlib from 'node:zlib';

const table = new Uint32Array(256);
for (let byte = 0; byte < 256; byte++) {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  table[byte] = value;
}

function ours(bytes: Uint8Array, seed: number): number {
  let crc = ~seed;
  for (const byte of bytes) crc = table[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** node:zlib has one of its own only from 20.15 on. */
const native = (zlib as { crc32?: (bytes: Uint8Array, seed: number) => number }).crc32 ?? ours;

/** CRC-32 as in ZIP, gzip and xz (reflected, polynomial 0x04C11DB7). `seed` is the result for the bytes before. */
export function crc32(bytes: Uint8Array, seed = 0): number {
  return native(bytes, seed);
}
