// Child processes of the development scripts: each in a process group of its own, so that stopping one leaves nothing.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();

/**
 * Runs a program to its end, with its output passed through.
 * @param {string} program
 * @param {string[]} args
 * @param {{ quiet?: boolean, environment?: Record<string, string>, timeoutMs?: number, cwd?: string }} [options]
 *   `quiet` keeps the output back unless the program fails.
 * @returns {Promise<{ code: number, signal: NodeJS.Signals | null, output: string, timedOut: boolean }>} `code` is 127 when it cannot be started, and
 *   128 when a signal ended it.
 */
export function run(program, args, { quiet = false, environment = {}, timeoutMs = 0, cwd = repository } = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...environment },
      stdio: ['ignore', quiet ? 'pipe' : 'inherit', quiet ? 'pipe' : 'inherit'],
      detached: true,
    });
    running.add(child);
    let output = '';
    let timedOut = false;
    let settled = false;
    child.stdout?.on('data', (chunk) => (output += chunk));
    child.stderr?.on('data', (chunk) => (output += chunk));
    const timer = timeoutMs
      ? setTimeout(() => {
          timedOut = true;
          stopGroup(child, 'SIGKILL');
        }, timeoutMs)
      : undefined;
    const settle = (code, signal = null) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      running.delete(child);
      // What a crashed program left behind must not outlive it.
      stopGroup(child, 'SIGKILL');
      resolve({ code, signal, output, timedOut });
    };
    child.on('error', (error) => {
      output += `${error.message}\n`;
      settle(127);
    });
    // `exit`, not `close`: a stray grandchild that holds the pipe must not hang the run.
    child.on('exit', (code, signal) => setImmediate(() => settle(code ?? (signal ? 128 : 1), signal)));
  });
}

/** Sends a signal to the whole group of a child; a group that is gone already is fine. */
function stopGroup(child, signal) {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // Nothing is left of it.
  }
}

/**
 * On Ctrl-C or a termination: stops every child and ends with the code that a shell expects.
 * @returns {() => void} gives the signals back.
 */
export function stopChildrenOnSignals() {
  const handlers = /** @type {[NodeJS.Signals, number][]} */ ([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ]).map(([signal, code]) => {
    const handler = () => {
      for (const child of running) stopGroup(child, 'SIGTERM');
      setTimeout(() => {
        for (const child of running) stopGroup(child, 'SIGKILL');
        process.exit(code);
      }, 500);
    };
    process.once(signal, handler);
    return () => process.off(signal, handler);
  });
  return () => handlers.forEach((forget) => forget());
}

/** `1 m 05 s`, `3.2 s`. @param {number} milliseconds */
export function duration(milliseconds) {
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} m ${String(Math.round(seconds % 60)).padStart(2, '0')} s`;
}
