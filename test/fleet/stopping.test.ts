import assert from 'node:assert/strict';
import { truncateSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { harmlessPickle } from '../../server/engine/workspace.fixture.ts';
import { fleetOf } from './fleetOf.ts';
import { startRedis, until, type Service } from './services.ts';

describe('a fleet that loses workers, or its queue', { timeout: 120_000 }, () => {
  let redis: Service;
  before(async () => {
    redis = await startRedis();
  });
  after(() => redis.dispose());

  it('a file of which workers die again and again is a dead letter, with the reason', async (context) => {
    const { root, write, path, passes, status, report, worker, drain } = fleetOf(redis, context, {});
    write('large.bin', 'x');
    truncateSync(path('large.bin'), 20 * 2 ** 30);
    await passes('enqueue', root);
    for (let losses = 0; losses <= 3; losses++) {
      const victim = worker('--lease', '1');
      if (losses > 0) await victim.event(({ kind }) => kind === 'lost');
      await until('work', status, ({ active }) => active.length === 1);
      victim.child.kill('SIGKILL');
      await victim.exit();
    }
    const why = 'more than 3 workers ended, or lost the queue, while they were at it';
    const events = await drain('--lease', '1');
    assert.deepEqual(
      events.filter(({ kind }) => kind === 'dead').map(({ reason }) => reason),
      [why],
    );
    assert.deepEqual(
      (await status()).dead.map(({ reason }) => reason),
      [why],
    );
    assert.deepEqual(
      (await report()).failures.map(({ reason }) => reason),
      [why],
    );
  });

  it('one whose queue is out of reach ends when it is told to, and not after its grace', async (context) => {
    const { root, passes, worker } = fleetOf(redis, context, { 'a.pkl': harmlessPickle });
    await passes('enqueue', root);
    const idle = worker('--grace', '3600');
    await idle.event(({ kind }) => kind === 'scanned');
    await redis.kill('SIGKILL');
    await idle.event(({ kind }) => kind === 'trouble');
    idle.child.kill('SIGTERM');
    assert.equal(await idle.exit(), 0, idle.errors());
    await redis.start();
  });

  it('a server that throws away what waits is told of once', async (context) => {
    const forgetful = await startRedis('127.0.0.1', ['--maxmemory-policy', 'allkeys-lru']);
    try {
      const { root, fleet } = fleetOf(forgetful, context, { 'a.pkl': harmlessPickle });
      for (const args of [['enqueue', root], ['work', '--drain', '--quiet'], ['status']]) {
        const { code, stderr } = await fleet(args[0] ?? '', ...args.slice(1));
        assert.equal(code, 0, stderr);
        assert.match(
          stderr,
          /^weighbridge: warning: Redis may throw files away that wait \(allkeys-lru\): .*noeviction\n$/,
        );
      }
    } finally {
      await forgetful.dispose();
    }
  });
});
