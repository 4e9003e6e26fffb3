import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { Budget, defaultLimits } from '../limits.ts';
import { MemorySource } from '../source.ts';
import { expand } from './expand.ts';
import { bzip2, gzip, lz4, lzma, xz, zlib, zstd, type StreamFormat } from './streams.ts';
import * as vectors from './vectors.fixture.ts';

const small = { whole: 300, page: 50 };

/** Text that repeats itself near and far, and noise: what every decoder has another way for. */
function content(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let seed = 1;
  for (let at = 0; at < length; at++) {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    bytes[at] = at % 700 < 350 ? 97 + (at % 23) : seed >>> 24;
  }
  return bytes;
}

const plain = content(60_000);

function open(stream: StreamFormat, bytes: Uint8Array, limits = defaultLimits) {
  const source = new MemorySource(bytes);
  const budget = new Budget(limits);
  return expand(
    source,
    budget,
    (input, output, state) => {
      let from = state;
      do {
        stream.decode(input, output, from);
        from = undefined;
      } while (!input.atEnd && stream.begins(source, input.position));
    },
    small,
  );
}

/** What node:zlib does not write is put together of stored blocks, which each format has. */
const storedLz4 = (data: Buffer): Buffer => {
  const blocks: Buffer[] = [Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x70, 0x73])];
  for (let at = 0; at < data.length; at += 3_000) {
    const part = data.subarray(at, at + 3_000);
    const size = Buffer.alloc(4);
    size.writeUInt32LE((part.length + 2 ** 31) >>> 0);
    blocks.push(size, part);
  }
  return Buffer.concat([...blocks, Buffer.alloc(4)]);
};

const storedZstd = (data: Buffer): Buffer => {
  const blocks: Buffer[] = [Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58])];
  for (let at = 0; at < data.length; at += 3_000) {
    const part = data.subarray(at, at + 3_000);
    const header = (part.length << 3) | (at + 3_000 >= data.length ? 1 : 0);
    blocks.push(Buffer.from([header & 0xff, (header >> 8) & 0xff, header >> 16]), part);
  }
  return Buffer.concat(blocks);
};

const storedXz = (data: Buffer): Buffer => {
  const chunks: Buffer[] = [];
  for (let at = 0; at < data.length; at += 3_000) {
    const part = data.subarray(at, at + 3_000);
    chunks.push(Buffer.from([at === 0 ? 1 : 2, (part.length - 1) >> 8, (part.length - 1) & 0xff]), part);
  }
  const body = Buffer.concat([...chunks, Buffer.alloc(1)]);
  const header = Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0, 0, 0, 0, 0, 0]);
  const block = Buffer.from([2, 0, 0x21, 1, 16, 0, 0, 0, 0, 0, 0, 0]);
  const footer = Buffer.concat([Buffer.from([0, 0, 0, 0, 0, 0, 0, 0]), Buffer.alloc(10), Buffer.from('YZ')]);
  return Buffer.concat([header, block, body, Buffer.alloc((4 - (body.length % 4)) % 4), footer]);
};

const repeated = (bytes: Uint8Array): Buffer => Buffer.concat(Array.from({ length: 8 }, () => bytes));

const streams: [string, StreamFormat, Buffer, Buffer][] = [
  ['gzip', gzip, gzipSync(plain), plain],
  ['gzip of one block for all', gzip, gzipSync(plain, { level: 9, memLevel: 9 }), plain],
  ['gzip that is stored', gzip, gzipSync(plain, { level: 0 }), plain],
  ['gzip, several streams', gzip, Buffer.concat([gzipSync(plain), gzipSync(plain)]), Buffer.concat([plain, plain])],
  ['zlib', zlib, deflateSync(plain), plain],
  ['lz4', lz4, storedLz4(plain), plain],
  ['zstd', zstd, storedZstd(plain), plain],
  ['xz', xz, storedXz(plain), plain],
  ['lzma', lzma, Buffer.from(vectors.alone), vectors.plain],
  ['bzip2, several streams', bzip2, repeated(vectors.bzip2), repeated(vectors.plain)],
  ['xz, several streams', xz, repeated(vectors.xz), repeated(vectors.plain)],
];

describe('content that is too long to be kept', () => {
  for (const [name, stream, bytes, expected] of streams) {
    it(`is read onward and back from ${name}`, () => {
      const { content: source, stop } = open(stream, bytes);
      assert.equal(stop, null);
      assert.equal(source.size, expected.length);
      const onward: Uint8Array[] = [];
      for (let at = 0; at < source.size; at += 777) onward.push(source.read(at, 777).slice());
      assert.deepEqual(Buffer.concat(onward), expected);
      assert.deepEqual(Buffer.from(source.read(0, source.size + 10)), expected);
      const anywhere = fc.tuple(fc.nat(expected.length + 10), fc.nat(9_000));
      fc.assert(
        fc.property(anywhere, ([position, length]) => {
          assert.deepEqual(Buffer.from(source.read(position, length)), expected.subarray(position, position + length));
        }),
      );
    });
  }

  it('is given as far as it goes when the stream breaks', () => {
    const bytes = gzipSync(plain);
    const { content: source, stop } = open(gzip, bytes.subarray(0, bytes.length >> 1));
    assert.equal(stop?.code, 'truncated');
    assert.ok(source.size > 10_000);
    assert.deepEqual(Buffer.from(source.read(0, plain.length)), plain.subarray(0, source.size));
  });

  it('is cut at the limit on bytes, and tells it', () => {
    const { content: source, stop } = open(gzip, gzipSync(plain), { ...defaultLimits, expandedBytes: 30_000 });
    assert.deepEqual([stop?.code, source.size], ['limit-expanded-bytes', 30_000]);
    assert.deepEqual(Buffer.from(source.read(20_000, 20_000)), plain.subarray(20_000, 30_000));
  });

  it('is made again of bytes that are none of a stream without a fault', () => {
    for (const [, stream, bytes] of streams) {
      fc.assert(
        fc.property(fc.nat(bytes.length - 1), fc.nat(255), fc.nat(60_000), (at, value, position) => {
          const changed = Uint8Array.from(bytes);
          changed[at] = value;
          const { content: source } = open(stream, changed, { ...defaultLimits, expandedBytes: 200_000 });
          const from = Math.min(position, source.size);
          assert.equal(source.read(from, 2_000).length, Math.min(2_000, source.size - from));
        }),
        { numRuns: 30 },
      );
    }
  });
});
