import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { WeighbridgeError } from '../errors.ts';
import { reasonOf } from './reason.ts';

interface Holder {
  pid: number;
  host: string;
}

/**
 * Keeps a second run away from what this one counts or appends to, however long it takes. The lock of a process of this machine that is
 * gone is taken over; whether one of another machine lives cannot be seen, so that one is told of.
 * @param path the lock file.
 * @param of what is held, for the message.
 * @returns what lets go of it.
 * @throws {WeighbridgeError} `refused` while another run holds it; `unwritable`.
 */
export function holdAlone(path: string, of: string): () => void {
  for (let attempt = 1; ; attempt++) {
    try {
      const descriptor = openSync(path, 'wx', 0o600);
      try {
        writeSync(descriptor, JSON.stringify({ pid: process.pid, host: hostname() } satisfies Holder));
      } finally {
        closeSync(descriptor);
      }
      return () => rmSync(path, { force: true });
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') {
        throw new WeighbridgeError('unwritable', `cannot write ${path}: ${reasonOf(cause)}`, { cause });
      }
      const holder = holderOf(path);
      if (holder !== null && !isGone(holder)) {
        const who = `process ${holder.pid}${holder.host === hostname() ? '' : ` on ${holder.host}`}`;
        throw new WeighbridgeError(
          'refused',
          `${of} is in use by another run (${who}): wait for it, or remove ${path} when it is gone`,
          { cause },
        );
      }
      if (attempt === 3) {
        throw new WeighbridgeError('refused', `${of} is in use by other runs: try again`, { cause });
      }
      rmSync(path, { force: true });
    }
  }
}

/** null: the lock is gone again, or was left before it said whose it is. */
function holderOf(path: string): Holder | null {
  try {
    const { pid, host } = JSON.parse(readFileSync(path, 'utf8')) as Partial<Holder>;
    return Number.isSafeInteger(pid) && Number(pid) > 0 && typeof host === 'string' ? { pid: Number(pid), host } : null;
  } catch {
    return null;
  }
}

function isGone({ pid, host }: Holder): boolean {
  if (host !== hostname()) return false;
  try {
    // Signal 0 asks whether there is such a process.
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
