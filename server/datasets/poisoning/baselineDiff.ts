import { fieldText, type Row, type RowSource } from '../rows/row.ts';
import { binomialTail } from '../statistics/binomial.ts';
import { textsOf, type Columns } from './columns.ts';
import { LabelModel } from './labelModel.ts';
import { PhraseCounts, RowMarks } from './phraseCounts.ts';
import { RowSet } from './rowSet.ts';
import { eachPhrase, tokensOf } from './tokens.ts';

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
  places: { line: number; field: string }[];
}

export interface BaselineDiff {
  acceptedRows: number;
  /** Rows of the file that are no accepted rows. */
  newRows: number;
  /** Over-represented phrases, one for each set of rows, the least likely first. */
  phrases: Phrase[];
  /** A phrase of no accepted row is found when it stands in so many new ones; null where no number suffices. */
  detectionLimit: number | null;
  /** How many phrases were tested, and which probability each was held to. */
  tested: { phrases: number; pValue: number };
  /** Share of new rows whose label the accepted rows contradict; null where there are no labels. */
  contradictedShare: number | null;
}

/** How many false phrases there may be in a run on average: the Bonferroni level. */
const falsePhrases = 0.05;
/** At which level phrases are counted exactly: the sketches' counts are a little too high. */
const lenience = 1000;
/** Phrases that are counted exactly at a time; of more, the more likely half is let go. */
const mostCandidates = 5000;
const mostTails = 100_000;
/** Rows of a phrase that are remembered. */
const mostRows = 1000;

/**
 * Compares the rows of a dataset that are new with those that were accepted. Test 1: a phrase stands in more new rows than
 * its share of all rows explains (exact conditional binomial, Bonferroni over the phrases that could be significant at
 * all, after Tarone 1990). Test 2: the labels of those rows contradict what a classifier says that learnt from the accepted
 * rows alone. A generator, so that the caller decides when to pause and whether to go on: it yields the share done.
 */
export function* baselineDiff(
  accepted: RowSource,
  source: RowSource,
  columns: Columns,
): Generator<number, BaselineDiff> {
  const bits = Math.min(22, Math.max(16, Math.ceil(Math.log2((accepted.size + source.size + 1) / 3))));
  const marks = new RowMarks(bits);
  const old = new PhraseCounts(marks);
  const fresh = new PhraseCounts(marks);
  const acceptedSet = new RowSet();
  const model = new LabelModel();
  for (const [row, share] of rowsOf(accepted)) {
    acceptedSet.add(row);
    const tokens = tokensOfRow(row, columns);
    old.addRow(tokens.map((each) => each.tokens));
    const label = labelOf(row, columns);
    if (label !== undefined)
      model.learn(
        tokens.flatMap((each) => each.tokens),
        label,
      );
    if (share !== null) yield share * 0.25;
  }
  const judgements = new LabelJudgements(model, columns);
  for (const [row, share] of rowsOf(source)) {
    if (!acceptedSet.has(row)) {
      const tokens = tokensOfRow(row, columns);
      fresh.addRow(tokens.map((each) => each.tokens));
      judgements.judge(
        row,
        tokens.flatMap((each) => each.tokens),
      );
    }
    if (share !== null) yield 0.25 + share * 0.25;
  }
  const level = levelOf(old, fresh);
  const candidates = new Candidates(level);
  if (fresh.rows > 0 && old.rows > 0) {
    let index = 0;
    for (const [row, share] of rowsOf(source)) {
      if (!acceptedSet.has(row))
        candidates.addNew(tokensOfRow(row, columns), row.line, judgements.at(index++), old, fresh);
      if (share !== null) yield 0.5 + share * 0.25;
    }
    for (const [row, share] of rowsOf(accepted)) {
      candidates.addAccepted(tokensOfRow(row, columns));
      if (share !== null) yield 0.75 + share * 0.25;
    }
  }
  return {
    acceptedRows: old.rows,
    newRows: fresh.rows,
    phrases: candidates.significant(judgements.share),
    detectionLimit: level.limit !== null && level.limit <= fresh.rows ? level.limit : null,
    tested: { phrases: level.phrases, pValue: level.pValue },
    contradictedShare: judgements.share,
  };
}

/** Rows, and now and then the share of the file that was read. */
function* rowsOf(source: RowSource): Generator<[Row, number | null]> {
  let bytes = 0;
  let told = 0;
  const onBytes = (read: number) => (bytes = read);
  for (const row of source.rows({ onBytes })) {
    const share = bytes === told ? null : bytes / source.size;
    told = bytes;
    yield [row, share];
  }
}

function tokensOfRow(row: Row, columns: Columns): { name: string; tokens: string[] }[] {
  return textsOf(row, columns).map(({ name, text }) => ({ name, tokens: tokensOf(text) }));
}

function labelOf(row: Row, { label }: Columns): string | undefined {
  return label === null ? undefined : fieldText(row, label);
}

interface Level {
  /** Share of the new rows among all. */
  share: number;
  phrases: number;
  /** To which probability one phrase is held. */
  pValue: number;
  limit: number | null;
}

/**
 * Phrases that stand in few rows cannot be significant however they are spread, and need no correction (Tarone 1990): the
 * smallest number of rows from which on they could be, given how many phrases stand in that many.
 */
function levelOf(old: PhraseCounts, fresh: PhraseCounts): Level {
  const share = fresh.rows / (fresh.rows + old.rows);
  for (let limit = 2; limit <= 1000; limit++) {
    const phrases = Math.max(1, fresh.distinctFrom(limit, old));
    if (share ** limit <= falsePhrases / phrases) return { share, phrases, pValue: falsePhrases / phrases, limit };
  }
  const phrases = Math.max(1, fresh.distinctFrom(1000, old));
  return { share, phrases, pValue: falsePhrases / phrases, limit: null };
}

/** Whether the label of each new row is contradicted, in the order of the rows. */
class LabelJudgements {
  readonly #model: LabelModel;
  readonly #columns: Columns;
  /** 0 no label to judge, 1 agrees, 2 contradicted. */
  #marks = new Uint8Array(1024);
  #count = 0;
  #judged = 0;
  #contradicted = 0;

  constructor(model: LabelModel, columns: Columns) {
    this.#model = model;
    this.#columns = columns;
  }

  judge(row: Row, tokens: string[]): void {
    if (this.#count === this.#marks.length) {
      const larger = new Uint8Array(this.#count * 2);
      larger.set(this.#marks);
      this.#marks = larger;
    }
    const label = this.#model.ready ? labelOf(row, this.#columns) : undefined;
    const verdict = label === undefined ? null : this.#model.contradicts(tokens, label);
    if (verdict !== null) this.#judged++;
    if (verdict === true) this.#contradicted++;
    this.#marks[this.#count++] = verdict === null ? 0 : verdict ? 2 : 1;
  }

  at(index: number): boolean | null {
    const mark = this.#marks[index];
    return mark === 1 ? false : mark === 2 ? true : null;
  }

  get share(): number | null {
    return this.#judged === 0 ? null : this.#contradicted / this.#judged;
  }
}

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
class Candidates {
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
    texts: { name: string; tokens: string[] }[],
    line: number,
    contradicted: boolean | null,
    old: PhraseCounts,
    fresh: PhraseCounts,
  ): void {
    const row = this.#row++;
    for (const { name, tokens } of texts) {
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
        count(found, row, { line, field: name }, contradicted);
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
