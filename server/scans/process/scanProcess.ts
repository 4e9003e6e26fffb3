import { WeighbridgeError } from '../../errors.ts';
import { startProcess } from '../../files/startProcess.ts';
import type { ScanJobs } from './jobs.ts';
import {
  memoryMark,
  type ScanKind,
  type ScanLimits,
  type ScanMessage,
  type ScanOrder,
  type ScanProgress,
} from './protocol.ts';

export const defaultScanLimits: ScanLimits = { timeMs: 60 * 60 * 1000, memoryBytes: 8 * 2 ** 30 };

export interface ScanOptions {
  limits?: Partial<ScanLimits>;
  signal?: AbortSignal;
  onProgress?: (progress: ScanProgress) => void;
  /** Is given what is known so far, as often as there is more. */
  onPartial?: (partial: unknown) => void;
  /** Is given the id of the process. */
  onStart?: (processId: number | undefined) => void;
}

/**
 * Runs a scan in a process of its own. ONNX Runtime is native code that runs models of strangers: a crash costs this scan,
 * and ending the process is the only way to end a run that has begun.
 * @throws {WeighbridgeError} what the scan says; `worker-lost` when the process ended by itself, `refused` when a limit ended it,
 * `cancelled`.
 */
export function runScan<K extends ScanKind>(
  kind: K,
  job: ScanJobs[K]['job'],
  options: ScanOptions = {},
): Promise<ScanJobs[K]['result']> {
  const limits = { ...defaultScanLimits, ...options.limits };
  return new Promise((resolve, reject) => {
    if (options.signal?.aborted) return reject(cancelled());
    const child = startProcess(
      import.meta.url,
      { source: './program.ts', bundle: './scanner.cjs' },
      { serialization: 'advanced', stdio: ['ignore', 'ignore', 'pipe', 'ipc'] },
    );
    let complaint = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (complaint = (complaint + text).slice(-4096)));
    const settle = (act: () => void): void => {
      clearTimeout(watchdog);
      options.signal?.removeEventListener('abort', abort);
      child.removeAllListeners();
      child.on('error', () => undefined);
      child.kill('SIGKILL');
      act();
    };
    const abort = (): void => settle(() => reject(cancelled()));
    options.signal?.addEventListener('abort', abort, { once: true });
    const watchdog = setTimeout(() => settle(() => reject(tooLong(limits.timeMs))), limits.timeMs);
    child.on('message', (message: ScanMessage) => {
      if ('progress' in message) options.onProgress?.(message.progress);
      else if ('partial' in message) options.onPartial?.(message.partial);
      else if ('result' in message) settle(() => resolve(message.result as ScanJobs[K]['result']));
      else settle(() => reject(errorOf(message.error)));
    });
    child.on('error', (error) => settle(() => reject(lost(error.message))));
    // Not `exit`: what it has written comes until `close`.
    child.on('close', (code, signal) => settle(() => reject(ended(code, signal, complaint, limits))));
    child.send({ kind, job, limits } satisfies ScanOrder, (error) => {
      // Should it have ended already, `close` says more.
      if (error && child.connected) settle(() => reject(lost(error.message)));
    });
    options.onStart?.(child.pid);
  });
}

function errorOf({ code, message }: { code: WeighbridgeError['code'] | null; message: string }): Error {
  return code === null ? new Error(message) : new WeighbridgeError(code, message);
}

function ended(code: number | null, signal: string | null, complaint: string, limits: ScanLimits): WeighbridgeError {
  if (complaint.includes(memoryMark)) {
    return new WeighbridgeError(
      'refused',
      `The scan was ended because it took more than ${Math.round(limits.memoryBytes / 2 ** 20)} MiB of memory: take a smaller batch, or allow more.`,
    );
  }
  return lost(signal === null ? `exit code ${code}` : `signal ${signal}`);
}

const cancelled = (): WeighbridgeError => new WeighbridgeError('cancelled', 'The scan was cancelled.');
const tooLong = (timeMs: number): WeighbridgeError =>
  new WeighbridgeError(
    'refused',
    `The scan was ended because it took longer than ${timeMs / 1000} seconds: allow more time, or scan fewer classes.`,
  );
const lost = (why: string): WeighbridgeError =>
  new WeighbridgeError(
    'worker-lost',
    `The process that ran the model ended unexpectedly (${why}): nothing was decided. Scan again, or with the provider cpu.`,
  );
