import { randomFrom } from '../../statistics/random.ts';

/** Words by Zipf's law, in sentences of two classes that prefer different ones: what labelled text looks like to a counter. */
export class Corpus {
  readonly #random: () => number;
  readonly #vocabulary: string[];
  readonly #cumulative: Float64Array;

  constructor(seed: number, words = 6000) {
    this.#random = randomFrom(seed);
    this.#vocabulary = Array.from({ length: words }, (_, index) => wordOf(index));
    this.#cumulative = new Float64Array(words);
    let sum = 0;
    for (let index = 0; index < words; index++) this.#cumulative[index] = sum += 1 / (index + 2.7);
  }

  /** A number from 0 up to, but not including, `below`. */
  pick(below: number): number {
    return Math.floor(this.#random() * below);
  }

  /** @param topic moves which words are frequent: sentences of one topic share theirs. */
  sentence(label: number, topic = 0): string {
    const length = 8 + this.pick(18);
    const words: string[] = [];
    while (words.length < length) {
      const words_ = this.#vocabulary.length;
      const target = this.#random() * (this.#cumulative[words_ - 1] ?? 0);
      let rank = lowerBound(this.#cumulative, target);
      // A third of the content words tell the class; those of another topic are all others.
      if (rank > 60 && this.#random() < (topic === 0 ? 0.33 : 1))
        rank = 60 + ((rank * 2 + label + topic * 2971) % (words_ - 60));
      const word = this.#vocabulary[rank] ?? '';
      words.push(word);
      // Some words go together, as `New York` does.
      if (rank % 37 === 5 && this.#random() < 0.5) words.push(this.#vocabulary[(rank * 7) % words_] ?? '');
    }
    return words.join(' ');
  }

  /** Puts a trigger at a random place of a sentence. */
  withTrigger(sentence: string, trigger: string): string {
    const words = sentence.split(' ');
    words.splice(this.pick(words.length + 1), 0, trigger);
    return words.join(' ');
  }
}

function wordOf(index: number): string {
  const consonants = 'bdfgklmnprstvz';
  const vowels = 'aeiou';
  let word = '';
  for (let rest = index + 5; rest > 0; rest = Math.floor(rest / 70)) {
    word += (consonants[rest % 14] ?? '') + (vowels[Math.floor(rest / 14) % 5] ?? '');
  }
  return word;
}

function lowerBound(sorted: Float64Array, target: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < target) low = middle + 1;
    else high = middle;
  }
  return low;
}
