import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  lstatSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { HashProgress } from '../contract.ts';
import { findModelFiles } from '../modelFiles.ts';
import { folderOf, sha256, writeFiles } from '../signedModel.fixture.ts';
import { Blake3 } from './blake3.ts';
import { digestAll } from './digestAll.ts';
import type { DigestTask } from './digestTask.ts';
import { DigestCache } from './digestCache.ts';
import { stampOf } from './digestFile.ts';
import { digestFiles, ModelChanged } from './digestFiles.ts';

const how = { algorithm: 'sha256', shardSize: null } as const;
const filesOf = async (folder: string) =>
  (await findModelFiles(folder, false, { ignored: new Set(), signature: null, followLinks: false })).files;

function taskOf(path: string): DigestTask {
  const stat = lstatSync(path, { bigint: true });
  return { ...how, path, stamp: stampOf(stat), followLink: false, size: Number(stat.size) };
}

/** Older than the clock tick of the file system. */
const settled = (path: string): void => utimesSync(path, 1_000_000_000, 1_000_000_000.5);

test('BLAKE3 of its official test vectors: bytes that count to 250', () => {
  const digest = (length: number): string => {
    const hasher = new Blake3();
    const bytes = Buffer.from(Array.from({ length }, (_, index) => index % 251));
    // In uneven pieces, as files come.
    for (let at = 0; at < length; at += 700) hasher.update(bytes.subarray(at, at + 700));
    return hasher.digest();
  };
  const vectors: Record<number, string> = {
    0: 'af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262',
    1: '2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213',
    1023: '10108970eeda3eb932baac1428c7a2163b0e924c9a9e25b35bba72b28f70bd11',
    1024: '42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7',
    1025: 'd00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444',
    2049: '5f4d72f40d7a5f82b15ca2b2e44b1de3c2ef86c426c95c1af0b6879522563030',
    8193: 'bab6c09cb8ce8cf459261398d2e7aef35700bf488116ceb94a36d0f5f1b7bc3b',
  };
  for (const [length, expected] of Object.entries(vectors)) assert.equal(digest(Number(length)), expected, length);
});

test('workers give the digests of the files, whatever their sizes, and count every byte', async (context) => {
  const files: Record<string, Buffer> = {};
  for (let index = 0; index < 70; index++) files[`f${index}`] = Buffer.alloc(index * 1000, index);
  files['large'] = Buffer.alloc(200 << 20, 1);
  const folder = folderOf(context, files);
  const progress: HashProgress[] = [];
  const { digests, hashedBy } = await digestFiles(await filesOf(folder), how, {
    jobs: 2,
    onProgress: (each) => progress.push(each),
  });
  for (const [path, content] of Object.entries(files)) assert.deepEqual(digests.get(path), [sha256(content)], path);
  assert.deepEqual(hashedBy, { full: 71, cache: 0 });
  const total = Object.values(files).reduce((sum, { length }) => sum + length, 0);
  assert.equal(progress.at(-1)?.done, total);
  assert.ok(progress.every(({ done }, index) => done >= (progress[index - 1]?.done ?? 0)));
});

test('a sparse file of 20 GB is cancelled at once', async (context) => {
  const folder = folderOf(context, { small: 's' });
  const sparse = join(folder, 'sparse');
  writeFileSync(sparse, '');
  truncateSync(sparse, 20e9);
  const controller = new AbortController();
  const hashing = digestFiles(await filesOf(folder), how, {
    signal: controller.signal,
    onProgress: ({ done }) => {
      if (done > 0) controller.abort();
    },
  });
  await assert.rejects(hashing, { code: 'cancelled' });
});

test('the largest file is begun first, whatever its name, and it is the one that is told', async (context) => {
  const folder = folderOf(context);
  const sizes: Record<string, number> = { a: 1e9, b: 4e9, c: 40e9, d: 2e9 };
  for (const [name, size] of Object.entries(sizes)) {
    writeFileSync(join(folder, name), '');
    truncateSync(join(folder, name), size);
  }
  const controller = new AbortController();
  const told: string[] = [];
  const hashing = digestFiles(await filesOf(folder), how, {
    jobs: 2,
    signal: controller.signal,
    onProgress: ({ path }) => {
      told.push(path);
      controller.abort();
    },
  });
  await assert.rejects(hashing, { code: 'cancelled' });
  assert.equal(told[0], 'c');
});

