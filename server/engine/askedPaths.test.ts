import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { AskedPaths, digestOfPath } from './askedPaths.ts';

test('of what is asked, digests are kept, and the paths that something on the disk is called', (context) => {
  const base = mkdtempSync(path.join(os.tmpdir(), 'weighbridge-asked-'));
  context.after(() => rmSync(base, { recursive: true, force: true }));
  mkdirSync(path.join(base, 'models'));
  writeFileSync(path.join(base, 'models', 'a.pt'), '');
  writeFileSync(path.join(base, 'b.pt'), '');
  const paths = new AskedPaths(base);
  const ask = (...asked: string[]) => {
    for (const each of asked) paths.add(each);
    return paths.take();
  };
  const asked = ['models/a.pt', 'a.pt', 'b.pt', 'none/b.pt', 'b.pt/c', 'models/a.pt'];
  assert.deepEqual(ask(...asked), {
    asked: asked.slice(0, -1).map(digestOfPath),
    named: ['models/a.pt', 'b.pt'],
  });
  assert.deepEqual(ask(), { asked: [], named: [] });

  writeFileSync(path.join(base, 'models', 'later.pt'), '');
  assert.deepEqual(ask('models/later.pt').named, [], 'within one scan folders are listed once');
  paths.lookAgain();
  assert.deepEqual(ask('models/later.pt').named, ['models/later.pt']);
});
