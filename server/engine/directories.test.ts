import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { judgeDirectories } from './directories.ts';
import type { ArtifactSummary } from './report.ts';

let base = '';
beforeEach(() => (base = mkdtempSync(join(tmpdir(), 'weighbridge-directories-'))));
afterEach(() => rmSync(base, { recursive: true, force: true }));

function write(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(base, path)), { recursive: true });
  writeFileSync(join(base, path), content);
}

/** A safetensors file with one tensor of four bytes. */
function shard(tensor: string): Uint8Array {
  const header = Buffer.from(`{"${tensor}":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, Buffer.alloc(4)]);
}

const index = (map: Record<string, string>) => JSON.stringify({ metadata: {}, weight_map: map });

/** What is said of the folder `m`, with its safetensors files as the artifacts. */
function said(...names: string[]): string[] {
  const artifacts = names.map((name): ArtifactSummary => {
    return { path: `m/${name}`, format: 'safetensors', size: 100, complete: true };
  });
  const findings = judgeDirectories(
    base,
    ['m'],
    artifacts,
    () => ({
      stance: 'none',
      signature: null,
      signedFiles: [],
    }),
    () => [],
    () => [],
  ).flatMap(([, found]) => found);
  return findings
    .filter(({ ruleId }) => !/unsigned|no-aibom/.test(ruleId))
    .map((one) => `${one.severity} ${one.ruleId}`);
}

describe('a directory of shards', () => {
  const one = 'model-00001-of-00002.safetensors';
  const two = 'model-00002-of-00002.safetensors';

  it('is silent when the index and the shards agree, in folders below, too', () => {
    write(`m/${one}`, shard('a'));
    write(`m/deep/${two}`, shard('b'));
    write('m/model.safetensors.index.json', index({ a: one, b: `deep/${two}` }));
    assert.deepEqual(said(one), []);
  });

  it('is told when a shard is missing, left over or another', () => {
    write(`m/${one}`, shard('a'));
    write('m/model.safetensors.index.json', index({ a: one, b: two }));
    assert.deepEqual(said(one), ['warning model/shard-mismatch']);
    write(`m/${two}`, shard('c'));
    assert.deepEqual(said(one, two), ['warning model/shard-mismatch']);
    write('m/model.safetensors.index.json', index({ a: one }));
    assert.deepEqual(said(one, two), ['warning model/shard-mismatch'], 'no index names the second');
  });

  it('is dangerous when the index leads out of it, however that is written', () => {
    write('m/model.safetensors', shard('a'));
    for (const path of [
      '../x.safetensors',
      '/etc/passwd',
      'C:\\x.bin',
      '..\\x.bin',
      '~/x.bin',
      'https://example.test/x',
    ]) {
      write('m/model.safetensors.index.json', index({ a: path }));
      assert.deepEqual(said('model.safetensors'), ['error model/escaping-shard'], path);
    }
  });

  it('survives an index that is none, and says so', () => {
    write('m/model.safetensors', shard('a'));
    for (const content of ['{', '[]', 'null', '{"weight_map": []}']) {
      write('m/model.safetensors.index.json', content);
      assert.deepEqual(said('model.safetensors'), ['warning model/shard-mismatch'], content);
    }
  });
});

describe('files beside a model', () => {
  it('are programs by their first bytes, links and folders aside', () => {
    write('m/model.safetensors', shard('a'));
    write('m/notes.txt', 'MZ is how a Windows program begins, and this text is none of them, however long it may be');
    symlinkSync('nowhere', join(base, 'm', 'broken'));
    mkdirSync(join(base, 'm', 'folder.so'));
    assert.deepEqual(said('model.safetensors'), []);
    write('m/plugin', Buffer.from('7f454c46020101000000000000000000', 'hex'));
    assert.deepEqual(said('model.safetensors'), ['warning model/bundled-executable']);
  });
});

describe('a shard behind a link', () => {
  it('is told when the link leads out of what is scanned, and not inside of it or into a store of digests', () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'weighbridge-elsewhere-'));
    try {
      const name = 'model-00001-of-00001.safetensors';
      write('m/model.safetensors.index.json', index({ a: name }));
      const link = (target: string) => {
        rmSync(join(base, 'm', name), { force: true });
        symlinkSync(target, join(base, 'm', name));
      };
      writeFileSync(join(elsewhere, 'key'), shard('a'));
      link(join(elsewhere, 'key'));
      assert.deepEqual(said(name), ['error model/outside-link']);
      write('other/weights', shard('a'));
      link('../other/weights');
      assert.deepEqual(said(name), []);
      const blob = join(elsewhere, 'blobs', 'ab'.repeat(32));
      mkdirSync(dirname(blob));
      writeFileSync(blob, shard('a'));
      link(blob);
      assert.deepEqual(said(name), []);
    } finally {
      rmSync(elsewhere, { recursive: true, force: true });
    }
  });
});
