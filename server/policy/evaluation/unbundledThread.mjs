// Runs the evaluation's thread from its TypeScript source: tests and development.
import { workerData } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

register();
await import(workerData.program);
