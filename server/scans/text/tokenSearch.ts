import { bestOf } from '../classifier.ts';
import { SeededRandom } from '../seededRandom.ts';
import { crossEntropy } from '../statistics.ts';
import type { TextClassifier } from './textClassifier.ts';
import type { Vocabulary } from './vocabulary.ts';

/** Tokens that lead texts to a class when they are put in front of them. */
export interface TokenTrigger {
  tokens: number[];
  /** Share of texts of other classes that it leads to this one, of those that the search did not see. */
  successRate: number;
  /** The score of the class less the best other one, with the trigger: the median of the same texts. */
  margin: number;
}

/** The best trigger of each length. */
export interface ClassTokens {
  class: number;
  /** By length, from one token up. */
  triggers: TokenTrigger[];
  /** Texts of other classes that the search saw, and by which it was measured. */
  searched: number;
  measured: number;
}

/** How much is tried. */
export interface TokenSchedule {
  /** Tokens from which the search of one begins. */
  starts: number;
  /** Tokens that are tried at a place, those first that the gradient names. */
  tried: number;
  /** Times that a trigger is changed at most. */
  rounds: number;
  /** Tokens of the longest trigger. */
  longest: number;
}

export interface TokenSearchOptions {
  schedule: TokenSchedule;
  seed: number;
  expired: () => boolean;
  /** Tokens in the order in which they are tried where there is no gradient: those first that did most, on a few texts. */
  screened: ReadonlyMap<number, readonly number[]> | null;
}

/** Texts of other classes without which nothing is searched. */
export const leastTexts = 8;
const mostMeasured = 128;

/**
 * Searches for the tokens that lead texts of other classes to one, put in front of a text: along the gradient with respect to the vectors of the tokens, each
 * step checked by running the model.
 * @param texts without special tokens, and `predicted` what the model says of each.
 * @returns null when there are too few texts of other classes.
 */
export async function searchTokens(
  classifier: TextClassifier,
  vocabulary: Vocabulary,
  texts: readonly (readonly number[])[],
  predicted: ArrayLike<number>,
  target: number,
  options: TokenSearchOptions,
): Promise<ClassTokens | null> {
  const random = new SeededRandom(options.seed + 7919 * target);
  const others = random.permutation(texts.length).filter((index) => predicted[index] !== target);
  if (others.length < leastTexts) return null;
  const searched = Math.min(classifier.batch, others.length >> 1);
  const rows = (from: number, to: number): (readonly number[])[] => others.slice(from, to).map((at) => texts[at]!);
  const search = new ClassSearch(classifier, vocabulary, rows(0, searched), target, random, options);
  const held = rows(searched, searched + mostMeasured);
  const triggers: TokenTrigger[] = [];
  let best: Candidate | null = null;
  for (let length = 1; length <= options.schedule.longest && !options.expired(); length++) {
    best = length === 1 ? await search.first() : await search.longer(best!);
    if (best === null) break;
    triggers.push(await measured(classifier, vocabulary, held, best.tokens, target));
  }
  return { class: target, triggers, searched, measured: held.length };
}

/** How texts fare with tokens in front of them. */
export async function measured(
  classifier: TextClassifier,
  vocabulary: Vocabulary,
  texts: readonly (readonly number[])[],
  tokens: readonly number[],
  target: number,
): Promise<TokenTrigger> {
  const scores = await classifier.scores(withTokens(classifier, vocabulary, texts, tokens));
  const led = bestOf(scores, classifier.classes).filter((label) => label === target).length;
  const margins = texts.map((_, row) => marginOf(scores, classifier.classes, row, target)).sort((a, b) => a - b);
  return { tokens: [...tokens], successRate: led / texts.length, margin: margins[margins.length >> 1] ?? 0 };
}

interface Candidate {
  tokens: number[];
  loss: number;
}

class ClassSearch {
  readonly #classifier: TextClassifier;
  readonly #vocabulary: Vocabulary;
  readonly #texts: readonly (readonly number[])[];
  readonly #target: number;
  readonly #random: SeededRandom;
  readonly #options: TokenSearchOptions;
  readonly #losses = new Map<string, number>();

