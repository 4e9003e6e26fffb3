import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { checkpointFolder, system, tensor, zip } from './checkpoints.fixture.ts';
import { convertIndexFile } from './convertIndexFile.ts';

describe('convertIndexFile', () => {
  const { file, put, names } = checkpointFolder();

  const first = 'pytorch_model-00001-of-00002.bin';
  const second = 'pytorch_model-00002-of-00002.bin';
  const index = (map: Record<string, string>): string =>
    put(JSON.stringify({ metadata: { total_size: 48 }, weight_map: map }), 'pytorch_model.bin.index.json');

  it('converts every shard and writes the index with their new names', async () => {
    put(zip([tensor('a'), tensor('a.tied')]), first);
    put(zip([tensor('b')]), second);
    const result = await convertIndexFile(index({ a: first, 'a.tied': first, b: second }));
    assert.equal(result.output, file('model.safetensors.index.json'));
    assert.deepEqual(JSON.parse(readFileSync(result.output, 'utf8')), {
      metadata: { total_size: 48 },
      weight_map: { a: 'model-00001-of-00002.safetensors', b: 'model-00002-of-00002.safetensors' },
    });
    assert.deepEqual(
      result.shards.map(({ tensors }) => tensors),
      [1, 1],
    );
  });

  it('makes all of it or nothing', async () => {
    put(zip([tensor('a')]), first);
    put(zip([tensor('b')], system), second);
    const input = index({ a: first, b: second });
    const there = names();
    await assert.rejects(convertIndexFile(input), /pytorch_model-00002-of-00002\.bin was not converted/);
    assert.deepEqual(names(), there);
  });

  it('keeps to its own folder', async () => {
    for (const shard of ['../up.bin', '/etc/passwd', 'a\\b.bin', 'C:x.bin', '..', '']) {
      await assert.rejects(convertIndexFile(index({ a: shard })), /not a plain file name/);
    }
    await assert.rejects(convertIndexFile(put('[', 'x.bin.index.json')), /not JSON/);
    await assert.rejects(convertIndexFile(put('{}', 'x.bin.index.json')), /no weight_map/);
  });
});
