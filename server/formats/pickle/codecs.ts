import type { Budget } from '../limits.ts';
import { expandInMemory } from '../compression/expand.ts';
import type { StreamStop } from '../compression/expansion.ts';
import { inflate } from '../compression/inflate.ts';
import { bzip2, gzip, lzma, xz, zlib, zstd, type StreamFormat } from '../compression/streams.ts';
import { MemorySource } from '../source.ts';
import { bytesOrText, isBytes, latin1, latin1Text, type Constant } from './constants.ts';

/** A codec of Python's `codecs`, under its normalised name (`encodings.normalize_encoding`, `encodings.aliases`). */
interface Codec {
  encode?(text: Constant): Constant | undefined;
  decode?(bytes: Constant, unpack: Unpack): Constant | undefined;
}

/** Expands a compressed stream within the limits; undefined when nothing came out. */
export type Unpack = (format: Compression, bytes: Uint8Array) => Uint8Array | undefined;

export type Compression = 'deflate' | 'zlib' | 'gzip' | 'bz2' | 'lzma' | 'zstd';

const rotate = (text: string): string =>
  text.replace(/[a-z]/gi, (letter) => {
    const base = letter <= 'Z' ? 65 : 97;
    return String.fromCharCode(((letter.charCodeAt(0) - base + 13) % 26) + base);
  });

const textCodec = (write: (text: string) => Uint8Array | undefined, read: (bytes: Uint8Array) => string): Codec => ({
  encode: (text) => (typeof text === 'string' ? write(text) : undefined),
  decode: (bytes) => (isBytes(bytes) ? read(bytes) : undefined),
});

const decoderOf = (name: string) => (bytes: Uint8Array) => new TextDecoder(name, { ignoreBOM: true }).decode(bytes);
const utf8 = textCodec((text) => new Uint8Array(Buffer.from(text, 'utf8')), decoderOf('utf-8'));
const utf16: Codec = textCodec((text) => new Uint8Array(Buffer.from(text, 'utf16le')), decoderOf('utf-16le'));
const oneByte = textCodec(latin1, latin1Text);
const rot13: Codec = {
  encode: (text) => (typeof text === 'string' ? rotate(text) : undefined),
  decode: (text) => (typeof text === 'string' ? rotate(text) : undefined),
};
const hex: Codec = {
  encode: (bytes) => (isBytes(bytes) ? latin1(Buffer.from(bytes).toString('hex')) : undefined),
  decode: (bytes) => unhex(bytes),
};
const base64: Codec = { decode: (bytes) => unbase64(bytes) };
const compressed = (format: Compression): Codec => ({
  decode: (bytes, unpack) => (isBytes(bytes) ? unpack(format, bytes) : undefined),
});

const codecs: Readonly<Record<string, Codec>> = {
  utf8,
  u8: utf8,
  utf: utf8,
  cp65001: utf8,
  utf16le: utf16,
  ascii: oneByte,
  usascii: oneByte,
  '646': oneByte,
  latin1: oneByte,
  latin: oneByte,
  l1: oneByte,
  iso88591: oneByte,
  '8859': oneByte,
  cp819: oneByte,
  rot13,
  hex,
  hexcodec: hex,
  base64,
  base64codec: base64,
  zlib: compressed('zlib'),
  zip: compressed('zlib'),
  zlibcodec: compressed('zlib'),
  bz2: compressed('bz2'),
  bz2codec: compressed('bz2'),
};

const codec = (name: Constant | undefined): Codec | undefined => {
  if (name === undefined) return utf8;
  const key = typeof name === 'string' ? name.toLowerCase().replace(/[^a-z0-9]/g, '') : '';
  return Object.hasOwn(codecs, key) ? codecs[key] : undefined;
};

/** `codecs.encode(value, name)`. */
export function encode(value: Constant, name: Constant | undefined): Constant | undefined {
  return codec(name)?.encode?.(value);
}

/** `codecs.decode(value, name)`. */
export function decode(value: Constant, name: Constant | undefined, unpack: Unpack): Constant | undefined {
  return codec(name)?.decode?.(value, unpack);
}

/** `text.encode(name)`, with codecs that give bytes. */
export function encodeText(text: string, name: Constant | undefined): Uint8Array | undefined {
  const bytes = encode(text, name);
  return isBytes(bytes) ? bytes : undefined;
}

/** `bytes.decode(name)`, with codecs that give text; nothing is nothing in any of them. */
export function decodeText(bytes: Uint8Array, name: Constant | undefined, unpack: Unpack): string | undefined {
  const text = bytes.length === 0 ? '' : decode(bytes, name, unpack);
  return typeof text === 'string' ? text : undefined;
}

