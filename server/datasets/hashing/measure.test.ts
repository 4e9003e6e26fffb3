import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DigestCache } from '../../signing/hashing/digestCache.ts';
import { UnixLinesMd5 } from '../../signing/hashing/unixLines.ts';
import { makeWorkspace } from '../../engine/workspace.fixture.ts';
import type { DatasetAlgorithm } from './algorithms.ts';
import { measure, type MeasureOptions } from './measure.ts';

const md5 = (content: string | Uint8Array) => createHash('md5').update(content).digest('hex');
const sha256 = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex');

async function one(root: string, path: string, algorithm: DatasetAlgorithm, options: Partial<MeasureOptions> = {}) {
  const [measured] = await measure([{ path: join(root, path), algorithm }], { root, cache: null, ...options });
  return measured;
}

test('files are hashed as they are', async (context) => {
  const { root } = makeWorkspace(context, { 'a.csv': 'x,y\r\n1,2\r\n', empty: '' });
  assert.deepEqual(await one(root, 'a.csv', 'md5'), { digest: md5('x,y\r\n1,2\r\n'), size: 10, files: 1 });
  assert.equal((await one(root, 'a.csv', 'sha256'))?.digest, sha256('x,y\r\n1,2\r\n'));
  assert.deepEqual(await one(root, 'empty', 'sha256'), { digest: sha256(''), size: 0, files: 1 });
  assert.equal(await one(root, 'none', 'md5'), null);
  assert.equal(await one(root, '.', 'md5'), null, 'a folder is no file');
  assert.equal(await one(root, 'a.csv', 'md5-dir'), null, 'a file is no folder');
});

test('workers hash what this thread must not', async (context) => {
  const { root } = makeWorkspace(context, { 'a.csv': 'x', 'b/c.csv': 'y' });
  assert.equal((await one(root, 'a.csv', 'md5-dos2unix', { inWorkers: true }))?.digest, md5('x'));
  assert.equal((await one(root, 'b', 'sha256-tree', { inWorkers: true }))?.digest, sha256(`${sha256('y')}  c.csv\n`));
});

test('the legacy digest takes CRLF for LF in text, and leaves binary alone', async (context) => {
  const binary = Buffer.from('a\r\nb\0c\r\n');
  const { root } = makeWorkspace(context, { 'a.csv': 'x,y\r\n1,2\r\n', 'b.bin': binary });
  assert.equal((await one(root, 'a.csv', 'md5-dos2unix'))?.digest, md5('x,y\n1,2\n'));
  assert.equal((await one(root, 'b.bin', 'md5-dos2unix'))?.digest, md5(binary));
});

test('the legacy digest decides anew for every chunk of 1 MiB, however the bytes come', () => {
  // Text, then a chunk that begins with NUL, then text; line ends stand across the borders.
  const chunk = 1 << 20;
  const first = Buffer.alloc(chunk, 'abc\r\n');
  first[chunk - 1] = 13;
  const second = Buffer.alloc(chunk, 'abc\r\n');
  second[0] = 0;
  const third = Buffer.from('\nend\r\n\r');
  const expected = createHash('md5')
    .update(Buffer.from(first.toString('latin1').replaceAll('\r\n', '\n'), 'latin1'))
    .update(second)
    .update(Buffer.from('\nend\n\r'))
    .digest('hex');
  const all = Buffer.concat([first, second, third]);
  for (const step of [1000, 65_536, 131_072, all.length]) {
    const hasher = new UnixLinesMd5();
    for (let at = 0; at < all.length; at += step) hasher.update(all.subarray(at, at + step));
    assert.equal(hasher.digest(), expected, `in steps of ${step}`);
  }
});

test("DVC's digest of a folder: code-point order, Python's JSON, .dvcignore", async (context) => {
  const { root } = makeWorkspace(context, {
    'data/b': '1',
    'data/a/\u{1f600}': '2',
    'data/a/\uffee': '3',
    'data/a/é"': '4',
    'data/a/skip.tmp': '5',
    'data/.git/config': '6',
    '.dvcignore': '*.tmp\n',
  });
  const listing = [
    `{"md5": "${md5('4')}", "relpath": "a/\\u00e9\\""}`,
    `{"md5": "${md5('3')}", "relpath": "a/\\uffee"}`,
    `{"md5": "${md5('2')}", "relpath": "a/\\ud83d\\ude00"}`,
    `{"md5": "${md5('1')}", "relpath": "b"}`,
  ];
  const expected = { digest: md5(`[${listing.join(', ')}]`), size: 4, files: 4 };
  assert.deepEqual(await one(root, 'data', 'md5-dir'), expected);
  assert.deepEqual(await one(root, 'data', 'md5-dos2unix-dir'), expected);
});

test('our digest of a folder leaves out the record itself, and nothing else', async (context) => {
  const { root } = makeWorkspace(context, {
    'data/a.csv': 'a',
    'data/provenance.json': '{}',
    'data/provenance.json.sig': '{}',
    'data/sub/provenance.json': 'deeper, it is data',
    '.dvcignore': '*.csv\n',
  });
  const listing = `${sha256('a')}  a.csv\n${sha256('deeper, it is data')}  sub/provenance.json\n`;
  assert.equal((await one(root, 'data', 'sha256-tree'))?.digest, sha256(listing));
});

test('a link out of the root gives no digest; one inside is read', async (context) => {
  const { root, path } = makeWorkspace(context, { 'cache/x': 'data', 'in/real': '1', 'out/real': '1' });
  const elsewhere = makeWorkspace(context, { secret: 'not for you' });
  symlinkSync(path('cache/x'), path('in/link'));
  symlinkSync(elsewhere.path('secret'), path('out/link'));
  assert.equal((await one(root, 'in', 'sha256-tree'))?.files, 2);
  assert.equal(await one(root, 'out', 'sha256-tree'), null);
});

test('a file is read once for all folders that hold it, and from the cache while it looks unchanged', async (context) => {
  const { root, path, write } = makeWorkspace(context, { 'data/a': 'one', 'data/b': 'two' });
  const file = path('digests.json');
  const requests = [
    { path: path('data'), algorithm: 'sha256-tree' as const },
    { path: path('data/a'), algorithm: 'sha256' as const },
  ];
  const before = await measure(requests, { root, cache: new DigestCache(file) });
  // A cache that says otherwise shows that it is asked: no file is read while it looks as it did.
  const cache = { get: () => ['f'.repeat(64)], set: () => undefined, save: () => undefined } as unknown as DigestCache;
  const [, told] = await measure(requests, { root, cache });
  assert.equal(told?.digest, 'f'.repeat(64));
  write('data/a', 'three');
  const [changed] = await measure(requests, { root, cache: new DigestCache(file) });
  assert.notEqual(changed?.digest, before[0]?.digest);
});

test('what is cancelled says so', async (context) => {
  const { root, path } = makeWorkspace(context, { a: 'one' });
  const controller = new AbortController();
  controller.abort();
  await assert.rejects(
    measure([{ path: path('a'), algorithm: 'md5' }], { root, cache: null, signal: controller.signal }),
    /cancelled/,
  );
});
