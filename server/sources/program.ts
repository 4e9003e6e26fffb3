// The program of the thread that fetches a source: it lists it, places it as a folder, and answers who reads in it.
import { parentPort, type MessagePort } from 'node:worker_threads';
import { WeighbridgeError } from '../errors.ts';
import { answerHole, answerKind, type HoleRequest } from '../files/holes.ts';
import { parseAddress } from './address.ts';
import { Traffic } from './http/exchange.ts';
import { listSource } from './listSource.ts';
import { LocalCopy } from './localCopy.ts';
import type { FetchReply, FetchRequest } from './protocol.ts';

const traffic = new Traffic();
const end = new AbortController();
let copy: LocalCopy | null = null;

const send = (reply: FetchReply) => parentPort?.postMessage(reply);

async function open({ address, folder }: Extract<FetchRequest, { type: 'open' }>): Promise<void> {
  try {
    const setting = { traffic, signal: end.signal, environment: process.env };
    const listing = await listSource(parseAddress(address), setting);
    const onProgress = (done: number, total: number, path: string) => send({ type: 'progress', done, total, path });
    const placed = new LocalCopy({ folder, traffic, signal: end.signal, onProgress });
    await placed.place(listing);
    copy = placed;
    const files = placed.files().map(({ path, size, sha256 }) => ({ path, size, ...(sha256 ? { sha256 } : {}) }));
    send({ type: 'opened', name: listing.name, isFile: listing.isFile, files, problems: placed.problems });
  } catch (cause) {
    send({ type: 'failed', ...toldOf(cause) });
  }
}

function connect(port: MessagePort, shared: SharedArrayBuffer): void {
  port.on('message', ({ path, range }: HoleRequest) => {
    if (range === null) return answerKind(shared, copy?.isHole(path) === true);
    void (copy?.read(path, range.position, range.length) ?? Promise.resolve(new Uint8Array(0))).then(
      (bytes) => answerHole(shared, bytes),
      (cause: unknown) => answerHole(shared, { error: toldOf(cause).message }),
    );
  });
}

async function fill(id: number, path: string): Promise<void> {
  try {
    await copy?.fill(path);
    send({ type: 'filled', id, error: null });
  } catch (cause) {
    send({ type: 'filled', id, error: toldOf(cause) });
  }
}

function toldOf(cause: unknown): { code: string; message: string } {
  if (cause instanceof WeighbridgeError) return { code: cause.code, message: cause.message };
  // What libraries say may hold what they were given.
  const { code } = cause as NodeJS.ErrnoException;
  return {
    code: 'unreachable',
    message: code === 'ENOSPC' ? 'the disk is full' : `it cannot be fetched (${code ?? (cause as Error).name})`,
  };
}

parentPort?.on('message', (request: FetchRequest) => {
  switch (request.type) {
    case 'open':
      return void open(request);
    case 'connect':
      return connect(request.port, request.shared);
    case 'fill':
      return void fill(request.id, request.path);
    case 'traffic':
      return send({ type: 'traffic', requests: traffic.requests, bytes: traffic.bytes });
  }
});
