import type { SeededRandom } from './seededRandom.ts';

/** A damaged copy of a file, with a name that is enough to make it again. */
export interface Mutation {
  what: string;
  bytes: Uint8Array;
  /** The first byte that differs from the original. */
  from: number;
}

type Damage = (bytes: Uint8Array, at: number, random: SeededRandom) => { what: string; bytes: Uint8Array };

/** Lengths that overflow 31, 32 and 63 bits, that are one past a limit, or that are just too long for any file here. */
const hugeLengths = [
  0x7fffffffn,
  0x80000000n,
  0xffffffffn,
  0xfffffffen,
  0x7fffffffffffffffn,
  0xffffffffffffffffn,
  1n << 40n,
];

/** Bytes that mean something to the readers: opcodes that open, call, jump in length or end; magic numbers. */
const loaded = [
  ...['.', 'c', 'i', 'o', 'R', 'b', '(', '0', '1', '2', 't', 's', 'u', 'e', 'Q', 'P'].map((text) => Buffer.from(text)),
  ...[
    '80 02',
    '80 05',
    '95 ff ff 00 00 00 00 00 00',
    '8e ff ff ff ff ff ff ff 7f',
    '8b ff ff ff 7f',
    '82 01',
    '94',
    '93',
  ]
    .map((hex) => hex.replaceAll(' ', ''))
    .map((hex) => Buffer.from(hex, 'hex')),
  ...['PK\x03\x04', 'PK\x01\x02', 'PK\x05\x06', '\x93NUMPY', '\x1f\x8b\x08', 'BZh9', '\x78\x9c', '{"a":'].map((text) =>
    Buffer.from(text, 'latin1'),
  ),
];

const damages: Damage[] = [
  (bytes, at) => ({ what: `cut at ${at}`, bytes: bytes.subarray(0, at) }),
  (bytes, at, random) => {
    const bit = random.below(8);
    return {
      what: `bit ${bit} of ${at} flipped`,
      bytes: replaced(bytes, at, Uint8Array.of((bytes[at] ?? 0) ^ (1 << bit))),
    };
  },
  (bytes, at, random) => {
    const value = random.pick([0, 1, 0x7f, 0x80, 0xff, random.below(256)]);
    return { what: `${at} set to ${value}`, bytes: replaced(bytes, at, Uint8Array.of(value)) };
  },
  (bytes, at, random) => {
    const width = random.pick([4, 8] as const);
    const length = random.pick(hugeLengths);
    const field = Buffer.alloc(8);
    field.writeBigUInt64LE(length);
    return { what: `${width}-byte length ${length} at ${at}`, bytes: replaced(bytes, at, field.subarray(0, width)) };
  },
  (bytes, at, random) => {
    const more = random.pick(loaded);
    return {
      what: `${more.toString('hex')} put in at ${at}`,
      bytes: Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at)]),
    };
  },
  (bytes, at, random) => {
    const count = 1 + random.below(16);
    return {
      what: `${count} removed at ${at}`,
      bytes: Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + count)]),
    };
  },
  (bytes, at, random) => {
    const end = Math.min(bytes.length, at + 1 + random.below(200));
    const times = 1 + random.below(8);
    const copies = Array.from({ length: times }, () => bytes.subarray(at, end));
    return {
      what: `${at}..${end} repeated ${times} times`,
      bytes: Buffer.concat([bytes.subarray(0, end), ...copies, bytes.subarray(end)]),
    };
  },
];

/**
 * Damaged copies of `bytes`, the same for the same random numbers.
 * @param start nothing before this offset is touched.
 */
export function* mutationsOf(bytes: Uint8Array, count: number, random: SeededRandom, start = 0): Generator<Mutation> {
  const places = bytes.length - start;
  if (places <= 0) return;
  for (let index = 0; index < count; index++) {
    // Headers decide how the rest is read: half of the damage goes to the first and the last 200 bytes.
    const edge = Math.min(places, 200);
    const near = [random.below(edge), places - 1 - random.below(edge), random.below(places), random.below(places)];
    const at = start + random.pick(near);
    const { what, bytes: damaged } = random.pick(damages)(bytes, at, random);
    yield { what, bytes: damaged, from: at };
  }
}

function replaced(bytes: Uint8Array, at: number, by: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy.set(by.subarray(0, Math.max(0, copy.length - at)), at);
  return copy;
}
