// Three workers on machines of their own (network namespaces) at one Redis and one PostgreSQL: one worker is killed in mid-scan, Redis
// is restarted, and the network of another one is cut for a minute. Every file has exactly one result, and none is lost.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { truncateSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { makeWorkspace } from '../../server/engine/workspace.fixture.ts';
import { weighbridge } from '../cli/weighbridge.ts';
import { startPostgres, startRedis, startWorker, until, type Service, type WorkerProcess } from './services.ts';

const ip = (...args: string[]) => void execFileSync('ip', args, { stdio: 'pipe' });
const bridge = `wb${process.pid % 10_000}`;
const network = `10.231.${process.pid % 250}`;
const machines = [2, 3, 4].map((number) => ({
  name: `${bridge}-${number}`,
  link: `${bridge}v${number}`,
  address: `${network}.${number}/24`,
}));

const artifacts = 10_000;

describe('a fleet whose parts fail', { timeout: 1_500_000 }, () => {
  let redis: Service;
  let postgres: Service;
  before(async () => {
    ip('link', 'add', bridge, 'type', 'bridge');
    ip('addr', 'add', `${network}.1/24`, 'dev', bridge);
    ip('link', 'set', bridge, 'up');
    for (const { name, link, address } of machines) {
      ip('netns', 'add', name);
      ip('link', 'add', link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
      ip('link', 'set', link, 'master', bridge);
      ip('link', 'set', link, 'up');
      ip('-n', name, 'addr', 'add', address, 'dev', 'eth0');
      ip('-n', name, 'link', 'set', 'eth0', 'up');
    }
    redis = await startRedis(`${network}.1`);
    postgres = await startPostgres(`${network}.1`);
  });
  after(async () => {
    await redis?.dispose();
    await postgres?.dispose();
    for (const { name } of machines) ip('netns', 'delete', name);
    ip('link', 'delete', bridge);
  });

  it(`has exactly one result for each of ${artifacts} files`, async (context) => {
    const { root, write, path } = makeWorkspace(context);
    for (let index = 0; index < artifacts; index++) {
      // A pickle of the number, and nothing else has its bytes.
      const bytes = Buffer.from([0x80, 2, 0x4a, 0, 0, 0, 0, 0x2e]);
      bytes.writeInt32LE(index, 3);
      write(`models/${index % 100}/${index}.pkl`, bytes);
    }
    for (const name of ['1.bin', '2.bin', '3.bin']) {
      write(`large/${name}`, name);
      truncateSync(path(`large/${name}`), 6 * 2 ** 30);
    }
    const environment = { WEIGHBRIDGE_REDIS: redis.url, WEIGHBRIDGE_STORE: postgres.url };
    const command = async (...args: string[]) => {
      const { code, stdout, stderr } = await weighbridge(root, ['fleet', ...args], environment);
      assert.equal(code, 0, stderr);
      return stdout;
    };
    await command('enqueue', 'models');
    await command('enqueue', 'large', '--priority', 'high');
    const start = ({ name }: { name: string }): WorkerProcess =>
      startWorker(root, environment, ['--lease', '5'], ['ip', 'netns', 'exec', name]);
    const [first, second, third] = machines.map(start);
    assert.ok(first && second && third);
    const status = async () =>
      JSON.parse(await command('status', '--format', 'json')) as {
        active: { uri: string; percent: number | null }[];
        dead: unknown[];
      };

    // Each worker is at a large file, and one of them dies there.
    await until('work', status, ({ active }) => active.length === 3 && active.every(({ percent }) => percent !== null));
    first.child.kill('SIGKILL');
    assert.deepEqual(first.events, []);
    const again = start(machines[0] ?? { name: '' });

    await second.event(() => second.events.length > 600);
    await redis.kill('SIGKILL');
    await pause(3_000);
    await redis.start();

    const link = machines[2]?.link ?? '';
    const before = third.events.length;
    ip('link', 'set', link, 'down');
    await pause(60_000);
    ip('link', 'set', link, 'up');
    assert.ok(third.events.length <= before + 200, 'the third worker never noticed');

    await command('status', '--wait');
    for (const worker of [again, second, third]) worker.child.kill('SIGTERM');
    for (const worker of [again, second, third]) assert.equal(await worker.exit(), 0, worker.errors());
    assert.deepEqual((await status()).dead, []);

    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    const count = async (sql: string) => Number((await client.query<{ n: string }>(sql)).rows[0]?.n);
    assert.equal(await count('SELECT count(*) AS n FROM place'), artifacts + 3);
    assert.equal(await count('SELECT count(*) AS n FROM result'), artifacts + 3);
    assert.equal(await count('SELECT count(*) AS n FROM failure'), 0);
    await client.end();
    const scanned = [first, again, second, third]
      .flatMap(({ events }) => events)
      .filter(({ kind }) => kind === 'scanned');
    const told = new Map<string, number>();
    for (const { uri } of scanned) told.set(uri, (told.get(uri) ?? 0) + 1);
    const twice = [...told.values()].filter((times) => times > 1).length;
    console.log(
      `${scanned.length} scans of ${told.size} files; ${twice} were scanned again after their worker was lost or cut off`,
    );
  });
});
