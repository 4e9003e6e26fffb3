import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from '../inspect.ts';
import { record, type Recording } from '../recordingContext.fixture.ts';
import { assemblePickle } from '../pickle/assembler.fixture.ts';
import { MemorySource } from '../source.ts';
import { readLz4, readZstd } from './reader.ts';
import { lz4, modernPlain as plain, zstd } from './vectors.fixture.ts';

const little = (value: number, bytes: number): number[] =>
  Array.from({ length: bytes }, (_, at) => (value >>> (8 * at)) & 255);
/** A Zstandard frame of blocks: what is stored, or one byte so many times. */
const zstdFrame = (blocks: (Uint8Array | { byte: number; times: number })[]): Uint8Array =>
  Uint8Array.from([
    ...[0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58],
    ...blocks.flatMap((block, index) => {
      const last = index === blocks.length - 1 ? 1 : 0;
      return 'byte' in block
        ? [...little((block.times << 3) | 2 | last, 3), block.byte]
        : [...little((block.length << 3) | last, 3), ...block];
    }),
  ]);
/** An LZ4 frame of one block as it stands. */
const lz4Frame = (block: Uint8Array): Uint8Array =>
  Uint8Array.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82, ...little(block.length, 3), 0x80, ...block, 0, 0, 0, 0]);

const content = ({ members }: Recording): string => Buffer.from(members[0]?.bytes ?? []).toString('latin1');
const bad = assemblePickle("PROTO 2\nGLOBAL os system\nBINUNICODE 'id'\nTUPLE1\nREDUCE\nSTOP");

describe('Zstandard and LZ4', () => {
  it('expand what their tools wrote', () => {
    assert.equal(content(record(readZstd, zstd)), plain.toString());
    assert.equal(content(record(readLz4, lz4)), plain.toString());
  });

  it('expand stored and repeated blocks, several frames, and frames to step over', () => {
    const first = zstdFrame([Buffer.from('abc'), { byte: 0x78, times: 5 }]);
    assert.equal(content(record(readZstd, first)), 'abcxxxxx');
    assert.equal(content(record(readZstd, Buffer.concat([first, first]))), 'abcxxxxxabcxxxxx');
    assert.equal(content(record(readLz4, lz4Frame(Buffer.from('abc')))), 'abc');
  });

  it('hide no pickle', () => {
    for (const [name, bytes] of [
      ['a.pkl.zst', zstdFrame([bad])],
      ['a.pkl.lz4', lz4Frame(bad)],
    ] as const) {
      const { parts } = inspect(new MemorySource(bytes), name);
      assert.ok(
        parts.some((part) => part.kind === 'pickle' && part.imports[0]?.module === 'os'),
        name,
      );
    }
  });

  it('stop at a bomb, and say so', () => {
    const bomb = zstdFrame(Array.from({ length: 400 }, () => ({ byte: 0, times: 128 << 10 })));
    const { parts, problems } = record(readZstd, bomb);
    assert.ok(problems.some(({ code }) => code === 'limit-ratio'));
    assert.ok(parts.some((part) => part.kind === 'archive' && part.anomalies.some(({ code }) => code === 'bomb')));
  });

  it('end on any change of any byte, and say what they could not read', () => {
    for (const [reader, bytes] of [
      [readZstd, zstd],
      [readLz4, lz4],
    ] as const) {
      for (let at = 4; at < bytes.length; at++) {
        for (const value of [0, 1, 0x55, 0x80, 0xff]) {
          const changed = Uint8Array.from(bytes);
          changed[at] = value;
          assert.doesNotThrow(() => record(reader, changed), `byte ${at} = ${value}`);
        }
        assert.ok(
          record(reader, bytes.subarray(0, at)).problems.some(({ incomplete }) => incomplete) || at > bytes.length - 5,
        );
      }
    }
  });
});
