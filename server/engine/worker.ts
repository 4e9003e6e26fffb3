// The program of a worker: it does what comes in, one job at a time.
import { parentPort, workerData } from 'node:worker_threads';
import { adoptHoles, type HoleBridge } from '../files/holes.ts';
import { receive } from './workerJobs.ts';
import type { Request } from './workerProtocol.ts';

adoptHoles((workerData as { holes?: HoleBridge[] } | null)?.holes ?? []);

const port = parentPort;
port?.on('message', (request: Request) => receive(request, port));
