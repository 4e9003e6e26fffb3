// The program of a worker: it does what comes in, one job at a time.
import { parentPort } from 'node:worker_threads';
import { receive } from './workerJobs.ts';
import type { Request } from './workerProtocol.ts';

const port = parentPort;
port?.on('message', (request: Request) => receive(request, port));
