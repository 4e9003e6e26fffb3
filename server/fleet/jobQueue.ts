import { createHash } from 'node:crypto';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { WeighbridgeError } from '../errors.ts';
import type { RemoteJob } from './remoteFile.ts';

/** One file to scan. */
export interface ScanJob {
  source: string;
  /** Relative to the source, with `/`. */
  path: string;
  /** The address of the file. */
  uri: string;
  /** Bytes, as they were when it was enqueued. */
  size: number;
  /** Where it lies, if that is no folder that workers see. */
  remote?: RemoteJob;
  /** When the source's rate lets it begin (ms since 1970), and of which attempt that is. */
  slot?: { attempt: number; at: number };
}

/** What is known of a source. */
export interface SourceState {
  /** How many files a second may begin; null for any number. */
  rate: number | null;
  /** Files of it when it was last enqueued. */
  files: number;
  /** When that was, RFC 3339. */
  at: string;
}

export const priorities = { high: 1, normal: 100, low: 10_000 } as const;
export type Priority = keyof typeof priorities;

/** Between two tries of a file; it doubles from try to try. */
const firstWaitMs = 1_000;

/** Keys of all queues begin with it. */
export const prefix = 'weighbridge';

/** A connection that tries again for as long as it takes: a server that is restarted or out of reach comes back. */
export function connect(url: string): Redis {
  let redis: Redis;
  try {
    redis = new Redis(url, {
      // BullMQ demands it of connections that wait for jobs.
      maxRetriesPerRequest: null,
      connectTimeout: 10_000,
      keepAlive: 10_000,
      retryStrategy: (times) => Math.min(5_000, 100 * 2 ** Math.min(times, 6)),
    });
  } catch (cause) {
    throw new WeighbridgeError('bad-usage', `--redis must be an address such as redis://127.0.0.1:6379`, { cause });
  }
  // Each failed try is told here, and none is the last one.
  redis.on('error', () => undefined);
  return redis;
}

/** @throws {WeighbridgeError} `unreachable` where there is no Redis or Valkey, or it wants other credentials. */
export async function requireRedis(redis: Redis, waitMs = 10_000): Promise<void> {
  let reason = 'it does not answer';
  const note = (error: Error) => (reason = error.message);
  redis.on('error', note);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const { host, port } = redis.options;
      reject(
        new WeighbridgeError(
          'unreachable',
          `Redis at ${host}:${port} cannot be used (${reason}): start it, or name another with --redis URL`,
        ),
      );
    }, waitMs);
  });
  try {
    await Promise.race([redis.ping(), late]);
  } catch (cause) {
    redis.disconnect();
    if (cause instanceof WeighbridgeError) throw cause;
    throw new WeighbridgeError('unreachable', `Redis cannot be used: ${(cause as Error).message}`, { cause });
  } finally {
    clearTimeout(timer);
    redis.off('error', note);
  }
}

/** The jobs of a fleet, and what is known of its sources. */
export class JobQueue {
  readonly redis: Redis;
  readonly queue: Queue<ScanJob>;
  readonly name: string;

  constructor(redis: Redis, name: string) {
    this.redis = redis;
    this.name = name;
    this.queue = new Queue<ScanJob>(name, { connection: redis, prefix });
    this.queue.on('error', () => undefined);
  }

  /** A file that waits already is not added again; one among the dead letters gets another try. */
  async add(jobs: readonly ScanJob[], priority: Priority, attempts: number): Promise<void> {
    for (let from = 0; from < jobs.length; from += 500) {
      const batch = jobs.slice(from, from + 500).map((data) => ({
        name: 'scan',
        data,
        opts: {
          jobId: jobIdOf(data),
          priority: priorities[priority],
          attempts,
          backoff: { type: 'exponential', delay: firstWaitMs, jitter: 0.5 },
          removeOnComplete: true,
          removeOnFail: false,
        },
      }));
      await this.queue.addBulk(batch);
    }
  }

  async setSource(source: string, state: SourceState): Promise<void> {
    await this.redis.hset(this.#sourcesKey, source, JSON.stringify(state));
  }

  async sources(): Promise<Map<string, SourceState>> {
    const all = await this.redis.hgetall(this.#sourcesKey);
    return new Map(Object.entries(all).map(([source, text]) => [source, JSON.parse(text) as SourceState]));
  }

  /** How many files of a source may begin in a second. */
  async rateOf(source: string): Promise<number | null> {
    const text = await this.redis.hget(this.#sourcesKey, source);
    return text === null ? null : (JSON.parse(text) as SourceState).rate;
  }

  /** When a file of the source may begin (ms since 1970): one after the other, by the clock of the server. */
  async reserve(source: string, rate: number): Promise<{ at: number; now: number }> {
    const key = `${prefix}:${this.name}:slot:${digestOf(source)}`;
    const [at = 0, now = 0] = (await this.redis.eval(reserveScript, 1, key, Math.ceil(1000 / rate))) as number[];
    return { at, now };
  }

  /** Lets one worker work on some content; others wait for what it finds. @returns false where another one has it. */
  async claim(content: string, owner: string, leaseMs: number): Promise<boolean> {
    const key = this.#claimKey(content);
    if ((await this.redis.set(key, owner, 'PX', leaseMs, 'NX')) === 'OK') return true;
    return (await this.redis.eval(extendScript, 1, key, owner, leaseMs)) === 1;
  }

  async release(content: string, owner: string): Promise<void> {
    await this.redis.eval(releaseScript, 1, this.#claimKey(content), owner);
  }

  async close(): Promise<void> {
    await this.queue.close();
    this.redis.disconnect();
  }

  get #sourcesKey(): string {
    return `${prefix}:${this.name}:sources`;
  }

  #claimKey(content: string): string {
    return `${prefix}:${this.name}:claim:${content}`;
  }
}

/** A job of which workers died so often is what they died of. */
export const mostLosses = 3;

/** Why a job failed, in our words where BullMQ has its own. */
export function reasonTold(reason: string): string {
  return /^job stalled more than/.test(reason)
    ? `more than ${mostLosses} workers ended, or lost the queue, while they were at it`
    : reason;
}

/** One job a file: whoever enqueues it twice adds one. */
export function jobIdOf({ source, path }: Pick<ScanJob, 'source' | 'path'>): string {
  return digestOf(`${source}\0${path}`);
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 40);
}

/** The next free time after the last one that was given. */
const reserveScript = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local last = tonumber(redis.call('GET', KEYS[1]) or '0')
local at = math.max(now, last + tonumber(ARGV[1]))
redis.call('SET', KEYS[1], string.format('%.0f', at), 'PX', math.max(1000, at - now + 10 * tonumber(ARGV[1])))
return { at, now }`;

const extendScript = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`;

const releaseScript = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`;
