// Runs a worker from its TypeScript sources: tests and development. Threads do not inherit the loader of `node --import tsx`.
import { workerData } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

register();
await import(workerData.program);
