import { createHash } from 'node:crypto';
import { hashedEmbedding } from '../embedding/hashedEmbedding.ts';
import { rowScores } from '../embedding/rowScores.ts';
import { baselineDiff, rowsOf, type BaselineDiff } from '../poisoning/baselineDiff.ts';
import { columnsOf, labelOf, tokenized, type Columns } from '../poisoning/columns.ts';
import { PersonalSightings } from '../personal/personalSightings.ts';
import type { Declaration } from '../personal/declaration.ts';
import { canonicalRecord } from '../review/recordHash.ts';
import type { DigestSet } from '../review/digestSet.ts';
import type { Marks } from '../review/marks.ts';
import type { RowProblem, RowSource } from '../rows/row.ts';
import { embeddingScan, leastRows, type EmbeddingModel, type ScoredVectors } from './embeddingScan.ts';
import type { DatasetScan, PersonalInField, ReviewState } from './facts.ts';
import { keepOnly } from './keepOnly.ts';
import { maskedScan } from './maskedScan.ts';
import { Observations, type SampleSize } from './observations.ts';
import { resolvePlaces, type WantedPlace } from './resolvePlaces.ts';
import { TextSightings } from './textSightings.ts';

export interface DatasetScanOptions {
  path: string;
  /** Of the file's bytes. */
  sha256: string;
  source: RowSource;
  /** The version that was accepted before; null to look at the file by itself. */
  accepted: RowSource | null;
  columns: Partial<Columns>;
  sample: SampleSize;
  review: {
    marks: Marks;
    /** Digests of records that are known to be clean; null where none are kept. */
    known: DigestSet | null;
    fileKnownClean: boolean;
  };
  declaration: Declaration | null;
}

const mostProblems = 100;
const mostPoisoned = 1000;

/** Vectors that need no model. */
export const hashedWords: EmbeddingModel = {
  kind: 'hashed',
  name: 'hashed words and runs of characters',
  provider: null,
};

/** Texts that are to be scored, as vectors, among one another. */
export interface RowsToScore {
  /** Of the rows, then of the accepted rows that they are seen among. */
  texts: string[];
  /** By row; undefined where there is none. */
  classes: (string | undefined)[];
  seed: number;
}

/**
 * Scans a data file in two steps: `read`, then `finish` with the scores of `rowsToScore`. Both are generators: they yield the share done, so
 * that the caller decides when to pause and whether to go on.
 */
export class DatasetScanner {
  readonly #options: DatasetScanOptions;
  readonly #columns: Columns;
  readonly #observations: Observations;
  readonly #sightings = new TextSightings();
  readonly #personal = new PersonalSightings();
  readonly #problems: RowProblem[] = [];
  readonly #review: ReviewState;
  #problemCount = 0;
  #rows = 0;
  #diff: BaselineDiff | null = null;

