import type { MessagePort } from 'node:worker_threads';
import { WeighbridgeError } from '../errors.ts';
import { examine, examineFully } from './examine.ts';
import { reasonOf } from '../files/reason.ts';
import type { BatchMark, ConvertProgress, JobKind, Jobs, Outcome, Reply, Request } from './workerProtocol.ts';

/** What a running job may do: report parts, show that it goes on, and learn that it is no longer wanted. */
interface JobContext<K extends JobKind> {
  part: (part: Jobs[K]['part']) => void;
  beat: () => void;
  signal: AbortSignal;
}

type Handlers = { [K in JobKind]: (task: Jobs[K]['task'], context: JobContext<K>) => Promise<Jobs[K]['result']> };

const handlers: Handlers = {
  examine({ files, settings, at }, { part }) {
    return eachFile(files, at, part, (file) => examine(file, settings));
  },

  async judgeTexts({ base, files, settings, artifacts, at }, { part }) {
    const { judgeTextContent, judgeTextFile } = await import('./textFile.ts');
    const { WorkspaceTable } = await import('./workspaceFacts.ts');
    const table = WorkspaceTable.unpack(base, artifacts);
    return eachFile(files, at, part, ({ file, path, text, cells }) =>
      text === undefined
        ? judgeTextFile({ file, path }, table, settings)
        : judgeTextContent(path, text, table, settings, { cells: cells === true }),
    );
  },

  async judgeBuffer(task) {
    const { judgeBuffer } = await import('./buffers.ts');
    const judged = await judgeBuffer(task);
    return judged && JSON.stringify(judged);
  },

  inspectFile({ file, path, settings }) {
    return Promise.resolve(examineFully({ file, path }, settings));
  },

  examineKinds({ file, path, settings }) {
    const { examined, inspection } = examineFully({ file, path }, settings);
    return Promise.resolve({ examined, kinds: [...new Set(inspection.parts.map(({ kind }) => kind))].sort() });
  },

  async digestTensors({ file, parts, limits }, { part, signal }) {
    const { tensorDigests } = await import('./tensorDigests.ts');
    return tensorDigests(file, parts, limits, { signal, onProgress: latest(part) });
  },

  async convert({ file, options }, { part, signal }) {
    const { convertCheckpoint } = await import('../convert/convertCheckpoint.ts');
    return convertCheckpoint(file, { ...options, signal, onProgress: throttled(part) });
  },

  async convertIndex({ file, options }, { part, signal }) {
    const { convertIndexFile } = await import('../convert/convertIndexFile.ts');
    return convertIndexFile(file, { ...options, signal, onProgress: throttled(part) });
  },

  async verifySignature(task, { part, signal }) {
    const { verifySignature } = await import('./verifySignature.ts');
    return verifySignature(task, { signal, onProgress: latest(part) });
  },

  async readModel(task, { part }) {
    const { readModel } = await import('./aibomJobs.ts');
    return readModel(task, latest(part));
  },

  async writeAibom(task, { part }) {
    const { writeAibom } = await import('./aibomJobs.ts');
    return writeAibom(task, latest(part));
  },

  async diagnoseAibom({ text, disk }) {
    const { diagnoseAibom } = await import('../aibom/editing/diagnose.ts');
    return diagnoseAibom(text, disk);
  },

  async reportAibom({ text, disk, state }) {
    const { reportOf } = await import('../aibom/editing/report.ts');
    return reportOf(text, disk, state);
  },
};

/** How long results wait for others, in milliseconds: a message for each would cost as much as a small file. */
const gathering = 25;

async function eachFile<F, T>(
  files: readonly F[],
  at: BatchMark | undefined,
  send: (part: string) => void,
  perform: (file: F) => T | Promise<T>,
): Promise<null> {
  let gathered: Outcome<T>[] = [];
  let since = performance.now();
  for (const [index, file] of files.entries()) {
    if (at) Atomics.store(at, 0, index);
    try {
      const value = perform(file);
      gathered.push({ index, value: value instanceof Promise ? await value : value });
    } catch (cause) {
      gathered.push({ index, error: reasonOf(cause) });
    }
    if (index < files.length - 1 && performance.now() - since < gathering) continue;
    send(JSON.stringify(gathered));
    gathered = [];
    since = performance.now();
  }
  return null;
}

/** Ten pictures of the progress a second are enough for anybody. */
function throttled(part: (progress: ConvertProgress) => void): (done: number, total: number) => void {
  const report = latest(part);
  return (done, total) => report({ done, total });
}

/** As `throttled`, for progress that is told as one object. */
function latest<P extends ConvertProgress>(part: (progress: P) => void): (progress: P) => void {
  let last = 0;
  return (progress) => {
    const now = performance.now();
    if (now - last < 100 && progress.done < progress.total) return;
    last = now;
    part(progress);
  };
}

const running = new Map<number, AbortController>();

/** Does what the other side of the port asks for, and answers there. */
export function receive(request: Request, port: MessagePort): void {
  if (request.type === 'abort') running.get(request.id)?.abort();
  else void perform(request, port);
}

async function perform(request: Extract<Request, { type: 'job' }>, port: MessagePort): Promise<void> {
  const { id } = request;
  const send = (reply: Reply) => port.postMessage(reply);
  const abort = new AbortController();
  running.set(id, abort);
  try {
    const context = {
      part: (part: unknown) => send({ type: 'part', id, part }),
      beat: () => send({ type: 'beat', id }),
      signal: abort.signal,
    };
    send({ type: 'done', id, result: await handle(request, context) });
  } catch (cause) {
    const error = cause instanceof Error ? cause : new Error(String(cause));
    const code = error instanceof WeighbridgeError ? error.code : null;
    send({ type: 'failed', id, code, message: error.message, stack: error.stack });
  } finally {
    running.delete(id);
  }
}

function handle(request: Extract<Request, { type: 'job' }>, context: JobContext<JobKind>): Promise<unknown> {
  const run = handlers[request.kind] as (task: unknown, context: JobContext<JobKind>) => Promise<unknown>;
  return run(request.task, context);
}
