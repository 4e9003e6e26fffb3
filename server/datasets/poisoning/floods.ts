import type { Place } from '../scan/place.ts';
import { binomialTail } from '../../statistics/binomial.ts';
import { bandHashes, signatureOf, similarity } from './minHash.ts';

/** Rows that are nearly the same text. */
export interface Flood {
  /** Of the file that is scanned, and not accepted before. */
  newRows: number;
  acceptedRows: number;
  /** That so many of them are new by chance; null without an accepted version. */
  pValue: number | null;
  /** The first hundred. */
  places: Place[];
  /** How many of them bear each label. */
  labels: Record<string, number>;
}

const sketchBits = 21;
/** Nearly the same: of three-word runs, so much is shared. */
const alike = 0.7;
/** So many rows make a flood. */
const leastRows = 10;
const mostGroups = 2000;
const mostPlaces = 100;
/** One false flood in a thousand runs, over as many groups as are kept. */
const level = 0.001 / mostGroups;

/**
 * Finds floods of near-duplicates in two passes in bounded memory: the first counts the bands of all signatures in a sketch, the second collects the
 * rows whose bands were frequent, and compares them with the first row of their group.
 */
export class Floods {
  readonly #counts = new Uint16Array(2 ** sketchBits);
  readonly #groups: { signature: Uint32Array; flood: Flood }[] = [];
  readonly #byBand = new Map<number, number>();

  /** First pass, over all rows. */
  count(tokens: readonly string[]): void {
    const signature = signatureOf(tokens);
    if (!signature) return;
    for (const hash of bandHashes(signature)) {
      const slot = hash & (2 ** sketchBits - 1);
      if (this.#counts[slot]! < 0xffff) this.#counts[slot]!++;
    }
  }

  /** Second pass, over the same rows. @param place null for an accepted row. */
  collect(tokens: readonly string[], place: Place | null, label: string | undefined): void {
    const signature = signatureOf(tokens);
    if (!signature) return;
    const frequent = [...bandHashes(signature)].filter(
      (hash) => this.#counts[hash & (2 ** sketchBits - 1)]! >= leastRows,
    );
    if (frequent.length === 0) return;
    let group = frequent
      .map((hash) => this.#byBand.get(hash))
      .find((index) => index !== undefined && similarity(this.#groups[index]!.signature, signature) >= alike);
    if (group === undefined) {
      if (this.#groups.length >= mostGroups) return;
      group = this.#groups.length;
      const flood: Flood = { newRows: 0, acceptedRows: 0, pValue: null, places: [], labels: {} };
      this.#groups.push({ signature, flood });
      for (const hash of frequent) if (!this.#byBand.has(hash)) this.#byBand.set(hash, group);
    }
    const { flood } = this.#groups[group]!;
    if (place === null) flood.acceptedRows++;
    else {
      flood.newRows++;
      if (flood.places.length < mostPlaces) flood.places.push(place);
      if (label !== undefined) flood.labels[label] = (flood.labels[label] ?? 0) + 1;
    }
  }

  /**
   * The floods: groups of at least ten new rows, of which more are new than their share of all rows explains.
   * @param share of the new rows among all; null without an accepted version, when every group is told.
   */
  found(share: number | null): Flood[] {
    return this.#groups
      .map(({ flood }) => ({
        ...flood,
        pValue: share === null ? null : binomialTail(flood.newRows, flood.newRows + flood.acceptedRows, share),
      }))
      .filter(({ newRows, pValue }) => newRows >= leastRows && (pValue === null || pValue <= level))
      .sort((a, b) => b.newRows - a.newRows || (a.places[0]?.line ?? 0) - (b.places[0]?.line ?? 0))
      .slice(0, 100);
  }
}
