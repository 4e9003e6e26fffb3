import { hashOf, mixed } from './tokens.ts';

const featureBits = 16;
const mostLabels = 64;

/**
 * Multinomial naive Bayes over hashed words and pairs of words. It learns from accepted rows alone: a model that has seen
 * the poison has learnt it, and no longer contradicts it.
 */
export class LabelModel {
  readonly #labels = new Map<string, { rows: number; words: Float64Array; total: number }>();
  #rows = 0;
  /** True when there are more labels than a classifier is of use for: then the column is no class. */
  tooManyLabels = false;

  learn(tokens: string[], label: string): void {
    if (this.tooManyLabels) return;
    let seen = this.#labels.get(label);
    if (!seen) {
      if (this.#labels.size >= mostLabels) {
        this.tooManyLabels = true;
        this.#labels.clear();
        return;
      }
      seen = { rows: 0, words: new Float64Array(2 ** featureBits), total: 0 };
      this.#labels.set(label, seen);
    }
    seen.rows++;
    this.#rows++;
    for (const feature of featuresOf(tokens)) {
      seen.words[feature] = (seen.words[feature] ?? 0) + 1;
      seen.total++;
    }
  }

  /** At least two labels, and rows of each. */
  get ready(): boolean {
    return !this.tooManyLabels && this.#labels.size >= 2;
  }

  /** True when the label of a row is not the one that the accepted rows would give it; null where the label is new. */
  contradicts(tokens: string[], label: string): boolean | null {
    if (!this.#labels.has(label)) return null;
    const features = featuresOf(tokens);
    let best = '';
    let highest = -Infinity;
    for (const [name, { rows, words, total }] of this.#labels) {
      let score = Math.log(rows / this.#rows);
      for (const feature of features)
        score += Math.log(((words[feature] ?? 0) + 0.5) / (total + 0.5 * 2 ** featureBits));
      if (score > highest) {
        highest = score;
        best = name;
      }
    }
    return best !== label;
  }
}

/** Words and neighbouring words, each once. */
function featuresOf(tokens: string[]): Set<number> {
  const features = new Set<number>();
  const mask = 2 ** featureBits - 1;
  let before = 0;
  for (const token of tokens) {
    const here = hashOf(token);
    features.add(here & mask);
    if (before !== 0) features.add(mixed(Math.imul(before, 0x9e3779b1) + here) & mask);
    before = here;
  }
  return features;
}
