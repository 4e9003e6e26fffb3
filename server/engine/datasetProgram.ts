// The thread that scans a data file for the language server, which must not wait for it.
import { parentPort } from 'node:worker_threads';
import { WeighbridgeError, type ErrorCode } from '../errors.ts';
import type { DatasetScan } from '../datasets/scan/facts.ts';
import { scanDatasets, type DatasetJob } from './scanDatasets.ts';

export type DatasetMessage =
  { share: number; path: string } | { scans: DatasetScan[] } | { error: { code: ErrorCode | null; message: string } };

const send = (message: DatasetMessage): void => parentPort?.postMessage(message);

parentPort?.once('message', (job: DatasetJob) => {
  const run = {
    signal: new AbortController().signal,
    onProgress: (share: number, path: string) => send({ share, path }),
  };
  scanDatasets(job, run)
    .then((scans) => send({ scans }))
    .catch((error: unknown) => {
      const known = error instanceof WeighbridgeError;
      send({
        error: { code: known ? error.code : null, message: error instanceof Error ? error.message : String(error) },
      });
    });
});
