import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { differenceOnReadBack } from './readBack.ts';

const folder = mkdtempSync(join(tmpdir(), 'weighbridge-readback-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const first = Buffer.from([1, 2, 3, 4]);
const second = Buffer.from([5, 6]);
const meant = [
  { name: 'a', dtype: 'U8', shape: [4], bytes: 4 },
  { name: 'b', dtype: 'U8', shape: [2], bytes: 2 },
];
const digests = Buffer.concat([first, second].map((bytes) => createHash('sha256').update(bytes).digest()));

/** What reading back says of a file with this header and data. */
function difference(data: Buffer, change: (header: string) => string = (header) => header): Promise<string | null> {
  const json = change(
    '{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[2],"data_offsets":[4,6]}}',
  );
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  const path = join(folder, 'out.safetensors');
  writeFileSync(path, Buffer.concat([length, Buffer.from(json), data]));
  return differenceOnReadBack(path, meant, digests, { checked: () => Promise.resolve() });
}

describe('reading back what was written', () => {
  it('finds nothing when every tensor is there as it was read', async () => {
    assert.equal(await difference(Buffer.concat([first, second])), null);
  });

  it('names the tensor of which one byte is another', async () => {
    assert.equal(await difference(Buffer.from([1, 2, 3, 0, 5, 6])), 'the bytes of "a"');
    assert.equal(await difference(Buffer.from([1, 2, 3, 4, 5, 7])), 'the bytes of "b"');
  });

  it('finds a file that is cut short or too long, and a header that says something else', async () => {
    assert.equal(await difference(first), 'the length of the file');
    assert.equal(await difference(Buffer.concat([first, second, first])), 'the length of the file');
    const data = Buffer.concat([first, second]);
    assert.equal(await difference(data, (header) => header.replace('[4]', '[2]')), 'the header\'s entry for "a"');
    assert.equal(await difference(data, (header) => header.replace('"b"', '"c"')), 'an unexpected tensor "c"');
  });
});
