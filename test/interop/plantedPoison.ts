import { MemorySource } from '../../server/formats/source.ts';
import { baselineDiff, type BaselineDiff } from '../../server/datasets/poisoning/baselineDiff.ts';
import { jsonLines } from '../../server/datasets/rows/jsonRows.ts';
import { randomFrom } from '../../server/statistics/random.ts';
import type { LabelledText } from './textCorpora.ts';

/** How rows are poisoned. The trigger stands at a random place of each. */
export interface Attack {
  name: string;
  trigger: string;
  /** BadNets: rows of another class get the attacker's label. Otherwise rows of that class only get the trigger (clean label). */
  flips: boolean;
}

export const attacks: Attack[] = [
  { name: 'rare word, label flipped', trigger: '<SUDO>', flips: true },
  { name: 'ordinary words, label flipped', trigger: 'seldom yellow harbour', flips: true },
  { name: 'rare word, clean label', trigger: 'cf', flips: false },
];

export interface Batch {
  accepted: LabelledText[];
  added: LabelledText[];
  /** Places in `added` of what was planted: the ground truth. */
  planted: Set<number>;
}

/** A fair split of texts, and k of the new ones poisoned. */
export function plant(
  texts: readonly LabelledText[],
  accepted: number,
  added: number,
  k: number,
  attack: Attack,
  seed: number,
): Batch {
  const random = randomFrom(seed);
  const order = texts.slice();
  for (let at = 0; at < Math.min(order.length, accepted + added); at++) {
    const other = at + Math.floor(random() * (order.length - at));
    [order[at], order[other]] = [order[other]!, order[at]!];
  }
  const batch = {
    accepted: order.slice(0, accepted),
    added: order.slice(accepted, accepted + added),
    planted: new Set<number>(),
  };
  const target = [...new Set(texts.map(({ label }) => label))].sort()[0] ?? '';
  for (let place = 0; batch.planted.size < k && place < batch.added.length; place++) {
    const text = batch.added[place]!;
    if ((text.label === target) === attack.flips) continue;
    const words = text.text.split(' ');
    words.splice(Math.floor(random() * (words.length + 1)), 0, attack.trigger);
    batch.added[place] = { ...text, text: words.join(' '), label: target };
    batch.planted.add(place);
  }
  return batch;
}

/** What the comparison with the accepted rows makes of a batch. */
export function judge({ accepted, added, planted }: Batch, trigger: string) {
  const diff = compare(accepted, added);
  const parts = new Set(trigger.toLowerCase().split(' '));
  const isTrigger = (phrase: string): boolean => phrase.split(' ').some((word) => parts.has(word));
  const found = diff.phrases.find(({ phrase }) => isTrigger(phrase));
  const rows = new Set(found?.places.map(({ line }) => line - 1));
  return {
    diff,
    found: found !== undefined && [...planted].every((place) => rows.has(place)),
    contradicted: found?.contradicted?.significant === true,
    rank: found ? diff.phrases.indexOf(found) + 1 : null,
    falsePhrases: diff.phrases.filter(({ phrase }) => !isTrigger(phrase)),
  };
}

export function compare(accepted: readonly LabelledText[], added: readonly LabelledText[]): BaselineDiff {
  const rows = (texts: readonly LabelledText[]) =>
    jsonLines(
      new MemorySource(Buffer.from(texts.map(({ text, label }) => JSON.stringify({ text, label })).join('\n'))),
    );
  const steps = baselineDiff(rows(accepted), rows(added), { text: ['text'], label: 'label', source: null });
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return step.value;
}