  constructor(options: DatasetScanOptions) {
    this.#options = options;
    this.#columns = columnsOf(options.source, options.columns);
    this.#observations = new Observations(this.#columns.source, options.sample);
    this.#review = {
      marked: 0,
      knownClean: 0,
      fileKnownClean: options.review.fileKnownClean,
      poisoned: [],
      poisonedCount: 0,
    };
  }

  *read(): Generator<number, void> {
    const { source, accepted } = this.#options;
    const part = accepted === null ? 0.6 : 0.3;
    for (const share of this.#readAlone()) yield part * share;
    if (accepted === null) {
      for (const [row, share] of rowsOf(source)) {
        this.#observations.addedAgain(row, tokenized(row, this.#columns), labelOf(row, this.#columns));
        if (share !== null) yield part + (1 - part) * share;
      }
      return;
    }
    const steps = baselineDiff(accepted, source, this.#columns, this.#observations);
    let step = steps.next();
    for (; step.done !== true; step = steps.next()) yield part + (1 - part) * step.value;
    this.#diff = step.value;
  }

  /** Null where there are too few. */
  rowsToScore(): RowsToScore | null {
    const { sample, background } = this.#observations;
    const rows = sample.inOrder();
    if (rows.length < leastRows) return null;
    const all = [...rows, ...background.inOrder()];
    return {
      texts: all.map(({ text }) => text),
      classes: all.map(({ label }) => label),
      seed: this.#options.sample.seed,
    };
  }

  /** @param scored the scores of `rowsToScore`, null for none; without it they are computed here, from hashed words. */
  *finish(scored?: ScoredVectors | null): Generator<number, DatasetScan> {
    const { path, sha256, source, declaration } = this.#options;
    const { floods, labels, rareTokens, sample, background } = this.#observations;
    const own = scored === undefined ? yield* this.#scoreHere() : scored;
    const diff = this.#diff;
    const share = diff === null ? null : diff.newRows / Math.max(1, diff.newRows + diff.acceptedRows);
    const scan: DatasetScan = {
      path,
      sha256,
      format: source.format,
      size: source.size,
      rows: this.#rows,
      columns: this.#columns,
      problems: this.#problems,
      problemCount: this.#problemCount,
      characters: this.#sightings.characters,
      instructions: this.#sightings.instructions,
      diff,
      labels: labels.table(),
      labelShifts: labels.shifts(this.#columns.source),
      floods: floods.found(share),
      rareTokens: diff === null ? rareTokens.found() : [],
      embedding: own && embeddingScan(sample.inOrder(), background.inOrder(), own, sample.seen),
      personal: this.#personal.found().map(inField),
      declaration,
      review: this.#review,
    };
    for (const done of this.#settle(scan)) yield 0.8 + 0.2 * done;
    return maskedScan(scan);
  }

  *#scoreHere(): Generator<number, ScoredVectors | null> {
    const rows = this.rowsToScore();
    if (rows === null) return null;
    const steps = rowScores(hashedEmbedding(rows.texts), rows.classes, rows.seed);
    let step = steps.next();
    for (; step.done !== true; step = steps.next()) yield step.value.share * 0.8;
    const distances = { by: 'weighbridge' as const, runtime: null, reason: null };
    return { model: hashedWords, scores: step.value, distances };
  }

  /** Each row by itself; and, without an accepted version, the counts of the first of two passes. */
  *#readAlone(): Generator<number, void> {
    const { source, accepted, review } = this.#options;
    const hashes = review.marks.size > 0 || review.known !== null;
    const onProblem = (problem: RowProblem): void => {
      if (this.#problemCount++ < mostProblems) this.#problems.push(problem);
    };
    let read = 0;
    let told = 0;
    for (const row of source.rows({ onProblem, onBytes: (bytes) => (read = bytes) })) {
      this.#rows++;
      this.#sightings.add(row);
      this.#personal.add(row);
      if (hashes) this.#lookUp(row.line, createHash('sha256').update(canonicalRecord(row)).digest());
      if (accepted === null) {
        this.#observations.added(row, tokenized(row, this.#columns), labelOf(row, this.#columns), null);
      }
      if (read !== told) yield (told = read) / Math.max(1, source.size);
    }
  }

  #lookUp(line: number, digest: Buffer): void {
    const { marks, known } = this.#options.review;
    const mark = marks.get(digest.toString('hex'));
    if (mark?.mark === 'poisoned') {
      this.#review.poisonedCount++;
      if (this.#review.poisoned.length < mostPoisoned) {
        this.#review.poisoned.push({ place: { line, field: null }, reason: mark.reason });
      }
    } else if (mark) this.#review.marked++;
    if (known?.has(digest) === true) this.#review.knownClean++;
  }

  /** Fills in the places, and takes out what is said of records that people have settled. */
  *#settle(scan: DatasetScan): Generator<number, void> {
    const { marks, known, fileKnownClean } = this.#options.review;
    const wanted: WantedPlace[] = [
      ...scan.characters.shown.map((place) => ({ place })),
      ...scan.instructions.shown.map((place) => ({ place })),
      ...(scan.diff?.phrases.flatMap(({ places, phrase }) => places.map((place) => ({ place, phrase }))) ?? []),
      ...[...scan.floods, ...scan.rareTokens, ...(scan.embedding?.groups ?? [])].flatMap(({ places }) =>
        places.map((place) => ({ place })),
      ),
      ...scan.personal.flatMap(({ places }) => places.map((place) => ({ place }))),
      ...scan.review.poisoned.map(({ place }) => ({ place })),
      ...isolatedPlaces(scan),
    ];
    const steps = resolvePlaces(this.#options.source, wanted, (record) => {
      if (marks.get(record)?.mark === 'clean') return 'marked';
      return known?.has(Buffer.from(record, 'hex')) === true ? 'known-clean' : null;
    });
    let step = steps.next();
    for (; step.done !== true; step = steps.next()) yield step.value;
    const { settled, personal } = step.value;
    for (const each of scan.diff?.phrases ?? []) if (personal.has(each.phrase)) each.phrase = hiddenText(each.phrase);
    keepOnly(scan, ({ line }) => !fileKnownClean && !settled.has(line));
  }
}

/** A part of a number or an address, which by itself does not look it. */
function hiddenText(text: string): string {
  return text.replace(/[\p{L}\d]/gu, '*');
}

function isolatedPlaces({ embedding }: DatasetScan): WantedPlace[] {
  return embedding?.isolated.map((place) => ({ place })) ?? [];
}

function inField({ places, ...found }: ReturnType<PersonalSightings['found']>[number]): PersonalInField {
  return { ...found, places: places.map((place) => ({ ...place, field: found.field })) };
}
