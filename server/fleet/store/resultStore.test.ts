import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeWorkspace } from '../../engine/workspace.fixture.ts';
import { migrate } from './migrations.ts';
import { persist } from '../persist.ts';
import type { WorkerEvent } from '../worker.ts';
import { ResultStore, type Place, type StoredResult } from './resultStore.ts';
import { openSqlite } from './sqlite.ts';

const result: StoredResult = {
  digest: 'd1',
  reading: '.bin',
  format: 'pickle',
  size: 5,
  complete: true,
  kinds: ['pickle'],
  findings: [],
  ruleSet: 'r1',
};
const place = (uri: string): Place => ({
  source: 'file:///models',
  path: uri.slice('file:///models/'.length),
  uri,
  stamp: '1',
  digest: 'd1',
  reading: '.bin',
});

test('a store of the first version is brought up to date, and keeps what it holds', async (context) => {
  const { path, root } = makeWorkspace(context);
  const old = openSqlite(path('a.db'));
  await migrate(old, 1);
  await old.all(`INSERT INTO result VALUES ('d1', '.bin', 'pickle', 5, 1, '["pickle"]', '[]', 'r1', 't')`);
  await old.all(`INSERT INTO place VALUES ('s', 'p', 'u', '1', 'd1', '.bin', 't')`);
  await assert.rejects(old.all('SELECT * FROM failure'));
  await old.close();
  const store = await ResultStore.open('a.db', root);
  assert.deepEqual(await store.result('d1', '.bin'), result);
  assert.deepEqual(await store.everything(), {
    placed: [{ source: 's', path: 'p', uri: 'u', stamp: '1', digest: 'd1', reading: '.bin', result }],
    failures: [],
  });
  await store.close();
});

test('a store of a later version is left alone', async (context) => {
  const { path, root } = makeWorkspace(context);
  const newer = openSqlite(path('a.db'));
  await migrate(newer);
  await newer.all(`INSERT INTO migration VALUES (99, 't')`);
  await newer.close();
  await assert.rejects(ResultStore.open('a.db', root), { code: 'bad-input', message: /version 99/ });
});

test('an address stands for what lies below it, and for nothing that only begins like it', async (context) => {
  const store = await ResultStore.open('a.db', makeWorkspace(context).root);
  for (const name of ['a/x.bin', 'a/b/y.bin', 'ab/z.bin', 'a.bin', 'a-1/q.bin']) {
    await store.record(place(`file:///models/${name}`), result);
  }
  const at = async (uri: string) => (await store.resultsAt(uri, 10)).map((each) => each.path);
  assert.deepEqual(await at('file:///models/a'), ['a/b/y.bin', 'a/x.bin']);
  assert.deepEqual(await at('file:///models/a/'), ['a/b/y.bin', 'a/x.bin']);
  assert.deepEqual(await at('file:///models/a.bin'), ['a.bin']);
  assert.deepEqual(await at('file:///models/%'), []);
  assert.equal((await at('file:///models')).length, 5);
  await store.recordFailure({ ...place('file:///models/a/w.bin'), reason: 'why', attempts: 5 });
  assert.equal((await store.failuresAt('file:///models/a', 10)).length, 1);
  assert.equal((await store.failuresAt('file:///models/ab', 10)).length, 0);
  await store.record(place('file:///models/a/w.bin'), null);
  assert.deepEqual(await store.failuresAt('file:///models/a', 10), []);
  await store.close();
});

test('what lies at an address is the same for every source that holds it', async (context) => {
  const store = await ResultStore.open('a.db', makeWorkspace(context).root);
  const uri = 'file:///models/team/x.bin';
  const inside = { ...place(uri), source: 'file:///models/team', path: 'x.bin' };
  await store.record(place(uri), result);
  await store.recordFailure({ ...place(uri), reason: 'why', attempts: 5 });
  await store.record({ ...inside, stamp: '2', digest: 'd2' }, { ...result, digest: 'd2' });
  const known = (await store.resultsAt(uri, 10)).map(({ source, digest, stamp }) => [source, digest, stamp]);
  assert.deepEqual(known.sort(), [
    ['file:///models', 'd2', '2'],
    ['file:///models/team', 'd2', '2'],
  ]);
  assert.deepEqual(await store.failuresAt(uri, 10), []);
  await store.forget('file:///models/team', ['x.bin']);
  assert.equal((await store.resultsAt(uri, 10)).length, 1);
  await store.close();
});

test('a result stays until other rules judge it, and what is half written is not there', async (context) => {
  const store = await ResultStore.open('a.db', makeWorkspace(context).root);
  await store.record(place('file:///models/x'), result);
  await store.record(place('file:///models/y'), { ...result, format: 'zip' });
  assert.equal((await store.result('d1', '.bin'))?.format, 'pickle');
  await store.record(place('file:///models/y'), { ...result, format: 'zip', ruleSet: 'r2' });
  assert.equal((await store.result('d1', '.bin'))?.format, 'zip');
  const broken = { ...place('file:///models/z'), stamp: null as unknown as string };
  await assert.rejects(store.record(broken, { ...result, digest: 'd2' }));
  assert.equal(await store.result('d2', '.bin'), null);
  await store.close();
});

test('what is written beside a transaction does not go with it when it is rolled back', async (context) => {
  const database = openSqlite(makeWorkspace(context).path('a.db'));
  await database.all('CREATE TABLE t (n INTEGER)');
  let goOn = () => {};
  const waiting = new Promise<void>((resolve) => (goOn = resolve));
  const broken = database.transaction(async (inside) => {
    await inside.all('INSERT INTO t VALUES (1)');
    await waiting;
    throw new Error('no');
  });
  const beside = database.all('INSERT INTO t VALUES (2)');
  goOn();
  await assert.rejects(broken, /no/);
  await beside;
  assert.deepEqual(
    (await database.all('SELECT n FROM t')).map(({ n }) => n),
    [2],
  );
  await database.close();
});

test('a full disk is told as that, and waited for', async (context) => {
  const database = openSqlite(makeWorkspace(context).path('a.db'));
  await migrate(database);
  await database.all('PRAGMA max_page_count = 20');
  const store = new ResultStore(database);
  const large = { ...result, kinds: ['x'.repeat(200_000)] };
  await assert.rejects(store.record(place('file:///models/a'), large), /full/);
  const told: WorkerEvent[] = [];
  await persist(
    () => store.record(place('file:///models/a'), large),
    new AbortController().signal,
    (event) => {
      told.push(event);
      void database.all('PRAGMA max_page_count = 2000');
    },
  );
  assert.deepEqual(told, [{ kind: 'trouble', reason: 'the store cannot be written: database or disk is full' }]);
  assert.deepEqual((await store.result('d1', '.bin'))?.kinds.length, 1);
  await store.close();
});
