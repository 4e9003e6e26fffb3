import assert from 'node:assert/strict';
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { folderOf, testSigner } from '../../server/signing/signedModel.fixture.ts';
import { signModel } from '../../server/signing/signModel.ts';

/** Bytes that memory may grow by, whatever the size of the model. */
const allowance = 150e6;

test('a model of 20 GB is signed in memory that does not grow with it', async (context) => {
  const model = folderOf(context);
  const sparse = join(model, 'weights.bin');
  writeFileSync(sparse, '');
  truncateSync(sparse, 20e9);
  const before = process.memoryUsage.rss();
  let peak = before;
  const onProgress = (): void => {
    peak = Math.max(peak, process.memoryUsage.rss());
  };
  const { files } = await signModel({ model, signer: testSigner, onProgress });
  // SHA-256 of 20,000,000,000 zeros.
  assert.equal(files[0]?.digest, 'c3e5d415e2a12e6a97ad47e0027b1b26894f6f163fbf58f9f11e325322e12a9a');
  assert.ok(peak - before < allowance, `memory grew by ${peak - before} bytes`);
});
