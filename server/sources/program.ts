// The program of the thread that fetches sources: it lists them, places their files, and answers who reads in those.
import { parentPort, type MessagePort } from 'node:worker_threads';
import { WeighbridgeError } from '../errors.ts';
import { answerHole, answerKind, type HoleRequest } from '../files/holes.ts';
import { parseAddress } from './address.ts';
import { BlockCache } from './http/blockCache.ts';
import { Traffic } from './http/exchange.ts';
import { FetchError } from './http/fetchError.ts';
import { listSource } from './listSource.ts';
import { LocalCopy, whyNoName } from './localCopy.ts';
import { Locator } from './locate.ts';
import type { FetchFailure, FetchReply, FetchRequest, FetchTask, FetchTasks } from './protocol.ts';
import type { Listing, RemoteFile } from './source.ts';

/** Bytes of blocks that are kept of a file that is placed by itself. */
const keptOfOne = 16 << 20;

const traffic = new Traffic();
const signal = new AbortController().signal;
const setting = { traffic, signal, environment: process.env };
const locator = new Locator(setting);
/** What is placed, by folder. */
const copies = new Map<string, LocalCopy>();

type Tell = (done: number, total: number, path: string) => void;

const tasks: {
  [K in FetchTask]: (task: FetchTasks[K]['task'], tell: Tell) => Promise<FetchTasks[K]['result']>;
} = {
  async open({ address, folder }, tell) {
    const listing = await listSource(parseAddress(address), setting);
    const copy = new LocalCopy({ folder, traffic, signal, cache: new BlockCache(), onProgress: tell });
    copies.set(folder, copy);
    await copy.place(listing);
    const files = copy.files().map(({ path, size, sha256 }) => ({ path, size, ...(sha256 ? { sha256 } : {}) }));
    return { name: listing.name, isFile: listing.isFile, files, problems: copy.problems };
  },

  async list({ address }) {
    const { name, isFile, files, problems } = await listSource(parseAddress(address), setting);
    const { placeable, refused } = named(files);
    return { name, isFile, files: placeable.map(stored), problems: [...problems, ...refused] };
  },

  async place({ file, folder }) {
    const found = await locator.locate(file);
    const copy = new LocalCopy({
      folder,
      traffic,
      signal,
      cache: new BlockCache(keptOfOne),
      onProgress: () => undefined,
    });
    copies.set(folder, copy);
    await copy.place({ name: file.address, isFile: true, files: [found], problems: [] });
    const [problem] = copy.problems;
    if (problem) throw copy.failure ?? new FetchError('refused', problem.message);
    return { isWhole: copy.isWhole() };
  },

  digest: ({ path }, tell) => copyOf(path).digest(path, (done) => tell(done, 0, path)),

  failure({ folder }) {
    const failure = copies.get(folder)?.failure ?? null;
    return Promise.resolve(failure === null ? null : toldOf(failure));
  },

  async release({ folder }) {
    const copy = copies.get(folder);
    copies.delete(folder);
    await copy?.close();
    return null;
  },

  async fill({ path }, tell) {
    await copyOf(path).fill(path, tell);
    return null;
  },

  traffic: () => Promise.resolve({ requests: traffic.requests, bytes: traffic.bytes }),
};

/** What can have its name here, each name once. */
function named(files: readonly RemoteFile[]): { placeable: RemoteFile[]; refused: Listing['problems'] } {
  const seen = new Set<string>();
  const refused: Listing['problems'] = [];
  const placeable = files.filter(({ path }) => {
    const message = whyNoName(path) ?? (seen.has(path) ? 'its name stands for another file as well' : null);
    if (message !== null) refused.push({ path, message });
    seen.add(path);
    return message === null;
  });
  return { placeable, refused };
}

function stored({ path, size, sha256, url, address, tag, version }: RemoteFile) {
  return {
    ...{ path, size, address, origin: url.origin },
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(tag === undefined ? {} : { tag }),
    ...(version === undefined ? {} : { version }),
  };
}

/** @throws {FetchError} where it was released meanwhile. */
function copyOf(path: string): LocalCopy {
  for (const copy of copies.values()) if (copy.holds(path)) return copy;
  throw new FetchError('unreachable', 'the file is not fetched any more');
}

function connect(port: MessagePort, shared: SharedArrayBuffer): void {
  port.on('message', ({ path, range }: HoleRequest) => {
    const copy = [...copies.values()].find((each) => each.holds(path));
    if (range === null) return answerKind(shared, copy?.isHole(path) === true);
    void (copy?.read(path, range.position, range.length) ?? Promise.resolve(new Uint8Array(0))).then(
      (bytes) => answerHole(shared, bytes),
      (cause: unknown) => answerHole(shared, { error: toldOf(cause).message }),
    );
  });
}

function toldOf(cause: unknown): FetchFailure {
  if (cause instanceof FetchError) return { code: cause.code, message: cause.message, isTransient: cause.isTransient };
  if (cause instanceof WeighbridgeError) return { code: cause.code, message: cause.message, isTransient: false };
  // What libraries say may hold what they were given.
  const { code } = cause as NodeJS.ErrnoException;
  const message = code === 'ENOSPC' ? 'the disk is full' : `it cannot be fetched (${code ?? (cause as Error).name})`;
  return { code: 'unreachable', message, isTransient: true };
}

const send = (reply: FetchReply) => parentPort?.postMessage(reply);

async function perform<K extends FetchTask>(id: number, kind: K, task: FetchTasks[K]['task']): Promise<void> {
  try {
    const result = await tasks[kind](task, (done, total, path) => send({ type: 'progress', id, done, total, path }));
    send({ type: 'done', id, result });
  } catch (cause) {
    send({ type: 'failed', id, failure: toldOf(cause) });
  }
}

parentPort?.on('message', (request: FetchRequest) => {
  if (request.type === 'connect') connect(request.port, request.shared);
  else void perform(request.id, request.kind, request.task);
});
