// A worker that dies, hangs or eats memory at files of those names, and is the real one for all others.
import { parentPort } from 'node:worker_threads';
import { receive } from './workerJobs.ts';
import type { Request } from './workerProtocol.ts';

const port = parentPort;
port?.on('message', (request: Request) => {
  misbehave(request);
  receive(request, port);
});

function misbehave(request: Request): void {
  if (request.type !== 'job' || (request.kind !== 'examine' && request.kind !== 'judgeTexts')) return;
  const { files } = request.task;
  const bad = files.findIndex(({ path }) => /^(?:crash|hang|memory|once)/.test(path));
  const name = files[bad]?.path ?? '';
  // What stands before the bad file is done and told, as by the real one.
  if (port && bad > 0 && request.kind === 'examine')
    receive({ ...request, task: { ...request.task, files: request.task.files.slice(0, bad) } }, port);
  // The worker dies at `once` only in company: alone it comes through.
  if (name.startsWith('once') && files.length === 1) return;
  if (name.startsWith('hang')) for (;;);
  if (name.startsWith('memory')) {
    const held: unknown[] = [];
    for (;;) held.push(new Array(1 << 16).fill({}));
  }
  if (name !== '') process.exit(7);
}
