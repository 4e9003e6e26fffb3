import type { Place } from '../scan/place.ts';
import { binomialTail } from '../../statistics/binomial.ts';
import type { TokenizedText } from './columns.ts';
import type { PhraseCounts } from './phraseCounts.ts';
import { eachPhrase } from './tokens.ts';

/** A phrase that stands in more of the new rows than chance brings there. */
export interface Phrase {
  /** One to three tokens in lower case. */
  phrase: string;
  newRows: number;
  acceptedRows: number;
  /** That it stands in so many new rows by chance, given in how many rows it stands at all. Not corrected. */
  pValue: number;
  /** New rows that hold it and whose label the accepted rows contradict; null where there are no labels to go by. */
  contradicted: { rows: number; of: number; pValue: number; significant: boolean } | null;
  /** Where it stands: the first thousand. */
  places: Place[];
}

export interface Level {
  /** Share of the new rows among all. */
  share: number;
  phrases: number;
  /** To which probability one phrase is held. */
  pValue: number;
  limit: number | null;
}

/** At which level phrases are counted exactly: the sketches' counts are a little too high. */
const lenience = 1000;
/** Phrases that are counted exactly at a time; of more, the more likely half is let go. */
const mostCandidates = 5000;
const mostTails = 100_000;
/** Rows of a phrase that are remembered. */
const mostRows = 1000;

interface Candidate extends Omit<Phrase, 'contradicted' | 'pValue'> {
  hash: number;
  /** By the sketches' counts. */
  roughPValue: number;
  lastRow: number;
  rows: number[];
  judged: number;
  contradictedRows: number;
}

/** Phrases that may be significant, counted exactly. */
export class Candidates {
  readonly #level: Level;
  readonly #found = new Map<string, Candidate>();
  readonly #hashes = new Set<number>();
  /** What is likelier than this is not looked at. */
  #cutoff: number;
  /** Most phrases share their pair of counts with many others. */
  readonly #tails = new Map<number, number>();
  #row = 0;

  constructor(level: Level) {
    this.#level = level;
    this.#cutoff = level.pValue * lenience;
  }

  addNew(
    texts: TokenizedText[],
    line: number,
    contradicted: boolean | null,
    old: PhraseCounts,
    fresh: PhraseCounts,
  ): void {
    const row = this.#row++;
    for (const { name, index, tokens } of texts) {
      eachPhrase(tokens, (hash, start, length) => {
        const known = this.#hashes.has(hash);
        const inNew = fresh.count(hash);
        // Most phrases stand in one row, or in about as many as they should.
        if (!known && (inNew < 2 || inNew <= (inNew + old.count(hash)) * this.#level.share)) return;
        const roughPValue = known ? 0 : this.#tail(inNew, inNew + old.count(hash));
        if (roughPValue > this.#cutoff) return;
        const phrase = tokens.slice(start, start + length).join(' ');
        let found = this.#found.get(phrase);
        if (!found) {
          const counts = { newRows: 0, acceptedRows: 0, judged: 0, contradictedRows: 0 };
          found = { phrase, hash, roughPValue, lastRow: -1, places: [], rows: [], ...counts };
          this.#found.set(phrase, found);
          this.#hashes.add(hash);
        }
        count(found, row, { line, field: name, index }, contradicted);
      });
    }
    if (this.#found.size > mostCandidates) this.#letGo();
  }

  #tail(inNew: number, total: number): number {
    const key = inNew * 2 ** 26 + total;
    let tail = this.#tails.get(key);
    if (tail === undefined) {
      tail = binomialTail(inNew, total, this.#level.share);
      if (this.#tails.size >= mostTails) this.#tails.clear();
      this.#tails.set(key, tail);
    }
    return tail;
  }

  #letGo(): void {
    const sorted = [...this.#found.values()].sort((a, b) => a.roughPValue - b.roughPValue);
    const dropped = sorted.slice(mostCandidates / 2);
    this.#cutoff = Math.min(this.#cutoff, (dropped[0]?.roughPValue ?? this.#cutoff) * 0.999);
    for (const { phrase, hash } of dropped) {
      this.#found.delete(phrase);
      this.#hashes.delete(hash);
    }
  }

  addAccepted(texts: { tokens: string[] }[]): void {
    const counted = new Set<string>();
    for (const { tokens } of texts) {
      eachPhrase(tokens, (hash, start, length) => {
        if (!this.#hashes.has(hash)) return;
        const phrase = tokens.slice(start, start + length).join(' ');
        const found = this.#found.get(phrase);
        if (!found || counted.has(phrase)) return;
        counted.add(phrase);
        found.acceptedRows++;
      });
    }
  }

  /** What is left at the level itself, one for each set of rows. */
  significant(base: number | null): Phrase[] {
    const { share, pValue: level } = this.#level;
    const kept = [...this.#found.values()]
      .map((each) => ({ ...each, pValue: binomialTail(each.newRows, each.newRows + each.acceptedRows, share) }))
      .filter(({ pValue }) => pValue <= level)
      .sort((a, b) => a.pValue - b.pValue || b.newRows - a.newRows || (a.phrase < b.phrase ? -1 : 1));
    const chosen: typeof kept = [];
    const covering = new Map<number, number[]>();
    for (const phrase of kept) {
      if (sameRows(phrase.rows, covering)) continue;
      for (const row of phrase.rows) covering.set(row, [...(covering.get(row) ?? []), chosen.length]);
      chosen.push(phrase);
    }
    return chosen.map(({ phrase, newRows, acceptedRows, pValue: chance, places, judged, contradictedRows }) => {
      const shown = { phrase, newRows, acceptedRows, pValue: chance, places };
      if (base === null || judged === 0) return { ...shown, contradicted: null };
      const pValue = binomialTail(contradictedRows, judged, base);
      const significant = contradictedRows * 2 >= judged && pValue <= 0.01 / chosen.length;
      return { ...shown, contradicted: { rows: contradictedRows, of: judged, pValue, significant } };
    });
  }
}

function count(found: Candidate, row: number, place: Phrase['places'][number], contradicted: boolean | null): void {
  if (found.lastRow === row) return;
  found.lastRow = row;
  found.newRows++;
  if (found.rows.length < mostRows) {
    found.rows.push(row);
    found.places.push(place);
  }
  if (contradicted !== null) found.judged++;
  if (contradicted === true) found.contradictedRows++;
}

/** True when most of the rows belong to one phrase that was chosen before: it is the same thing said longer or shorter. */
function sameRows(rows: number[], covering: Map<number, number[]>): boolean {
  const shared = new Map<number, number>();
  for (const row of rows) {
    for (const chosen of covering.get(row) ?? []) shared.set(chosen, (shared.get(chosen) ?? 0) + 1);
  }
  return [...shared.values()].some((count) => count >= rows.length * 0.5);
}
