import { join } from 'node:path';
import type { Configuration } from '../../engine/configuration.ts';
import type { ExamineSettings } from '../../engine/examine.ts';
import { WeighbridgeError } from '../../errors.ts';
import { connect, JobQueue, requireRedis } from '../../fleet/jobQueue.ts';
import { ResultStore } from '../../fleet/store/resultStore.ts';
import { complain, type Io } from '../io.ts';
import { text, type OptionTable, type OptionValues } from '../options.ts';

/** Options of every command of a fleet. */
export const fleetOptions: OptionTable = {
  redis: { type: 'string' },
  store: { type: 'string' },
  queue: { type: 'string' },
};

export function redisUrl(values: OptionValues, { environment }: Io): string {
  return text(values, 'redis') ?? environment['WEIGHBRIDGE_REDIS'] ?? 'redis://127.0.0.1:6379';
}

export function queueName(values: OptionValues): string {
  const name = text(values, 'queue') ?? 'fleet';
  if (/^[\w.-]{1,100}$/.test(name)) return name;
  throw new WeighbridgeError('bad-usage', '--queue must be a name of letters, digits, ".", "_" and "-"');
}

/** @throws {WeighbridgeError} */
export function openStore(values: OptionValues, { cwd, environment }: Io): Promise<ResultStore> {
  const address = text(values, 'store') ?? environment['WEIGHBRIDGE_STORE'] ?? join('.weighbridge', 'fleet.db');
  if (address === '') throw new WeighbridgeError('bad-usage', '--store needs a file or an address');
  return ResultStore.open(address, cwd);
}

/**
 * That there is a Redis, and one that forgets nothing.
 * @throws {WeighbridgeError} `unreachable`.
 */
export async function requireQueueServer(redis: ReturnType<typeof connect>, io: Io): Promise<void> {
  await requireRedis(redis);
  // Who may not ask for it is told nothing.
  const memory = await redis.info('memory').catch(() => '');
  const policy = /^maxmemory_policy:(\S+)/m.exec(memory)?.[1] ?? 'noeviction';
  // BullMQ says it of each of its connections, and not what to do.
  console.warn = () => undefined;
  if (policy !== 'noeviction')
    await complain(
      io,
      `warning: Redis may throw files away that wait (${policy}): set its maxmemory-policy to noeviction`,
    );
}

/** @throws {WeighbridgeError} `unreachable`. */
export async function openQueue(values: OptionValues, io: Io): Promise<JobQueue> {
  // First: a connection that nobody closes would keep the process.
  const name = queueName(values);
  const redis = connect(redisUrl(values, io));
  await requireQueueServer(redis, io);
  return new JobQueue(redis, name);
}

/** What of a configuration changes what one file comes to. */
export function examineSettings({ limits, maxFileSize, allowImports, osv }: Configuration): ExamineSettings {
  return { limits, maxFileSize, allowedImports: allowImports, ...(osv !== null && { osv }) };
}

/** @throws {WeighbridgeError} `bad-usage`. */
export function wholeNumber(values: OptionValues, name: string, fallback: number, most: number): number {
  const given = text(values, name);
  if (given === undefined) return fallback;
  const value = Number(given);
  if (/^[1-9]\d*$/.test(given) && value <= most) return value;
  throw new WeighbridgeError('bad-usage', `--${name} must be a number from 1 to ${most}, not "${given}"`);
}
