// A fleet: ten thousand files by one, two and four workers, as processes of their own at one Redis and one PostgreSQL.
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { weighbridge } from '../cli/weighbridge.ts';
import { startPostgres, startRedis, startWorker, until, type Service, type WorkerProcess } from '../fleet/services.ts';
import type { Goal, Row } from './table.ts';

const files = 10_000;
/** Bytes of a file: most of a worker's time goes into hashing and reading it, as it does with models. */
const fileBytes = 128 << 10;
/** `cannot_connect_now` of PostgreSQL. */
const startingUp = '57P03';
const mostWorkerBytes = 200e6;

/** @param folder scratch, which the caller removes. */
export async function benchFleet(folder: string): Promise<Row[]> {
  const models = path.join(folder, 'fleet');
  writePickles(models);
  const [redis, postgres] = await Promise.all([startRedis(), startPostgres()]);
  try {
    const rows: Row[] = [];
    let alone = Number.NaN;
    for (const workers of [1, 2, 4]) {
      const { seconds, peakBytes } = await timed(folder, models, workers, redis, postgres);
      if (workers === 1) alone = seconds;
      const goals: Goal[] = [memoryGoal(peakBytes)];
      if (workers > 1) goals.unshift(speedGoal(workers, alone / seconds));
      const ours = { seconds, cpuSeconds: Number.NaN, peakBytes, runs: [] };
      rows.push({
        job: `fleet: 10,000 pickles of 128 kB, ${workers} workers`.replace('1 workers', '1 worker'),
        ours,
        peers: {},
        goals,
      });
    }
    return rows;
  } finally {
    await redis.dispose();
    await postgres.dispose();
  }
}

/** Pickles of many small numbers, no two of them alike. */
function writePickles(folder: string): void {
  const body = Buffer.alloc(fileBytes, 'K\x01');
  const end = Buffer.from('t.');
  for (let index = 0; index < files; index++) {
    const inside = path.join(folder, `${index % 100}`);
    mkdirSync(inside, { recursive: true });
    const start = Buffer.from([0x80, 2, 0x28, 0x4a, 0, 0, 0, 0]);
    start.writeInt32LE(index, 4);
    writeFileSync(path.join(inside, `${index}.pkl`), Buffer.concat([start, body, end]));
  }
}

/** From the first file that is done to the last one: starting a process is not what is measured. */
async function timed(
  folder: string,
  models: string,
  workers: number,
  redis: Service,
  postgres: Service,
): Promise<{ seconds: number; peakBytes: number }> {
  const name = `bench_${randomBytes(4).toString('hex')}`;
  await until('a database', () => makeDatabase(postgres.url, name), Boolean);
  const environment = { WEIGHBRIDGE_REDIS: redis.url, WEIGHBRIDGE_STORE: postgres.url.replace(/postgres$/, name) };
  const queue = ['--queue', name];
  const enqueued = await weighbridge(folder, ['fleet', 'enqueue', models, '--quiet', ...queue], environment);
  if (enqueued.code !== 0) throw new Error(enqueued.stderr);
  const started = Array.from({ length: workers }, () => startWorker(folder, environment, [...queue, '--drain']));
  const done = (worker: WorkerProcess) => worker.events.filter(({ kind }) => kind === 'scanned');
  let peakBytes = 0;
  const watched = started.map(async (worker) => {
    const watch = setInterval(() => (peakBytes = Math.max(peakBytes, peakOf(worker))), 200);
    const code = await worker.exit();
    clearInterval(watch);
    if (code !== 0) throw new Error(worker.errors());
  });
  await Promise.all(watched);
  const times = started.flatMap(done).map(({ time }) => Date.parse(time ?? ''));
  if (times.length !== files) throw new Error(`${times.length} of ${files} files were scanned`);
  times.sort((a, b) => a - b);
  return { seconds: ((times.at(-1) ?? 0) - (times[0] ?? 0)) / 1000, peakBytes };
}

/** @returns false where the server listens already, and lets nobody in yet. */
async function makeDatabase(url: string, name: string): Promise<boolean> {
  const client = new pg.Client(url);
  try {
    await client.connect();
    await client.query(`CREATE DATABASE ${name}`);
    return true;
  } catch (cause) {
    if ((cause as { code?: unknown }).code === startingUp) return false;
    throw cause;
  } finally {
    await client.end();
  }
}

/** The most memory that a process has had, in bytes (Linux). */
function peakOf({ child }: WorkerProcess): number {
  try {
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    // It has ended.
    return 0;
  }
}

function memoryGoal(bytes: number): Goal {
  return {
    wanted: 'under 200 MB a worker',
    reached: `${Math.round(bytes / 1e6)} MB`,
    met: bytes > 0 && bytes < mostWorkerBytes,
  };
}

/** Near to linear up to the processors, which the queue and the database share with the workers. */
function speedGoal(workers: number, ratio: number): Goal {
  const wanted = 0.8 * Math.min(workers, availableParallelism());
  return { wanted: `${wanted.toFixed(1)}x one worker`, reached: `${ratio.toFixed(2)}x`, met: ratio >= wanted };
}
