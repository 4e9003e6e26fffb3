import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MemorySource, type ByteSource } from '../formats/source.ts';
import { histogramOf } from './histogram.ts';

const floats = (values: number[]) => new MemorySource(new Uint8Array(Float32Array.from(values).buffer));

describe('the histogram of a tensor', () => {
  it('counts every value of a small one', () => {
    const found = histogramOf(floats([9, 0, 1, 2, 4, NaN]), { dtype: 'F32', offset: 4, bytes: 20 }, true);
    assert.ok(found?.range);
    assert.deepEqual([found.sampled, found.values, found.notFinite], [5, 5, 1]);
    assert.deepEqual([found.range.least, found.range.greatest, found.range.mean], [0, 4, 1.75]);
    assert.equal(
      found.bins.reduce((sum, bin) => sum + bin),
      4,
    );
    assert.deepEqual([found.bins[0], found.bins.at(-1)], [1, 1]);
  });

  it('reads half precision, brain floats and the other byte order', () => {
    const f16 = new MemorySource(Uint8Array.of(0x00, 0x3c, 0x00, 0xc0));
    assert.equal(histogramOf(f16, { dtype: 'F16', offset: 0, bytes: 4 }, true)?.range?.mean, -0.5);
    const bf16 = new MemorySource(Uint8Array.of(0x3f, 0x80, 0x40, 0x40));
    assert.equal(histogramOf(bf16, { dtype: 'BF16', offset: 0, bytes: 4 }, false)?.range?.greatest, 3);
  });

  it('samples a large one by position, from its beginning to its end', () => {
    let bytesRead = 0;
    let last = 0;
    const size = 8 * 2 ** 30;
    const source: ByteSource = {
      size,
      read: (position, length) => {
        bytesRead += length;
        last = position + length;
        return new Uint8Array(length);
      },
    };
    const found = histogramOf(source, { dtype: 'F64', offset: 0, bytes: size }, true);
    assert.deepEqual([found?.values, found?.sampled], [2 ** 30, 2 ** 17]);
    assert.equal(bytesRead, 2 ** 20);
    assert.equal(last, size);
  });

  it('has no bins where nothing is finite, and one where all is the same', () => {
    assert.equal(histogramOf(floats([NaN, Infinity]), { dtype: 'F32', offset: 0, bytes: 8 }, true)?.range, null);
    assert.equal(histogramOf(floats([3, 3]), { dtype: 'F32', offset: 0, bytes: 8 }, true)?.bins[0], 2);
    assert.equal(histogramOf(floats([3, 3]), { dtype: 'I32', offset: 0, bytes: 8 }, true), null);
  });
});
