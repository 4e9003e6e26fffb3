import { setTimeout as pause } from 'node:timers/promises';
import { WeighbridgeError } from '../errors.ts';
import type { WorkerEvent } from './worker.ts';

/** A store that is out of reach is no fault of the file: it is asked again until it answers. */
export async function persist<T>(
  action: () => Promise<T>,
  signal: AbortSignal,
  onEvent: (event: WorkerEvent) => void,
): Promise<T> {
  for (let wait = 200; ; wait = Math.min(5_000, wait * 2)) {
    try {
      return await action();
    } catch (cause) {
      if (signal.aborted || !isOutOfReach(cause)) throw cause;
      onEvent({ kind: 'trouble', reason: `the store cannot be reached: ${(cause as Error).message}` });
      await pause(wait, undefined, { signal });
    }
  }
}

/** Whether a connection is what failed, and not the question: PostgreSQL's classes 08 (connection) and 57P (shut down). */
function isOutOfReach(cause: unknown): boolean {
  const { code, message } = cause as { code?: unknown; message?: string };
  if (cause instanceof WeighbridgeError) return false;
  if (typeof code === 'string')
    return /^(?:08|57P|53300)|^E(?:CONN|HOST|NET|PIPE|TIMEDOUT|NOTFOUND|AI_AGAIN)/.test(code);
  return /timeout|terminated|Connection/i.test(message ?? '');
}
