import type { DatasetScan } from '../datasets/scan/facts.ts';
import { comparedBy } from './comparedBy.ts';
import { count, printable } from './printable.ts';

/** What was counted and by which means, beside the findings, as `dataset scan --format json` has it. */
export function datasetSummary(scan: DatasetScan) {
  const { path, sha256, format, rows, columns, diff, labels, embedding, personal, declaration, review } = scan;
  return {
    path,
    sha256,
    format,
    rows,
    newRows: diff?.newRows ?? null,
    acceptedRows: diff?.acceptedRows ?? null,
    columns,
    labels,
    vectors: embedding && {
      kind: embedding.model.kind,
      model: embedding.model.name,
      provider: embedding.model.provider,
      distances: embedding.distances,
      scored: embedding.scored,
      of: embedding.of,
      acceptedRows: embedding.background,
      density: embedding.plot,
    },
    personal: personal.map(({ field, kind, rows: withIt, values, examples }) => ({
      field,
      kind,
      rows: withIt,
      values,
      examples,
    })),
    record: declaration,
    review: {
      marked: review.marked,
      knownClean: review.knownClean,
      fileKnownClean: review.fileKnownClean,
      poisoned: review.poisonedCount,
    },
  };
}

/** The same, in a line or two for a person. */
export function datasetSummaryText({ path, embedding, review }: DatasetScan): string[] {
  const lines: string[] = [];
  if (embedding) {
    const { by, notes } = comparedBy(embedding);
    const among = embedding.background > 0 ? ` among ${embedding.background} accepted ones` : '';
    const all = embedding.scored === embedding.of ? '' : `, a sample of ${embedding.of}`;
    lines.push(`${count(embedding.scored, 'row')}${all}, compared${among} by ${by}.`, ...notes);
  }
  if (review.fileKnownClean)
    lines.push(
      'The file is listed as known to be clean: nothing is said of its records but what they hold of persons.',
    );
  else if (review.marked + review.knownClean > 0) {
    lines.push(
      `Nothing is said of ${count(review.marked + review.knownClean, 'record')} that are marked or listed as clean.`,
    );
  }
  return lines.map((line) => `${printable(path)}: ${line}`);
}

/** The scores of all rows that were looked at, a line of JSON each, for `--scores`. */
export function scoreLines(scan: DatasetScan): string {
  return (scan.embedding?.rows ?? [])
    .map(({ line, label, contradicted, isolation, density, spectral, group, signs }) =>
      JSON.stringify({ path: scan.path, line, label, contradicted, isolation, density, spectral, group, signs }),
    )
    .map((line) => `${line}\n`)
    .join('');
}
