import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { AskedPaths, digestOfPath, digestsFor } from './askedPaths.ts';

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

test('what is asked below every folder above a text is one digest, and concerns whatever is meant below any', (context) => {
  const base = mkdtempSync(path.join(os.tmpdir(), 'weighbridge-asked-'));
  context.after(() => rmSync(base, { recursive: true, force: true }));
  mkdirSync(path.join(base, 'src', 'models'), { recursive: true });
  writeFileSync(path.join(base, 'src', 'models', 'a.pt'), '');
  writeFileSync(path.join(base, 'A.pt'), '');
  const ask = (...references: string[]) => {
    const paths = new AskedPaths(base);
    for (const each of references) paths.addBelow(['src/deep', 'src', '.'], each);
    return paths.take();
  };
  assert.deepEqual(ask('a.pt').named, ['a.pt']);
  assert.deepEqual(ask('models/a.pt', 'models').named, ['src/models/a.pt', 'src/models']);
  assert.deepEqual(ask('none/a.pt', 'models/none').named, []);
  assert.equal(ask('a.pt', 'a.pt', 'models/a.pt').asked.length, 2);

  const concerned = (reference: string, changed: string): boolean =>
    ask(reference).asked.some((digest) => new Set(digestsFor(changed)).has(digest));
  for (const changed of ['a.pt', 'src/a.pt', 'src/deep/a.pt', 'src/a.pt/inside'])
    assert.ok(concerned('a.pt', changed), changed);
  for (const changed of ['b.pt', 'src/ba.pt', 'src/a.ptx']) assert.ok(!concerned('a.pt', changed), changed);
  assert.ok(concerned('models/a.pt', 'src/models/a.pt'));
  assert.ok(!concerned('models/a.pt', 'src/a.pt'));
  assert.ok(concerned('models', 'src/models/a.pt'), 'of a folder, what lies in it');
});