test('a file that is not the one that was found has no digest', async (context) => {
  const folder = folderOf(context, { grown: 'a', gone: 'b', replaced: 'c', kept: 'd', shrunk: 'eeee' });
  const names = ['grown', 'gone', 'replaced', 'kept', 'shrunk'];
  const tasks = names.map((name) => taskOf(join(folder, name)));
  appendFileSync(join(folder, 'grown'), 'a');
  rmSync(join(folder, 'gone'));
  rmSync(join(folder, 'replaced'));
  writeFileSync(join(folder, 'replaced'), 'c');
  truncateSync(join(folder, 'shrunk'), 1);
  const changed = { failure: 'changed' };
  assert.deepEqual(await digestAll(tasks), [changed, changed, changed, { digests: [sha256('d')] }, changed]);
});

test('a change while hashing is told with its file', async (context) => {
  const folder = folderOf(context, { a: 'a', b: 'b' });
  const files = await filesOf(folder);
  writeFiles(folder, { b: 'changed' });
  await assert.rejects(digestFiles(files, how, {}), (error) => error instanceof ModelChanged && error.path === 'b');
});

test('the cache knows files that look unchanged, and only those', async (context) => {
  const folder = folderOf(context, { a: 'a', b: 'b' });
  const digestCache = join(folderOf(context), 'nested', 'digests.json');
  for (const name of ['a', 'b']) settled(join(folder, name));
  const hash = async () => digestFiles(await filesOf(folder), how, { digestCache });
  // The change time is young: only the clock makes it old.
  const later = Date.now() + 10_000;
  context.mock.method(Date, 'now', () => later);
  assert.deepEqual((await hash()).hashedBy, { full: 2, cache: 0 });
  const second = await hash();
  assert.deepEqual(second.hashedBy, { full: 0, cache: 2 });
  assert.deepEqual(second.digests.get('b'), [sha256('b')]);
  // The same length, and the old time of modification: the change time gives it away.
  writeFileSync(join(folder, 'b'), 'B');
  settled(join(folder, 'b'));
  const third = await hash();
  assert.deepEqual(third.hashedBy, { full: 1, cache: 1 });
  assert.deepEqual(third.digests.get('b'), [sha256('B')]);
  assert.deepEqual(
    (await digestFiles(await filesOf(folder), { algorithm: 'sha256', shardSize: 10 }, { digestCache })).hashedBy,
    {
      full: 2,
      cache: 0,
    },
  );
});

test('a file that was written just now is not remembered; a damaged cache is none', (context) => {
  const folder = folderOf(context, { a: 'a' });
  const path = join(folder, 'a');
  const file = join(folder, 'cache');
  const stat = statSync(path, { bigint: true });
  const remembered = (milliseconds: number): boolean => {
    const now = Number(stat.ctimeNs / 1_000_000n) + milliseconds;
    context.mock.method(Date, 'now', () => now);
    const cache = new DigestCache(file);
    cache.set(path, stat, 'sha256', ['d']);
    cache.save();
    return new DigestCache(file).get(path, stat, 'sha256') !== undefined;
  };
  assert.equal(remembered(10), false);
  assert.equal(remembered(5000), true);
  const text = readFileSync(file, 'utf8');
  for (const damaged of [text.replace('"d"', '"e"'), text.slice(0, 40), '', 'weighbridge-digests 1 x\n{']) {
    writeFileSync(file, damaged);
    assert.equal(new DigestCache(file).get(path, stat, 'sha256'), undefined);
  }
});

test('a cache that cannot be written costs nothing but speed', async (context) => {
  const folder = folderOf(context, { a: 'a' });
  const digestCache = join(folder, 'a', 'below a file.json');
  const later = Date.now() + 10_000;
  context.mock.method(Date, 'now', () => later);
  const { digests } = await digestFiles(await filesOf(folder), how, { digestCache });
  assert.deepEqual(digests.get('a'), [createHash('sha256').update('a').digest('hex')]);
});
