import { sep } from 'node:path';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { WeighbridgeError } from '../errors.ts';

/**
 * Holes: files that stand in a folder with their true length, and whose bytes lie somewhere else until they are read. A thread
 * of its own fetches them; who reads blocks until it has (docs/decisions/0095-remote-sources.md).
 */
export interface HoleBridge {
  /** Absolute, without a separator at its end. */
  folder: string;
  /** Where requests go. */
  port: MessagePort;
  /** Where answers come: two 32-bit integers (state, length), then the bytes. */
  shared: SharedArrayBuffer;
}

/** What is asked by a bridge. `path` is absolute. */
export interface HoleRequest {
  path: string;
  /** Bytes to read; null to learn only whether the file is a hole. */
  range: { position: number; length: number } | null;
}

/** What the state of an answer says. */
export const holeState = { waiting: 1, done: 2, failed: 3 } as const;

export const holeHeaderBytes = 8;
/** Bytes that one answer carries at most. */
export const holeBlockBytes = 1 << 20;

/** The thread that fetches ends by itself long before: this is for one that died. In milliseconds. */
const patience = 15 * 60_000;

/** The bridges that this thread may read by, by folder. */
const bridges = new Map<string, HoleBridge>();
/** In the thread that mounted them: how another thread gets a bridge of its own. */
const connectors = new Map<string, () => HoleBridge>();

/** Both ends of a bridge; the first goes to the thread that fetches. */
export function holeChannel(folder: string): { far: MessagePort; near: HoleBridge } {
  const { port1, port2 } = new MessageChannel();
  const shared = new SharedArrayBuffer(holeHeaderBytes + holeBlockBytes);
  return { far: port1, near: { folder, port: port2, shared } };
}

/** From now on, files below the folder are read through a bridge, here and in every worker that starts later. */
export function mountHoles(folder: string, connect: () => HoleBridge): void {
  connectors.set(folder, connect);
  bridges.set(folder, connect());
}

export function unmountHoles(folder: string): void {
  bridges.get(folder)?.port.close();
  bridges.delete(folder);
  connectors.delete(folder);
}

/** Whether this thread has mounted files that lie somewhere else. */
export function hasHoles(): boolean {
  return connectors.size > 0;
}

/** A bridge a folder, for a worker that is about to start; their ports have to be transferred to it. */
export function holesForWorker(): HoleBridge[] {
  return [...connectors.values()].map((connect) => connect());
}

/** In a worker: reads by the bridges that it was started with. */
export function adoptHoles(given: readonly HoleBridge[]): void {
  for (const bridge of given) bridges.set(bridge.folder, bridge);
}

/** How a file is read that is a hole; null for any other. @throws {WeighbridgeError} `unreachable`. */
export function holeAt(path: string): ((into: Uint8Array, position: number) => number) | null {
  if (bridges.size === 0) return null;
  const bridge = [...bridges.values()].find(({ folder }) => path.startsWith(folder + sep));
  if (!bridge || ask(bridge, { path, range: null }) === 0) return null;
  return (into, position) => {
    let got = 0;
    while (got < into.length) {
      const length = Math.min(holeBlockBytes, into.length - got);
      const count = ask(bridge, { path, range: { position: position + got, length } });
      if (count === 0) break;
      into.set(new Uint8Array(bridge.shared, holeHeaderBytes, count), got);
      got += count;
    }
    return got;
  };
}

function ask({ port, shared }: HoleBridge, request: HoleRequest): number {
  const header = new Int32Array(shared, 0, 2);
  Atomics.store(header, 0, holeState.waiting);
  port.postMessage(request);
  Atomics.wait(header, 0, holeState.waiting, patience);
  const length = Atomics.load(header, 1);
  switch (Atomics.load(header, 0)) {
    case holeState.done:
      return length;
    case holeState.failed: {
      const text = Buffer.from(new Uint8Array(shared, holeHeaderBytes, length)).toString('utf8');
      throw new WeighbridgeError('unreachable', text);
    }
    default:
      throw new WeighbridgeError('unreachable', 'what fetches the file gave no answer');
  }
}

/** In the thread that fetches: gives an answer, and wakes up who waits for it. */
export function answerHole(shared: SharedArrayBuffer, answer: Uint8Array | { error: string }): void {
  const failed = 'error' in answer;
  const bytes = failed ? Buffer.from(answer.error.slice(0, 4096), 'utf8') : answer;
  new Uint8Array(shared, holeHeaderBytes).set(bytes);
  settle(shared, failed ? holeState.failed : holeState.done, bytes.length);
}

/** Whether the file that was asked for is a hole. */
export function answerKind(shared: SharedArrayBuffer, isHole: boolean): void {
  settle(shared, holeState.done, isHole ? 1 : 0);
}

function settle(shared: SharedArrayBuffer, state: number, length: number): void {
  const header = new Int32Array(shared, 0, 2);
  Atomics.store(header, 1, length);
  Atomics.store(header, 0, state);
  Atomics.notify(header, 0);
}
