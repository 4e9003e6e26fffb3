// The program of a hashing worker: it hashes what comes in, one batch at a time.
import { parentPort, workerData } from 'node:worker_threads';
import { adoptHoles, type HoleBridge } from '../../files/holes.ts';
import { FileDigester } from './digestFile.ts';
import type { DigestReply, DigestRequest } from './digestTask.ts';

adoptHoles((workerData as { holes?: HoleBridge[] } | null)?.holes ?? []);
const digester = new FileDigester();
const port = parentPort;
port?.on('message', ({ tasks, shared }: DigestRequest) => {
  port.postMessage(tasks.map((task) => digester.digest(task, shared)) satisfies DigestReply);
});
