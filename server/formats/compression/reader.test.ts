import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { ArchiveFacts } from '../facts.ts';
import { defaultLimits } from '../limits.ts';
import type { Reader } from '../reader.ts';
import { record } from '../recordingContext.fixture.ts';
import type { ByteSource } from '../source.ts';
import { alone, bzip2, plain, xz } from './vectors.fixture.ts';
import { readBzip2, readGzip, readLzma, readXz, readZlib } from './reader.ts';

const read = (reader: Reader, bytes: Uint8Array) => {
  const recording = record(reader, bytes);
  const facts = recording.parts[0] as ArchiveFacts;
  return {
    facts,
    problems: recording.problems.map((problem) => problem.code),
    codes: facts.anomalies.map((anomaly) => anomaly.code),
    content: Buffer.from(recording.members[0]?.bytes ?? []),
    members: recording.members,
    recording,
  };
};

const formats: [string, Reader, Uint8Array][] = [
  ['gzip', readGzip, new Uint8Array(gzipSync(plain))],
  ['zlib', readZlib, new Uint8Array(deflateSync(plain))],
  ['bzip2', readBzip2, bzip2],
  ['xz', readXz, xz],
  ['lzma', readLzma, alone],
];

for (const [format, reader, bytes] of formats) {
  describe(format, () => {
    it('is expanded', () => {
      const { facts, content, codes, problems, members } = read(reader, bytes);
      assert.equal(facts.format, format);
      assert.deepEqual(content, plain);
      assert.deepEqual([codes, problems], [[], []]);
      assert.deepEqual([members[0]?.name, members[0]?.parent], ['content', format]);
      assert.deepEqual(
        facts.entries.map(({ compressedSize, size }) => [compressedSize, size]),
        [[bytes.length, plain.length]],
      );
    });

    it('may consist of several streams, as joblib and `cat` write them', () => {
      const { content, problems } = read(reader, new Uint8Array([...bytes, ...bytes, ...bytes]));
      assert.deepEqual(content, Buffer.concat([plain, plain, plain]));
      assert.deepEqual(problems, []);
    });

    it('gives what it holds before it is cut short', () => {
      // bzip2 needs a whole block before its first byte is known; the second stream is the one that is cut.
      const cut = new Uint8Array([...bytes, ...bytes]).subarray(0, bytes.length + (bytes.length >> 1));
      const { content, problems } = read(reader, cut);
      assert.deepEqual(problems, ['truncated']);
      assert.deepEqual(content.subarray(0, plain.length), plain);
    });

    it('hands on what stands after it', () => {
      const { codes, content, members } = read(reader, new Uint8Array([...bytes, 0xff, 0x2e, 0x63]));
      assert.deepEqual(content, plain);
      assert.deepEqual(codes, ['trailing-data']);
      assert.deepEqual([...(members[1]?.bytes ?? [])], [0xff, 0x2e, 0x63]);
    });

    it('keeps within the bytes that the artifact may expand to', () => {
      const { problems, members, budget } = record(reader, bytes, { expandedBytes: 500 });
      assert.deepEqual(
        problems.map((problem) => [problem.code, problem.incomplete]),
        [['limit-expanded-bytes', true]],
      );
      assert.deepEqual(Buffer.from(members[0]?.bytes ?? []), plain.subarray(0, 500));
      assert.equal(budget.expandedBytes, 0);
    });

    it('never makes the reader throw, whatever its bytes', () => {
      const changes = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
      fc.assert(
        fc.property(changes, fc.nat(bytes.length), (changed, length) => {
          const copy = bytes.slice();
          for (const [at, value] of changed) copy[at] = value;
          record(reader, copy, { ratioFloor: 1 << 20 });
          record(reader, copy.subarray(0, length), { ratioFloor: 1 << 20 });
        }),
      );
      fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (random) => void record(reader, random)));
    });
  });
}

describe('a compressed bomb', () => {
  it('is stopped by its ratio, with its beginning kept', () => {
    const bomb = gzipSync(Buffer.concat([Buffer.from('cos\n'), Buffer.alloc(50 << 20)]));
    const { codes, problems, members } = read(readGzip, new Uint8Array(bomb));
    assert.deepEqual(codes, ['bomb']);
    assert.deepEqual(problems, ['limit-ratio']);
    assert.equal(members[0]?.size, defaultLimits.ratioFloor);
    assert.equal(Buffer.from(members[0].bytes.subarray(0, 4)).toString(), 'cos\n');
  });
});

describe('a wrong checksum', () => {
  it('is told, and the content is inspected all the same', () => {
    for (const [format, reader, bytes] of formats) {
      if (format === 'lzma' || format === 'xz') continue; // .lzma has no checksum; xz's CRC-64 is not computed.
      const wrong = bytes.slice();
      const at = format === 'gzip' ? bytes.length - 8 : format === 'zlib' ? bytes.length - 1 : 10;
      wrong[at]! ^= 1;
      const { codes, content } = read(reader, wrong);
      assert.deepEqual(codes, ['bad-crc'], format);
      assert.deepEqual(content, plain);
    }
  });
});

describe('gzip headers', () => {
  it('may carry a name, a comment, an extra field and a checksum', () => {
    const deflated = gzipSync(plain).subarray(10);
    const header = Buffer.concat([
      Buffer.from([0x1f, 0x8b, 8, 0x1e, 0, 0, 0, 0, 0, 3, 2, 0, 1, 2]),
      Buffer.from('name\0comment\0'),
      Buffer.from([0, 0]),
    ]);
    const { content, codes } = read(readGzip, new Uint8Array(Buffer.concat([header, deflated])));
    assert.deepEqual(content, plain);
    assert.deepEqual(codes, []);
  });
});

describe('a source that reuses its buffer', () => {
  it('is read right when a stream ends near the end of a block', () => {
    const noise = Uint8Array.from({ length: 70_000 }, (_, index) => (index * index * 31 + (index >> 3)) & 0xff);
    const stored = new Uint8Array(gzipSync(noise, { level: 0 }));
    const bytes = new Uint8Array([...stored, ...stored, ...stored]);
    for (let blockSize = 64 * 1024; blockSize < 64 * 1024 + 40; blockSize += 13) {
      // As FileSource does: a read that goes beyond the block fills it anew, over what was handed out before.
      const block = new Uint8Array(blockSize);
      const source: ByteSource = {
        size: bytes.length,
        read(position, length) {
          const piece = bytes.subarray(position, position + Math.min(length, blockSize));
          block.fill(0);
          block.set(piece);
          return block.subarray(0, piece.length);
        },
      };
      const { problems, parts } = record(readGzip, source);
      assert.deepEqual(problems, []);
      assert.deepEqual((parts[0] as ArchiveFacts).anomalies, []);
    }
  });
});

describe('deflate', () => {
  it('is expanded as node:zlib expands it', () => {
    const words = fc.array(fc.oneof(fc.constant('tensor'), fc.string(), fc.string({ minLength: 200, maxLength: 400 })));
    fc.assert(
      fc.property(words, fc.integer({ min: 0, max: 9 }), (parts, level) => {
        const data = Buffer.from(parts.join(''));
        const { content, codes, problems } = read(readZlib, new Uint8Array(deflateSync(data, { level })));
        assert.deepEqual(content, data);
        assert.deepEqual([codes, problems], [[], []]);
      }),
    );
  });
});
