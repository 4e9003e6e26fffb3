import { WeighbridgeError } from '../errors.ts';
import type { DatasetScan } from '../datasets/scan/facts.ts';
import { startWorker } from '../files/startWorker.ts';
import type { DatasetMessage } from './datasetProgram.ts';
import type { DatasetJob, DatasetRun } from './scanDatasets.ts';

/** Bytes of JavaScript's heap in megabytes: what a scan of any length needs, with room. */
const heapMegabytes = 1024;

/**
 * Scans data files in a thread of their own.
 * @throws {WeighbridgeError} as `scanDatasets`; `worker-lost` when the thread ended by itself.
 */
export function scanInThread(job: DatasetJob, { signal, onProgress }: DatasetRun): Promise<DatasetScan[]> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(cancelled());
    const worker = startWorker(
      import.meta.url,
      { source: './datasetProgram.ts', bundle: './datasetScanner.mjs' },
      { resourceLimits: { maxOldGenerationSizeMb: heapMegabytes } },
    );
    const settle = (act: () => void): void => {
      signal.removeEventListener('abort', abort);
      worker.removeAllListeners();
      worker.on('error', () => undefined);
      void worker.terminate();
      act();
    };
    const abort = (): void => settle(() => reject(cancelled()));
    signal.addEventListener('abort', abort, { once: true });
    worker.on('message', (message: DatasetMessage) => {
      if ('share' in message) onProgress(message.share, message.path);
      else if ('scans' in message) settle(() => resolve(message.scans));
      else settle(() => reject(errorOf(message.error)));
    });
    worker.on('error', (error) => settle(() => reject(lost(error.message))));
    worker.on('exit', (code) => settle(() => reject(lost(`exit code ${code}`))));
    worker.postMessage(job);
  });
}

function errorOf({ code, message }: { code: WeighbridgeError['code'] | null; message: string }): Error {
  return code === null ? new Error(message) : new WeighbridgeError(code, message);
}

const cancelled = (): WeighbridgeError => new WeighbridgeError('cancelled', 'The scan was cancelled.');
const lost = (why: string): WeighbridgeError =>
  new WeighbridgeError(
    'worker-lost',
    `The thread that read the data ended unexpectedly (${why}): nothing was found out.`,
  );
