import type { Row, RowSource } from '../rows/row.ts';
import { DigestSet } from '../review/digestSet.ts';
import { recordDigest } from '../review/recordHash.ts';
import { Candidates, type Level, type Phrase } from './candidates.ts';
import { labelOf, tokenized, type Columns, type TokenizedText } from './columns.ts';
import { LabelJudgements } from './labelJudgements.ts';
import { LabelModel } from './labelModel.ts';
import { PhraseCounts, RowMarks } from './phraseCounts.ts';
import { RowFlags } from './rowFlags.ts';

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

/** Who looks at the rows, too, while they are read: each row of both files is read twice. */
export interface RowObserver {
  accepted(row: Row, texts: TokenizedText[], label: string | undefined): void;
  added(row: Row, texts: TokenizedText[], label: string | undefined, contradicted: boolean | null): void;
  acceptedAgain(row: Row, texts: TokenizedText[], label: string | undefined): void;
  addedAgain(row: Row, texts: TokenizedText[], label: string | undefined): void;
}

/** How many false phrases there may be in a run on average: the Bonferroni level. */
const falsePhrases = 0.05;
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
  observer?: RowObserver,
): Generator<number, BaselineDiff> {
  const bits = Math.min(22, Math.max(16, Math.ceil(Math.log2((accepted.size + source.size + 1) / 3))));
  const marks = new RowMarks(bits);
  const old = new PhraseCounts(marks);
  const fresh = new PhraseCounts(marks);
  const acceptedSet = new DigestSet();
  const model = new LabelModel();
  for (const [row, share] of rowsOf(accepted)) {
    acceptedSet.add(recordDigest(row));
    const texts = tokenized(row, columns);
    const label = labelOf(row, columns);
    old.addRow(texts.map(({ tokens }) => tokens));
    if (label !== undefined) model.learn(allTokens(texts), label);
    observer?.accepted(row, texts, label);
    if (share !== null) yield share * 0.25;
  }
  const judgements = new LabelJudgements(model);
  const isNew = new RowFlags();
  for (const [row, share] of rowsOf(source)) {
    const added = !acceptedSet.has(recordDigest(row));
    isNew.push(added);
    if (added) {
      const texts = tokenized(row, columns);
      const label = labelOf(row, columns);
      fresh.addRow(texts.map(({ tokens }) => tokens));
      const contradicted = judgements.judge(allTokens(texts), label);
      observer?.added(row, texts, label, contradicted);
    }
    if (share !== null) yield 0.25 + share * 0.25;
  }
  const level = levelOf(old, fresh);
  const candidates = new Candidates(level);
  if (fresh.rows > 0 && old.rows > 0) {
    let index = 0;
    let at = 0;
    for (const [row, share] of rowsOf(source)) {
      if (isNew.at(at++)) {
        const texts = tokenized(row, columns);
        candidates.addNew(texts, row.line, judgements.at(index++), old, fresh);
        observer?.addedAgain(row, texts, labelOf(row, columns));
      }
      if (share !== null) yield 0.5 + share * 0.25;
    }
    for (const [row, share] of rowsOf(accepted)) {
      const texts = tokenized(row, columns);
      candidates.addAccepted(texts);
      observer?.acceptedAgain(row, texts, labelOf(row, columns));
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

function allTokens(texts: readonly TokenizedText[]): string[] {
  return texts.length === 1 ? (texts[0]?.tokens ?? []) : texts.flatMap(({ tokens }) => tokens);
}

/** Rows, and now and then the share of the file that was read. */
export function* rowsOf(source: RowSource): Generator<[Row, number | null]> {
  let bytes = 0;
  let told = 0;
  for (const row of source.rows({ onBytes: (read) => (bytes = read) })) {
    const share = bytes === told ? null : bytes / source.size;
    told = bytes;
    yield [row, share];
  }
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
