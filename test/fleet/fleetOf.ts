import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { makeWorkspace } from '../../server/engine/workspace.fixture.ts';
import type { FleetReport } from '../../server/fleet/fleetReport.ts';
import type { FleetStatus } from '../../server/fleet/status.ts';
import { weighbridge, type Outcome } from '../cli/weighbridge.ts';
import { startWorker, type Service } from './services.ts';

let queues = 0;
/** A name that no other test of this process has. */
export const freshQueue = (): string => `test-${process.pid}-${queues++}`;

/** Files, a queue of their own, and the commands on them. */
export function fleetOf(
  redis: Pick<Service, 'url'>,
  context: TestContext,
  files: Record<string, string | Uint8Array>,
  environment: NodeJS.ProcessEnv = {},
) {
  const models = makeWorkspace(context, files);
  const { root } = makeWorkspace(context);
  const queue = ['--queue', freshQueue()];
  const env = { WEIGHBRIDGE_REDIS: redis.url, ...environment };
  const fleet = (name: string, ...args: string[]): Promise<Outcome> =>
    weighbridge(root, ['fleet', name, ...(name === 'report' ? [] : queue), ...args], env);
  const passes = async (name: string, ...args: string[]) => {
    const { code, stdout, stderr } = await fleet(name, ...args);
    assert.equal(code, 0, stderr);
    return stdout;
  };
  const status = async () => JSON.parse(await passes('status', '--format', 'json')) as FleetStatus;
  const report = async () => JSON.parse(await passes('report', '--format', 'json')) as FleetReport;
  const worker = (...args: string[]) => startWorker(root, env, [...queue, ...args]);
  /** One with other variables, until nothing waits any more. */
  const drainWith = async (others: NodeJS.ProcessEnv) => {
    const started = startWorker(root, { ...env, ...others }, [...queue, '--drain']);
    assert.equal(await started.exit(), 0, started.errors());
    return started.events;
  };
  const drain = async (...args: string[]) => {
    const started = worker('--drain', ...args);
    assert.equal(await started.exit(), 0, started.errors());
    return started.events;
  };
  return { ...models, cwd: root, fleet, passes, status, report, worker, drain, drainWith };
}

export const kinds = (events: { kind: string }[]) => events.map(({ kind }) => kind).sort();