/** `bytes.fromhex`, `binascii.unhexlify`. */
export function unhex(value: Constant | undefined): Uint8Array | undefined {
  const bytes = bytesOrText(value);
  if (bytes === undefined) return undefined;
  const digits = latin1Text(bytes).replace(/\s+/g, '');
  return /^(?:[0-9a-f]{2})*$/i.test(digits) ? new Uint8Array(Buffer.from(digits, 'hex')) : undefined;
}

const base64Letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** `binascii.a2b_base64`: what is not of the alphabet is skipped, and a group that is padded ends it (CPython, binascii.c). */
export function unbase64(value: Constant | undefined): Uint8Array | undefined {
  const bytes = bytesOrText(value);
  if (bytes === undefined) return undefined;
  const out = new Uint8Array(Math.ceil(bytes.length / 4) * 3);
  let length = 0;
  let position = 0;
  let pads = 0;
  let held = 0;
  for (const byte of bytes) {
    if (byte === 0x3d) {
      if (position >= 2 && position + ++pads >= 4) return out.slice(0, length);
      continue;
    }
    const digit = base64Letters.indexOf(String.fromCharCode(byte));
    if (digit < 0) continue;
    pads = 0;
    held = ((held << 6) | digit) & 0xffff;
    if (position > 0) out[length++] = held >> (6 - 2 * position);
    position = (position + 1) % 4;
  }
  return position === 0 ? out.slice(0, length) : undefined;
}

/** `base64.b32decode` (RFC 4648) and `b16decode`. */
export function unbase32(value: Constant | undefined): Uint8Array | undefined {
  const bytes = bytesOrText(value);
  if (bytes === undefined) return undefined;
  const out: number[] = [];
  let bits = 0;
  let held = 0;
  for (const letter of latin1Text(bytes).toUpperCase()) {
    if (letter === '=') break;
    const digit = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter);
    if (digit < 0) return undefined;
    held = ((held << 5) | digit) & 0xfff;
    bits += 5;
    if (bits >= 8) out.push((held >> (bits -= 8)) & 0xff);
  }
  return Uint8Array.from(out);
}

const base85Letters = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~';
const ascii85Letters = Array.from({ length: 85 }, (_, index) => String.fromCharCode(33 + index)).join('');

/** `base64.b85decode`, and `a85decode` with Adobe's alphabet. */
export function unbase85(value: Constant | undefined, ascii85: boolean): Uint8Array | undefined {
  const bytes = bytesOrText(value);
  if (bytes === undefined) return undefined;
  const letters = ascii85 ? ascii85Letters : base85Letters;
  const text = ascii85 ? latin1Text(bytes).replace(/\s+/g, '').replaceAll('z', '!!!!!') : latin1Text(bytes);
  const out: number[] = [];
  for (let from = 0; from < text.length; from += 5) {
    const group = text.slice(from, from + 5);
    let number = 0;
    for (let index = 0; index < 5; index++) {
      const digit = index < group.length ? letters.indexOf(group[index] as string) : 84;
      if (digit < 0) return undefined;
      number = number * 85 + digit;
    }
    if (number > 0xffffffff) return undefined;
    for (let index = 0; index < group.length - 1; index++) out.push(Math.floor(number / 2 ** (24 - 8 * index)) & 0xff);
  }
  return Uint8Array.from(out);
}

const streams: Readonly<Record<Compression, StreamFormat[]>> = {
  deflate: [],
  zlib: [zlib],
  gzip: [gzip],
  bz2: [bzip2],
  lzma: [xz, lzma],
  zstd: [zstd],
};

/** Bytes that a compressed value may expand to. */
const longestUnpacked = 64 << 20;

/**
 * Expands a compressed value as Python's `decompress` does, within the artifact's limits. `zlib` reads one stream, the
 * others all that follow one another.
 * @returns undefined when it breaks, as Python raises then, or at a limit, which is told.
 */
export function unpacked(
  format: Compression,
  bytes: Uint8Array,
  budget: Budget,
  stopped: (stop: StreamStop) => void,
): Uint8Array | undefined {
  const source = new MemorySource(bytes);
  const stream = streams[format].find((candidate) => candidate.begins(source, 0));
  if (stream === undefined && format !== 'deflate') return undefined;
  const { content, stop } = expandInMemory(source, budget, longestUnpacked, (input, output) => {
    if (stream === undefined) return inflate(input, output);
    do stream.decode(input, output);
    while (format !== 'zlib' && !input.atEnd && stream.begins(source, input.position));
  });
  if (stop === null) return content.read(0, content.size);
  if (stop.code !== 'malformed' && stop.code !== 'truncated') stopped(stop);
  return undefined;
}
