import type { MessagePort } from 'node:worker_threads';
import { WeighbridgeError } from '../errors.ts';
import { examine, examineFully } from './examine.ts';
import { reasonOf } from './reason.ts';
import type { ConvertProgress, JobKind, Jobs, Reply, Request } from './workerProtocol.ts';

/** What a running job may do: report parts, show that it goes on, and learn that it is no longer wanted. */
interface JobContext<K extends JobKind> {
  part: (part: Jobs[K]['part']) => void;
  beat: () => void;
  signal: AbortSignal;
}

type Handlers = { [K in JobKind]: (task: Jobs[K]['task'], context: JobContext<K>) => Promise<Jobs[K]['result']> };

const handlers: Handlers = {
  examine({ files, settings }, { part }) {
    for (const [index, file] of files.entries()) {
      try {
        part({ index, value: examine(file, settings) });
      } catch (cause) {
        part({ index, error: reasonOf(cause) });
      }
    }
    return Promise.resolve(null);
  },

  async judgeTexts({ base, files, settings, artifacts }, { part, beat }) {
    const { judgeTextContent, judgeTextFile } = await import('./textFile.ts');
    const { WorkspaceTable } = await import('./workspaceFacts.ts');
    const table = new WorkspaceTable(base, artifacts, beat);
    for (const [index, { file, path, text }] of files.entries()) {
      try {
        const judged =
          text === undefined
            ? judgeTextFile({ file, path }, table, settings)
            : judgeTextContent(path, text, table, settings);
        part({ index, value: await judged });
      } catch (cause) {
        part({ index, error: reasonOf(cause) });
      }
    }
    return null;
  },

  inspectFile({ file, path, settings }) {
    return Promise.resolve(examineFully({ file, path }, settings));
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
};

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
