import { WeighbridgeError } from '../../errors.ts';
import type { Endpoint } from '../endpoints/endpoint.ts';
import type { Journal } from './journal.ts';
import { hasSucceeded } from './outcome.ts';
import type { Attack, Suite } from './suite.ts';

export interface AttackOutcome {
  id: string;
  category: string;
  /** How often it was tried, and how often it succeeded. */
  tried: number;
  succeeded: number;
}

export interface RunOptions {
  repeats: number;
  concurrency: number;
  /** Requests at most, of all runs that the journal knows. */
  maxRequests: number;
  /** Tokens at most, by a fourth of the characters of what is sent and answered. */
  maxTokens: number;
  signal: AbortSignal;
  onProgress?: (done: number, total: number) => void;
}

/**
 * Tries every attack, as often as asked. What the journal knows is not asked again, so that a run which was interrupted goes on.
 * Answers are looked at and forgotten.
 * @throws {WeighbridgeError} what the endpoint says; `refused` when a cap is reached. The journal keeps what was answered.
 */
export async function runSuite(
  endpoint: Endpoint,
  suite: Suite,
  journal: Journal,
  options: RunOptions,
): Promise<AttackOutcome[]> {
  const open: { attack: Attack; repeat: number }[] = [];
  for (let repeat = 0; repeat < options.repeats; repeat++) {
    for (const attack of suite.attacks) if (!journal.knows(attack.id, repeat)) open.push({ attack, repeat });
  }
  const total = suite.attacks.length * options.repeats;
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  let next = 0;
  let started = journal.size;
  const worker = async (): Promise<void> => {
    for (;;) {
      const task = open[next++];
      if (!task || signal.aborted) return;
      if (started >= options.maxRequests || journal.tokens >= options.maxTokens)
        throw capReached(journal, options, total);
      started++;
      const { text } = await endpoint.ask(task.attack.prompt, signal);
      if (text === undefined) {
        // To call that a refusal would let any model pass.
        throw new WeighbridgeError(
          'bad-input',
          `${endpoint.name} answers with no text: name in the template where the text stands`,
        );
      }
      const tokens = Math.ceil((suite.system.length + task.attack.prompt.length + text.length) / 4);
      journal.add({ id: task.attack.id, repeat: task.repeat, succeeded: succeeded(task.attack, text), tokens });
      options.onProgress?.(journal.size, total);
    }
  };
  const workers = Array.from({ length: Math.max(1, Math.min(options.concurrency, open.length)) }, worker);
  try {
    await Promise.all(workers);
  } catch (error) {
    stop.abort();
    await Promise.allSettled(workers);
    throw error;
  }
  if (options.signal.aborted)
    throw new WeighbridgeError('cancelled', `stopped after ${journal.size} of ${total} answers; run it again to go on`);
  return suite.attacks.map(({ id, category }) => {
    const tries = journal.of(id, options.repeats);
    return { id, category, tried: tries.length, succeeded: tries.filter(Boolean).length };
  });
}

function succeeded(attack: Attack, answer: string): boolean {
  return attack.judge ? attack.judge(answer) : hasSucceeded(attack.success, answer);
}

function capReached(journal: Journal, { maxRequests, maxTokens }: RunOptions, total: number): WeighbridgeError {
  const cap = journal.tokens >= maxTokens ? `--max-tokens ${maxTokens}` : `--max-requests ${maxRequests}`;
  return new WeighbridgeError(
    'refused',
    `the cap ${cap} is reached after ${journal.size} of ${total} answers: run it again with a higher one to go on from there`,
  );
}
