import { setImmediate } from 'node:timers/promises';
import { WeighbridgeError } from '../errors.ts';
import { nothingAsked } from './askedPaths.ts';
import { runBatch } from './batch.ts';
import type { ExamineSettings, FileTask } from './examine.ts';
import { grace, lost, sliceAlone, sliceBesideWorkers } from './examineAll.ts';
import type { WorkerPool } from './pool.ts';
import { reasonOf } from '../files/reason.ts';
import { shareOut } from './shareOut.ts';
import type { JudgedText } from './textFile.ts';
import type { WorkspaceTable } from './workspaceFacts.ts';

/** A text to judge; `text` is what an editor holds, otherwise the file is read. */
export interface TextTask extends FileTask {
  size: number;
  text?: string;
  /** As in `BufferForm`. */
  cells?: boolean;
}

export interface TextRun {
  base: string;
  settings: ExamineSettings;
  facts: WorkspaceTable;
  pool: () => WorkerPool;
  isolate: boolean;
  signal?: AbortSignal | undefined;
  onJudged: (judged: JudgedText) => void;
  onError: (task: TextTask, message: string) => void;
}

/** What is judged on this thread, in files and bytes; more goes to workers. */
const inlineFiles = 300;
const inlineBytes = 4 << 20;
/** What a worker is given at once: little enough that at the end none waits long for another. */
const batchFiles = 200;
const batchBytes = 1 << 20;
/** Bytes of a text that may be judged on this thread: nobody ends this one, and one that is made for it keeps a parser busy for a minute a megabyte. */
const smallText = 256 << 10;

/**
 * Judges texts: a small job on this thread, a large one or a long text in workers.
 * @throws {WeighbridgeError} `cancelled`.
 */
export async function judgeTexts(tasks: readonly TextTask[], run: TextRun): Promise<void> {
  if (tasks.length === 0) return;
  run.facts.lookAgain();
  const bytes = tasks.reduce((sum, { size }) => sum + size, 0);
  if (!run.isolate && tasks.length <= inlineFiles && bytes <= inlineBytes && areSmall(tasks))
    return judgeHere(tasks, run, sliceAlone);
  const pool = run.pool();
  const helps = !run.isolate && pool.size > 1;
  const long = tasks.filter((task) => !areSmall([task])).map((task) => [task]);
  const queue = [...long, ...batchesOf(tasks.filter((task) => areSmall([task])))];
  const artifacts = run.facts.pack();
  await shareOut<TextTask[]>({
    queue,
    workers: Math.min(helps ? pool.size - 1 : pool.forScans, queue.length),
    inWorker: (batch) => judgeBatch(batch, pool, artifacts, run),
    ...(helps ? { here: { may: areSmall, perform: (batch) => judgeHere(batch, run, sliceBesideWorkers) } } : {}),
  });
}

function areSmall(tasks: readonly TextTask[]): boolean {
  return tasks.every(({ size }) => size <= smallText);
}

function batchesOf(tasks: readonly TextTask[]): TextTask[][] {
  const batches: TextTask[][] = [];
  let bytes = batchBytes;
  for (const task of tasks) {
    const last = batches.at(-1);
    if (!last || bytes >= batchBytes || last.length >= batchFiles) {
      batches.push([task]);
      bytes = 0;
    } else last.push(task);
    bytes += task.size;
  }
  return batches;
}

function judgeBatch(batch: TextTask[], pool: WorkerPool, artifacts: string, run: TextRun): Promise<void> {
  const { base, settings } = run;
  return runBatch(batch, {
    kind: 'judgeTexts',
    pool,
    task: (files, at) => ({ base, files: [...files], settings, artifacts, at }),
    watchdogMs: settings.limits.timeMs + grace,
    signal: run.signal,
    onValue: (_task, judged) => run.onJudged(judged),
    onError: run.onError,
    onLost: (task, loss) =>
      run.onJudged({ path: task.path, findings: lost(task, loss, settings).findings, ...nothingAsked }),
  });
}

async function judgeHere(tasks: readonly TextTask[], run: TextRun, slice: number): Promise<void> {
  // Scans of models alone pay for no parser.
  const { judgeTextContent, judgeTextFile } = await import('./textFile.ts');
  let since = performance.now();
  for (const task of tasks) {
    if (run.signal?.aborted) throw new WeighbridgeError('cancelled', 'the scan was cancelled');
    try {
      run.onJudged(
        task.text === undefined
          ? await judgeTextFile(task, run.facts, run.settings)
          : await judgeTextContent(task.path, task.text, run.facts, run.settings, { cells: task.cells === true }),
      );
    } catch (cause) {
      run.onError(task, reasonOf(cause));
    }
    if (performance.now() - since > slice) {
      await setImmediate(); // Lets a cancellation in, and what workers found.
      since = performance.now();
    }
  }
}
