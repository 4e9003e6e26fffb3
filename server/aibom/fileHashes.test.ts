import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, mock } from 'node:test';
import { DigestCache } from '../signing/hashing/digestCache.ts';
import { fileHashes } from './fileHashes.ts';
import { ModelFolder } from './folder.ts';
import { modelFolder } from './modelFolder.fixture.ts';

describe('the hashes of a model', () => {
  it('come from the cache only where that is allowed, and only for files that look unchanged', async () => {
    const root = modelFolder({ 'a.bin': 'a', 'b.bin': 'b' });
    const file = join(modelFolder({}), 'digests.json');
    // Files that have just been written are not kept, as a second change could leave no trace: so it is a minute later.
    mock.timers.enable({ apis: ['Date'], now: Date.now() + 60_000 });
    try {
      const stat = statSync(join(root, 'a.bin'), { bigint: true });
      const cache = new DigestCache(file);
      cache.set(join(root, 'a.bin'), stat, 'sha256', ['f'.repeat(64)]);
      cache.set(join(root, 'b.bin'), stat, 'sha256', ['e'.repeat(64)]);
      cache.save();
      const sha256 = (name: string) =>
        createHash('sha256')
          .update(readFileSync(join(root, name)))
          .digest('hex');
      const hash = async (mayRead: boolean) =>
        Object.fromEntries(await fileHashes(new ModelFolder(root), { digestCache: { file, mayRead } }));
      // The second entry has the stamp of another file.
      assert.deepEqual(await hash(true), { 'a.bin': 'f'.repeat(64), 'b.bin': sha256('b.bin') });
      assert.deepEqual(await hash(false), { 'a.bin': sha256('a.bin'), 'b.bin': sha256('b.bin') });
      // What was hashed in full is what the cache has now.
      assert.deepEqual(await hash(true), { 'a.bin': sha256('a.bin'), 'b.bin': sha256('b.bin') });
    } finally {
      mock.timers.reset();
    }
  });
});
