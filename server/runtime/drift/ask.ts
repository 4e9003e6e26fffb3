import { WeighbridgeError } from '../../errors.ts';
import type { Endpoint, ModelAnswer } from '../endpoints/endpoint.ts';
import type { ProbeSet } from '../probes/probeSet.ts';
import { answerDigest, featuresOf, type Feature } from './features.ts';

export interface AskOptions {
  repeats: number;
  /** Questions that are open at once. More of them make latencies worse. */
  concurrency: number;
  signal: AbortSignal;
  onProgress?: (done: number, total: number) => void;
}

export interface Asked {
  features: Feature[];
  /** By probe, of the first round. */
  digests: string[];
  /** Answers of later rounds that differ from the first one. */
  changed: number;
  compared: number;
}

/**
 * Asks a model all probes. One failure ends it: half a record would look like a whole one.
 * @throws {WeighbridgeError} what the endpoint says; `bad-input` when answers have not all the same shape.
 */
export async function askAll(endpoint: Endpoint, { probes }: ProbeSet, options: AskOptions): Promise<Asked> {
  const total = probes.length * options.repeats;
  const answers = new Array<ModelAnswer>(total);
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  let next = 0;
  let done = 0;
  const worker = async (): Promise<void> => {
    for (;;) {
      const index = next++;
      const probe = probes[index % probes.length];
      if (index >= total || !probe || signal.aborted) return;
      answers[index] = await endpoint.ask(probe.input, signal, index);
      options.onProgress?.(++done, total);
    }
  };
  const workers = Array.from({ length: Math.min(options.concurrency, total) }, worker);
  try {
    await Promise.all(workers);
  } catch (error) {
    stop.abort();
    await Promise.allSettled(workers);
    throw error;
  }
  if (options.signal.aborted) throw new WeighbridgeError('cancelled', 'stopped; nothing was written');
  // Later rounds only say how stable answers are: the same probe asked twice is no second, independent sample.
  const features = featuresOf(answers.slice(0, probes.length));
  const uneven = features.find(({ values }) => values.length !== probes.length);
  if (uneven) {
    throw new WeighbridgeError(
      'bad-input',
      `${endpoint.name} gives ${uneven.name} for ${uneven.values.length} of ${probes.length} probes only: ask it probes of one kind`,
    );
  }
  const digests = answers.map(answerDigest);
  const first = digests.slice(0, probes.length);
  const later = digests.slice(probes.length);
  const changed = later.filter((digest, index) => digest !== first[index % probes.length]).length;
  return { features, digests: first, changed, compared: later.length };
}
