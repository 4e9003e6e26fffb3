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
      if (signal.aborted || !(isOutOfReach(cause) || isFull(cause))) throw cause;
      const { message } = cause as Error;
      const what = isFull(cause) ? 'cannot be written' : 'cannot be reached';
      onEvent({ kind: 'trouble', reason: `the store ${what}: ${message}` });
      await pause(wait, undefined, { signal });
    }
  }
}

/** Whether the disk of the store has no room: SQLite's words, and PostgreSQL's class 53100. */
function isFull(cause: unknown): boolean {
  const { code, message } = cause as { code?: unknown; message?: string };
  return code === '53100' || /^database or disk is full/.test(message ?? '');
}

/** Whether a connection is what failed, and not the question: PostgreSQL's classes 08 (connection) and 57P (shut down). */
function isOutOfReach(cause: unknown): boolean {
  const { code, message } = cause as { code?: unknown; message?: string };
  if (cause instanceof WeighbridgeError) return false;
  if (typeof code === 'string')
    return /^(?:08|57P|53300)|^E(?:CONN|HOST|NET|PIPE|TIMEDOUT|NOTFOUND|AI_AGAIN)/.test(code);
  return /timeout|terminated|Connection/i.test(message ?? '');
}
