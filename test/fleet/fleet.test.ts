import assert from 'node:assert/strict';
import { readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { after, before, describe, it, type TestContext } from 'node:test';
import {
  dangerousPickle,
  emptySafetensors,
  harmlessPickle,
  makeWorkspace,
} from '../../server/engine/workspace.fixture.ts';
import { defaultConfiguration } from '../../server/engine/configuration.ts';
import { enqueue } from '../../server/fleet/enqueue.ts';
import { listFolder } from '../../server/fleet/folderSource.ts';
import { ruleSetOf, type RuleSet } from '../../server/fleet/ruleSet.ts';
import { ResultStore } from '../../server/fleet/store/resultStore.ts';
import { work, type WorkerEvent } from '../../server/fleet/worker.ts';
import { defaultLimits } from '../../server/formats/limits.ts';
import { rules } from '../../server/rules/index.ts';
import { connect, JobQueue } from '../../server/fleet/jobQueue.ts';
import { weighbridge } from '../cli/weighbridge.ts';
import { fleetOf as newFleet, freshQueue, kinds } from './fleetOf.ts';
import { startPostgres, startRedis, until, type Service } from './services.ts';

describe('a fleet', { timeout: 600_000 }, () => {
  let redis: Service;
  let postgres: Service;
  before(async () => {
    [redis, postgres] = await Promise.all([startRedis(), startPostgres()]);
  });
  after(async () => {
    await redis.dispose();
    await postgres.dispose();
  });

  /** Files, a queue of their own, and the commands on them. */
  const fleetOf = (context: TestContext, files: Record<string, string | Uint8Array>, environment?: NodeJS.ProcessEnv) =>
    newFleet(redis, context, files, environment);

  for (const kind of ['SQLite', 'PostgreSQL'] as const) {
    it(`scans each content once, wherever it lies, and knows it the next time (${kind})`, async (context) => {
      const files = Object.fromEntries(
        Array.from({ length: 10 }, (_, index): [string, string] => [`team-${index}/model.bin`, dangerousPickle]),
      );
      const store = kind === 'SQLite' ? {} : { WEIGHBRIDGE_STORE: postgres.url };
      const { root, write, path, passes, report, drain } = fleetOf(
        context,
        { ...files, 'fine.safetensors': emptySafetensors, 'read me.md': 'text' },
        store,
      );
      assert.match(await passes('enqueue', root), /: 12 files: 12 to scan\.\n$/);
      // Enqueued twice is scanned once.
      await passes('enqueue', root);
      assert.deepEqual(kinds(await drain('--concurrency', '4')), [
        ...new Array<string>(9).fill('known'),
        ...['scanned', 'scanned', 'scanned'],
      ]);
      const first = await report();
      assert.deepEqual([first.places, first.contents, first.failures.length], [12, 3, 0]);
      const [worst] = first.concerning;
      assert.deepEqual([worst?.worst, worst?.places.length], ['error', 10]);
      const rule = first.rules.find(({ id }) => id === 'pickle/dangerous-import');
      assert.deepEqual([rule?.contents, rule?.places], [1, 10]);
      // Only what changed is looked at.
      assert.match(await passes('enqueue', root), /: 12 files: 0 to scan, 12 as they were\.\n$/);
      write('team-3/model.bin', harmlessPickle);
      rmSync(path('team-4/model.bin'));
      assert.match(
        await passes('enqueue', root),
        /: 11 files: 1 to scan, 10 as they were, 1 gone since the last time\.\n$/,
      );
      assert.deepEqual(kinds(await drain()), ['scanned']);
      const second = await report();
      assert.deepEqual([second.places, second.contents], [11, 4]);
      assert.equal(second.concerning[0]?.places.length, 8);
    });
  }

  it('tries again with growing waits, and then tells the reason among the dead letters', async (context) => {
    const { root, path, passes, fleet, status, report, drain } = fleetOf(context, {
      'gone.pkl': harmlessPickle,
      'fine.pkl': harmlessPickle,
    });
    // A file that opens and cannot be read.
    symlinkSync('/proc/self/mem', path('sick.pkl'));
    await passes('enqueue', root, '--tries', '2');
    rmSync(path('gone.pkl'));
    assert.deepEqual(kinds(await drain()), ['dead', 'dead', 'retry', 'scanned']);
    const { dead } = await status();
    assert.deepEqual(
      dead.map(({ uri, attempts }) => [uri.split('/').pop(), attempts]),
      [
        ['gone.pkl', 1],
        ['sick.pkl', 2],
      ],
    );
    assert.match(dead[0]?.reason ?? '', /there is no such file/);
    assert.match(dead[1]?.reason ?? '', /read error/);
    assert.equal((await fleet('status', '--wait')).code, 1);
    const failed = await report();
    assert.deepEqual([failed.failures.length, failed.sources[0]?.failed], [2, 2]);
    // Once they are well they are scanned, and no longer failures.
    rmSync(path('sick.pkl'));
    writeFileSync(path('sick.pkl'), harmlessPickle);
    writeFileSync(path('gone.pkl'), harmlessPickle);
    assert.equal(await passes('retry'), '2 files will be tried again.\n');
    assert.deepEqual(kinds(await drain()), ['known', 'known']);
    assert.deepEqual((await report()).failures, []);
    assert.equal((await fleet('status', '--wait')).code, 0);
  });

  it('forgets nothing of a folder where one of its files is enqueued by itself', async (context) => {
    const { root, path, write, passes, report, drain } = fleetOf(context, {
      'a.pkl': dangerousPickle,
      'b.safetensors': emptySafetensors,
    });
    await passes('enqueue', root, '--rate', '100');
    await drain();
    write('a.pkl', harmlessPickle);
    assert.match(await passes('enqueue', path('a.pkl')), /a\.pkl: 1 file: 1 to scan\.\n$/);
    assert.deepEqual(kinds(await drain()), ['scanned']);
    const places = (await report()).sources.map(({ source, error, clean }) => [source.split('/').pop(), error, clean]);
    assert.deepEqual(places, [
      [root.split('/').pop(), 0, 2],
      ['a.pkl', 0, 1],
    ]);
  });

  it('counts all dead letters, and shows some', async (context) => {
    const names = Array.from({ length: 23 }, (_, index) => `${index}.pkl`);
    const { root, path, passes, status, drain } = fleetOf(
      context,
      Object.fromEntries(names.map((name) => [name, harmlessPickle])),
    );
    await passes('enqueue', root);
    for (const name of names) rmSync(path(name));
    await drain('--concurrency', '4');
    const { deadLetters, dead } = await status();
    assert.deepEqual([deadLetters, dead.length], [23, 23]);
    const text = await passes('status');
    assert.match(text, /, 23 dead letters\n/);
    assert.equal(text.match(/^ {2}dead {2}/gm)?.length, 20);
    assert.match(text, /\n {2}and 3 more dead letters\n$/);
  });

  it('gives the file of a worker that was killed to another one: one result, and none is lost', async (context) => {
    const { root, path, write, passes, status, report, worker } = fleetOf(context, { 'a.pkl': dangerousPickle });
    write('large.bin', 'x');
    truncateSync(path('large.bin'), 6 * 2 ** 30);
    await passes('enqueue', root);
    const first = worker('--lease', '2', '--concurrency', '2');
    await first.event(({ kind }) => kind === 'scanned');
    const active = await until(
      'the large file',
      status,
      (now) => now.active.length === 1 && now.active[0]?.percent !== null,
    );
    assert.match(active.active[0]?.uri ?? '', /large\.bin$/);
    first.child.kill('SIGKILL');
    await first.exit();
    truncateSync(path('large.bin'), 1 << 20);
    const second = worker('--lease', '2', '--drain');
    assert.equal(await second.exit(), 0, second.errors());
    assert.ok(second.events.some(({ kind }) => kind === 'lost'));
    assert.deepEqual(
      second.events.filter(({ kind }) => kind === 'scanned').map(({ uri }) => uri.split('/').pop()),
      ['large.bin'],
    );
    const { places, contents, failures } = await report();
    assert.deepEqual([places, contents, failures.length], [2, 2, 0]);
  });

  it('finishes what it is at when it is told to end, and takes no more', async (context) => {
    const { root, path, write, passes, status, worker, drain } = fleetOf(context, {});
    for (const name of ['a.bin', 'b.bin', 'c.bin']) {
      write(name, name);
      truncateSync(path(name), 1 << 30);
    }
    await passes('enqueue', root);
    const first = worker();
    await until('work', status, ({ active }) => active.length === 1);
    first.child.kill('SIGTERM');
    assert.equal(await first.exit(), 0, first.errors());
    const done = first.events.filter(({ kind }) => kind === 'scanned').length;
    assert.ok(done >= 1 && done < 3, `it did ${done}`);
    const { waiting, active } = await status();
    assert.deepEqual([waiting, active.length], [3 - done, 0]);
    for (const name of ['a.bin', 'b.bin', 'c.bin']) truncateSync(path(name), 100);
    assert.equal((await drain()).filter(({ kind }) => kind === 'scanned').length, 3 - done);
  });

  it('takes the most urgent first', async (context) => {
    const { root, path, passes, drain } = fleetOf(context, {
      'low/a.pkl': `${dangerousPickle}1`,
      'normal/b.pkl': `${dangerousPickle}2`,
      'high/c.pkl': `${dangerousPickle}3`,
    });
    assert.ok(root);
    for (const level of ['low', 'normal', 'high']) await passes('enqueue', path(level), '--priority', level);
    const order = (await drain()).map(({ uri }) => uri.split('/').at(-2));
    assert.deepEqual(order, ['high', 'normal', 'low']);
  });

  it('begins no more files of a source than its rate allows, and those of others meanwhile', async (context) => {
    const names = Array.from({ length: 6 }, (_, index) => index);
    const { path, passes, drain } = fleetOf(context, {
      ...Object.fromEntries(names.map((name) => [`slow/${name}.pkl`, `${dangerousPickle}s${name}`])),
      ...Object.fromEntries(names.map((name) => [`fast/${name}.pkl`, `${dangerousPickle}f${name}`])),
    });
    await passes('enqueue', path('slow'), '--rate', '2', '--priority', 'high');
    await passes('enqueue', path('fast'));
    const events = (await drain('--concurrency', '3')) as { uri: string; time?: string }[];
    assert.equal(events.length, 12);
    // One after the other by the clock of the server: 2 a second.
    const limiter = new JobQueue(connect(redis.url), 'limiter');
    const given = await Promise.all(Array.from({ length: 5 }, async () => (await limiter.reserve('source', 2)).at));
    await limiter.close();
    given.sort((a, b) => a - b);
    for (const [index, time] of given.entries()) if (index > 0) assert.ok(time - (given[index - 1] ?? 0) >= 500);
    const at = (folder: string) =>
      events.filter(({ uri }) => uri.includes(`/${folder}/`)).map(({ time }) => Date.parse(time ?? ''));
    // They are the more urgent ones, and would all have come first.
    assert.ok(Math.max(...at('fast')) < Math.max(...at('slow')), 'the others waited, too');
  });

  it('scans again only what a rule reads that changed', async (context) => {
    const { root, path } = makeWorkspace(context, {
      'a.pkl': dangerousPickle,
      'b.safetensors': emptySafetensors,
      'c.txt': 'text',
    });
    const settings = { limits: defaultLimits, maxFileSize: null, allowedImports: [] };
    const digests = Object.fromEntries(rules.map(({ meta }): [string, string] => [meta.id, 'before']));
    const before = ruleSetOf(settings, digests, 'readers');
    const now = ruleSetOf(settings, { ...digests, 'pickle/dangerous-import': 'now' }, 'readers');
    const queue = new JobQueue(connect(redis.url), freshQueue());
    const store = await ResultStore.open('a.db', root);
    try {
      const events: WorkerEvent[] = [];
      const scanAll = async (by: RuleSet) => {
        events.length = 0;
        const listing = await listFolder(root, { ...defaultConfiguration(root), exclude: ['a.db*'] }, context.signal);
        const options = { priority: 'normal', rate: null, tries: 1, all: false } as const;
        const counts = await enqueue(listing, { queue, store, rules: by }, options);
        await work({
          ...{ redis: redis.url, queue: queue.name, store, settings, rules: by, concurrency: 1, leaseMs: 30_000 },
          ...{
            graceMs: 30_000,
            signal: context.signal,
            drain: true,
            environment: {},
            onEvent: (event: WorkerEvent) => events.push(event),
          },
        });
        return [counts.fresh, counts.again, counts.unchanged, events.length];
      };
      assert.deepEqual(await scanAll(before), [3, 0, 0, 3]);
      assert.deepEqual(await scanAll(before), [0, 0, 3, 0]);
      assert.deepEqual(await scanAll(now), [0, 1, 2, 1]);
      assert.deepEqual([events[0]?.kind, 'uri' in events[0]! && events[0].uri.split('/').pop()], ['scanned', 'a.pkl']);
      assert.deepEqual(await scanAll(now), [0, 0, 3, 0]);
      assert.equal((await store.places(`file://${path('')}`.replace(/\/$/, ''))).length, 3);
    } finally {
      await store.close();
      await queue.close();
    }
  });

  it('writes a page without scripts, and OpenMetrics', async (context) => {
    const { root, passes, fleet, drain } = fleetOf(context, {
      '<img src=x onerror=alert(1)>.pkl': dangerousPickle,
      'fine.pkl': harmlessPickle,
    });
    await passes('enqueue', root);
    await drain();
    const page = await passes('report', '--format', 'html');
    assert.match(page, /default-src 'none'/);
    assert.ok(!page.includes('<img') && !page.includes('<script'));
    assert.match(page, /must not be loaded/);
    const metrics = await passes('report', '--format', 'openmetrics');
    assert.match(metrics, /^weighbridge_fleet_artifacts\{source="file:[^"]*",verdict="error"\} 1$/m);
    assert.match(metrics, /# EOF\n$/);
    assert.equal((await fleet('report', '--fail-on', 'error')).code, 1);
    assert.equal((await fleet('report', '--fail-on', 'never')).code, 0);
  });

  it('says in one line what cannot be reached, without the password', async (context) => {
    const { root } = makeWorkspace(context, { 'a.pkl': harmlessPickle });
    const said = async (...args: string[]) => {
      const { code, stdout, stderr } = await weighbridge(root, ['fleet', ...args]);
      assert.deepEqual([code, stdout], [2, '']);
      assert.equal(stderr.trimEnd().split('\n').length, 1, stderr);
      return stderr;
    };
    assert.match(
      await said('status', '--redis', 'redis://:geheim@127.0.0.1:1'),
      /^weighbridge: Redis at 127\.0\.0\.1:1 /,
    );
    const store = ['--store', 'postgres://weighbridge:geheim@127.0.0.1:1/x'];
    const unreachable = await said('status', '--redis', redis.url, ...store);
    assert.match(unreachable, /^weighbridge: PostgreSQL cannot be used/);
    assert.ok(!unreachable.includes('geheim'));
    assert.match(await said('enqueue', 'nowhere', '--redis', redis.url), /there is no file or folder/);
    assert.match(await said('enqueue', '--redis', redis.url), /name a source/);
    const elsewhere = await said('enqueue', 'https://reader:geheim@example.com/a.pt', '--redis', redis.url);
    assert.match(elsewhere, /a queue keeps no password.*: name https:\/\/example\.com\/a\.pt without them/);
    assert.ok(!elsewhere.includes('geheim'));
    for (const command of ['status', 'retry', 'report', 'work'])
      assert.match(await said(command, 'stray', '--queue', 'stray'), /"stray" is not understood here/);
    // Told before anything is asked, and the connection keeps nobody waiting.
    for (const command of ['status', 'work'])
      assert.match(await said(command, '--queue', 'a b', '--redis', redis.url), /--queue must be a name/);
    assert.match(await said('work', '--lease', '0', '--redis', 'redis://127.0.0.1:1'), /--lease must be a number/);
    assert.match(await said('enqueue', '.', '--rate', '0', '--redis', redis.url), /--rate must be/);
    writeFileSync(`${root}/text.db`, 'no database, and longer than a header of one'.repeat(99));
    assert.match(await said('report', '--store', 'text.db'), /text\.db/);
    assert.equal(readFileSync(`${root}/text.db`, 'utf8').slice(0, 11), 'no database');
  });
});
