import { nothingAsked } from './askedPaths.ts';
import type { ExamineSettings } from './examine.ts';
import { grace } from './examineAll.ts';
import { judgeTexts } from './judgeTexts.ts';
import { WorkerLost, type WorkerPool } from './pool.ts';
import { isConfigOrCode, scriptLanguage } from '../formats/text/parse.ts';
import type { JudgedText } from './textFile.ts';
import type { WorkspaceTable } from './workspaceFacts.ts';

/** A text as an editor holds it. */
export interface Buffer {
  /** Relative to the base. */
  path: string;
  /** Absolute. */
  file: string;
  text: string;
  /** As in `BufferForm`. */
  cells: boolean;
}

export interface BufferRun {
  base: string;
  facts: WorkspaceTable;
  settings: ExamineSettings;
  pool: () => WorkerPool;
  isolate: boolean;
  /** Changes whenever files may have changed. */
  clock: number;
}

interface Answer {
  text: string;
  stamp: string;
  judged: Promise<JudgedText>;
}

/** For how many texts the last answer is kept: several features ask about the same version. */
const mostAnswers = 8;

/** Judges texts as editors hold them. One worker keeps what it knows of a text from one version to the next. */
export class BufferJudge {
  readonly #answers = new Map<string, Answer>();

  judge(buffer: Buffer, run: BufferRun): Promise<JudgedText> {
    const { path, text, cells } = buffer;
    if (!isConfigOrCode(path) && scriptLanguage(text) === null)
      return Promise.resolve({ path, findings: [], ...nothingAsked });
    const stamp = `${run.clock} ${run.facts.revision} ${run.facts.datasets.revision} ${JSON.stringify(run.settings)}`;
    const key = `${path}${cells ? ' cells' : ''}`;
    const before = this.#answers.get(key);
    if (before?.text === text && before.stamp === stamp) return before.judged;
    const judged = run.isolate ? inWorker(buffer, stamp, run) : anew(buffer, run);
    const answer = { text, stamp, judged };
    this.#answers.delete(key);
    this.#answers.set(key, answer);
    for (const oldest of this.#answers.keys()) {
      if (this.#answers.size <= mostAnswers) break;
      this.#answers.delete(oldest);
    }
    // What failed is tried again when somebody asks again.
    judged.catch(() => {
      if (this.#answers.get(key) === answer) this.#answers.delete(key);
    });
    return judged;
  }
}

async function inWorker(buffer: Buffer, stamp: string, run: BufferRun): Promise<JudgedText> {
  const { base, settings, facts } = run;
  const { path, file, text, cells } = buffer;
  const task = { base, path, text, cells, settings, stamp };
  const options = { keptBy: file, watchdogMs: settings.limits.timeMs + grace };
  try {
    const judged =
      (await run.pool().run('judgeBuffer', { ...task, artifacts: null }, options)) ??
      (await run.pool().run('judgeBuffer', { ...task, artifacts: facts.pack() }, options));
    if (judged !== null) return JSON.parse(judged) as JudgedText;
  } catch (error) {
    if (!(error instanceof WorkerLost)) throw error;
  }
  return anew(buffer, run);
}

/** Without anything that is kept; a text at which workers end is a finding. */
async function anew(buffer: Buffer, run: BufferRun): Promise<JudgedText> {
  let result: JudgedText = { path: buffer.path, findings: [], ...nothingAsked };
  await judgeTexts([{ ...buffer, size: buffer.text.length }], {
    ...run,
    onJudged: (judged) => (result = judged),
    onError: () => undefined,
  });
  return result;
}
