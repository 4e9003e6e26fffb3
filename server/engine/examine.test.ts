import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { defaultLimits } from '../formats/limits.ts';
import { examine } from './examine.ts';

let base = '';
beforeEach(() => (base = mkdtempSync(join(tmpdir(), 'weighbridge-examine-'))));
afterEach(() => rmSync(base, { recursive: true, force: true }));

/** What is said of a file of that content at that path. */
function said(path: string, content: Uint8Array, timeMs = defaultLimits.timeMs): string[] {
  const file = join(base, path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, content);
  const settings = { limits: { ...defaultLimits, timeMs }, maxFileSize: null, allowedImports: [] };
  return examine({ file, path }, settings).findings.map(({ ruleId }) => ruleId);
}

describe('a file whose name is the digest of its content', () => {
  const content = Buffer.from('layer');
  const digest = createHash('sha256').update(content).digest('hex');

  it('is compared where stores name files so, and nowhere else', () => {
    for (const store of ['blobs/sha256/', 'blobs/sha256-', 'hub/models--a--b/blobs/']) {
      assert.deepEqual(said(`${store}${digest}`, content), [], store);
      assert.deepEqual(said(`${store}${digest}`, Buffer.from('other')), ['file/digest-mismatch'], store);
    }
    assert.deepEqual(said(`elsewhere/${digest}`, Buffer.from('other')), []);
  });

  it('is not fully inspected when there is no time to compare it', () => {
    assert.deepEqual(said(`blobs/sha256/${digest}`, content, -1), ['file/incomplete']);
  });
});