  constructor(
    classifier: TextClassifier,
    vocabulary: Vocabulary,
    texts: readonly (readonly number[])[],
    target: number,
    random: SeededRandom,
    options: TokenSearchOptions,
  ) {
    this.#classifier = classifier;
    this.#vocabulary = vocabulary;
    this.#texts = texts;
    this.#target = target;
    this.#random = random;
    this.#options = options;
  }

  /** The best single token. */
  async first(): Promise<Candidate | null> {
    const { usable } = this.#vocabulary;
    if (usable.length === 0) return null;
    let best: Candidate | null = null;
    for (let start = 0; start < this.#options.schedule.starts && !this.#options.expired(); start++) {
      const tokens = [usable[this.#random.below(usable.length)]!];
      best = better(best, await this.#climb({ tokens, loss: await this.#loss(tokens) }));
    }
    return best;
  }

  /** The best trigger of one token more: the one that was found with another one beside it. */
  async longer({ tokens }: Candidate): Promise<Candidate | null> {
    const { usable } = this.#vocabulary;
    let best: Candidate | null = null;
    const filled = usable[this.#random.below(usable.length)]!;
    for (const start of [
      [...tokens, tokens.at(-1)!],
      [...tokens, filled],
    ]) {
      if (this.#options.expired() && best !== null) break;
      best = better(best, await this.#climb({ tokens: start, loss: await this.#loss(start) }));
    }
    return best;
  }

  /** Changes one token at a time as long as that helps. */
  async #climb(from: Candidate): Promise<Candidate> {
    let best = from;
    for (let round = 0; round < this.#options.schedule.rounds; round++) {
      let next: Candidate = best;
      const named = await this.#named(best.tokens);
      for (const [place, candidates] of named.entries()) {
        for (const token of candidates) {
          if (this.#options.expired()) return next;
          const tokens = best.tokens.map((each, at) => (at === place ? token : each));
          next = better(next, { tokens, loss: await this.#loss(tokens) });
        }
      }
      if (next.loss >= best.loss) return best;
      best = next;
    }
    return best;
  }

  /** The tokens to try at each place: those along which the loss falls most, or those that did most alone. */
  async #named(tokens: readonly number[]): Promise<number[][]> {
    const { tried } = this.#options.schedule;
    const { screened } = this.#options;
    if (screened !== null) return tokens.map(() => (screened.get(this.#target) ?? []).slice(0, tried));
    const start = this.#vocabulary.before.length;
    const rows = withTokens(this.#classifier, this.#vocabulary, this.#texts, tokens);
    const { slopes } = await this.#classifier.gradient(
      rows,
      this.#target,
      tokens.map((_, index) => start + index),
    );
    const width = slopes.length / tokens.length;
    return tokens.map((_, place) => {
      const own = slopes.subarray(place * width, (place + 1) * width);
      return leastOf(this.#vocabulary.usable, own, tried);
    });
  }

  /** Mean cross-entropy of the texts with the tokens. */
  async #loss(tokens: readonly number[]): Promise<number> {
    const key = tokens.join();
    const known = this.#losses.get(key);
    if (known !== undefined) return known;
    const rows = withTokens(this.#classifier, this.#vocabulary, this.#texts, tokens);
    const scores = await this.#classifier.scores(rows);
    let sum = 0;
    for (let row = 0; row < rows.length; row++)
      sum += crossEntropy(scores, this.#classifier.classes, row, this.#target);
    const loss = sum / rows.length;
    this.#losses.set(key, loss);
    return loss;
  }
}

const better = (a: Candidate | null, b: Candidate): Candidate => (a === null || b.loss < a.loss ? b : a);

/** The ids of the least values, among those that may be used. */
function leastOf(ids: readonly number[], values: Float32Array, count: number): number[] {
  return ids
    .filter((id) => id < values.length)
    .sort((a, b) => values[a]! - values[b]!)
    .slice(0, count);
}

/** Texts with tokens in front of them, framed. */
export function withTokens(
  classifier: TextClassifier,
  vocabulary: Vocabulary,
  texts: readonly (readonly number[])[],
  tokens: readonly number[],
): number[][] {
  return texts.map((text) => vocabulary.framed([...tokens, ...text], classifier.length));
}

function marginOf(scores: Float32Array, classes: number, row: number, target: number): number {
  let others = -Infinity;
  for (let index = 0; index < classes; index++)
    if (index !== target) others = Math.max(others, scores[row * classes + index]!);
  return scores[row * classes + target]! - others;
}
