import { createHash } from 'node:crypto';
import { randomFrom } from '../../statistics/random.ts';
import type { ModelAnswer } from '../endpoints/endpoint.ts';

/** What is compared of a model's answers: numbers or labels by probe, or how long it took. */
export type Feature =
  { name: string; kind: 'number' | 'latency'; values: number[] } | { name: string; kind: 'label'; values: string[] };

/** Longer vectors are compared by their length and by projections, not by each number. */
const longestVector = 32;
const projections = 16;
/** Characters. */
const longestLabel = 64;

/**
 * The features of answers, in the order of the probes.
 * Text gives its lengths in characters and words, vectors their numbers (or norm and seeded random projections, which keep distances;
 * Johnson and Lindenstrauss 1984) and where the greatest stands; labels themselves; latency in milliseconds.
 */
export function featuresOf(answers: readonly ModelAnswer[]): Feature[] {
  const numbers = new Map<string, number[]>();
  const labels = new Map<string, string[]>();
  const add = <T>(table: Map<string, T[]>, name: string, value: T) => {
    const values = table.get(name);
    if (values) values.push(value);
    else table.set(name, [value]);
  };
  for (const answer of answers) {
    if (answer.text !== undefined) {
      add(numbers, 'text.characters', answer.text.length);
      add(numbers, 'text.words', answer.text.split(/\s+/).filter((word) => word !== '').length);
    }
    for (const [name, vector] of Object.entries(answer.numbers ?? {})) {
      for (const [feature, value] of numbersOf(name, vector)) add(numbers, feature, value);
      if (vector.length > 1 && vector.length <= longestVector) {
        add(labels, `${name}.greatest`, String(vector.indexOf(Math.max(...vector))));
      }
    }
    for (const [name, label] of Object.entries(answer.labels ?? {})) add(labels, name, shortLabel(label));
  }
  const features: Feature[] = [
    ...[...numbers].map(([name, values]): Feature => ({ name, kind: 'number', values })),
    ...[...labels].map(([name, values]): Feature => ({ name, kind: 'label', values })),
    { name: 'latency', kind: 'latency', values: answers.map(({ latencyMs }) => Math.round(latencyMs * 1000) / 1000) },
  ];
  return features.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** A label as it is; by its digest where it is so long that it may be what a model wrote: answers are not kept. */
function shortLabel(label: string): string {
  return label.length <= longestLabel
    ? label
    : `sha256:${createHash('sha256').update(label).digest('hex').slice(0, 16)}`;
}

function numbersOf(name: string, vector: readonly number[]): [name: string, value: number][] {
  if (vector.length === 1) return [[name, vector[0] ?? 0]];
  if (vector.length <= longestVector) return vector.map((value, index) => [`${name}[${index}]`, value]);
  // Not as arguments of one call: a vector may be longer than a stack.
  const norm = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  const random = randomFrom(vector.length);
  const rows = Array.from({ length: projections }, (_, row): [string, number] => {
    let sum = 0;
    for (const value of vector) sum += random() < 0.5 ? value : -value;
    return [`${name}.projection[${row}]`, sum / Math.sqrt(vector.length)];
  });
  return [[`${name}.norm`, norm], ...rows];
}

/** A digest of what was answered, without when: two answers are the same if it is. Texts themselves are not kept. */
export function answerDigest({ text, numbers, labels }: ModelAnswer): string {
  return createHash('sha256')
    .update(JSON.stringify([text, numbers, labels]))
    .digest('hex')
    .slice(0, 32);
}
