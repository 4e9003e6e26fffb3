import { closeSync, openSync, readFileSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { WeighbridgeError } from '../errors.ts';
import { reasonOf } from './reason.ts';

/** A lock that does not say whose it is, and is older than this in milliseconds, was left by a process that was killed while it wrote it. */
const writtenBy = 10_000;

/**
 * Keeps a second run away from what this one counts or appends to, however long it takes. The lock of a process of this machine that is
 * gone is taken over; whether one of another machine lives cannot be seen, so that one is told of.
 * @param path the lock file.
 * @param of what is held, for the message.
 * @returns what lets go of it.
 * @throws {WeighbridgeError} `refused` while another run holds it; `unwritable`.
 */
export function holdAlone(path: string, of: string): () => void {
  const letGo = (): void => rmSync(path, { force: true });
  for (;;) {
    if (written(path)) return letGo;
    const lock = readLock(path);
    if (lock === null) continue; // Let go of just now.
    const holder = isLeft(lock) ? takeOver(path, lock) : lock;
    if (holder === 'this process') return letGo;
    if (holder === null) continue;
    throw new WeighbridgeError(
      'refused',
      `${of} is in use by another run${holder.who}: wait for it, or remove ${path} when it is gone`,
    );
  }
}

/**
 * The same for what takes a moment: waits until the others are done.
 * @param patience in milliseconds. @throws {WeighbridgeError} `unwritable`, also when it is held for longer than that.
 */
export async function holdInTurn(path: string, of: string, patience: number): Promise<() => void> {
  const until = Date.now() + patience;
  for (;;) {
    try {
      return holdAlone(path, of);
    } catch (error) {
      if (!(error instanceof WeighbridgeError) || error.code !== 'refused') throw error;
      if (Date.now() > until) throw new WeighbridgeError('unwritable', error.message, { cause: error });
      await wait(20);
    }
  }
}

/** Writes a lock of this process where there is none. @throws {WeighbridgeError} `unwritable`. */
function written(path: string): boolean {
  try {
    const descriptor = openSync(path, 'wx', 0o600);
    try {
      writeSync(descriptor, JSON.stringify({ pid: process.pid, host: hostname() }));
    } finally {
      closeSync(descriptor);
    }
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw new WeighbridgeError('unwritable', `cannot write ${path}: ${reasonOf(cause)}`, { cause });
  }
}

interface Lock {
  text: string;
  /** Milliseconds since it was written. */
  age: number;
  pid: number | null;
  host: string | null;
  /** For a message: in brackets, or empty. */
  who: string;
}

/** null: there is none. */
function readLock(path: string): Lock | null {
  let text: string;
  let age: number;
  try {
    age = Date.now() - statSync(path).mtimeMs;
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new WeighbridgeError('unwritable', `cannot read ${path}: ${reasonOf(cause)}`, { cause });
  }
  try {
    const { pid, host } = JSON.parse(text) as { pid?: unknown; host?: unknown };
    if (Number.isSafeInteger(pid) && Number(pid) > 0 && typeof host === 'string') {
      const where = host === hostname() ? '' : ` on ${host}`;
      return { text, age, pid: Number(pid), host, who: ` (process ${Number(pid)}${where})` };
    }
  } catch {
    // It is being written, or was when its process was killed.
  }
  return { text, age, pid: null, host: null, who: '' };
}

function isLeft({ pid, host, age }: Lock): boolean {
  if (pid === null) return age > writtenBy;
  if (host !== hostname()) return false;
  try {
    // Signal 0 asks whether there is such a process.
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/**
 * Of several that find the same lock left, one takes it over: whoever writes the claim, and finds the lock as it was. It is replaced and
 * never away, so that nobody writes one of his own meanwhile.
 * @returns who has it now; null where another look tells.
 */
function takeOver(path: string, { text }: Lock): 'this process' | Lock | null {
  const claim = `${path}.claim`;
  if (!written(claim)) {
    const other = readLock(claim);
    if (other === null || !isLeft(other)) return other;
    rmSync(claim, { force: true });
    return null;
  }
  if (readLock(path)?.text !== text) {
    rmSync(claim, { force: true });
    return null;
  }
  // The claim is a lock of this process already.
  renameSync(claim, path);
  return 'this process';
}
