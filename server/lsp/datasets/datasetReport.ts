import { basename } from 'node:path';
import { comparedBy } from '../../report/comparedBy.ts';
import { detectionLimitText } from '../../report/detectionLimit.ts';
import { personalKinds } from '../../datasets/personal/kinds.ts';
import type { Finding } from '../../rules/finding.ts';
import { uriOfPath } from '../address.ts';
import type { DatasetReport, DatasetRow, DatasetRowsParams, DatasetRowsResult } from '../protocol.ts';
import type { KnownScan } from './datasetScans.ts';

/** A scan, ready to show. */
export function datasetReport(file: string, known: KnownScan, findings: Finding[], mayWrite: boolean): DatasetReport {
  const { scan, baseline } = known;
  const { embedding } = scan;
  return {
    uri: uriOfPath(file),
    name: basename(file),
    baseline: baseline === null ? null : basename(baseline),
    rows: scan.rows,
    newRows: scan.diff?.newRows ?? null,
    acceptedRows: scan.diff?.acceptedRows ?? null,
    limit: detectionLimitText(scan).slice(scan.path.length + 2),
    columns: scan.columns,
    findings: findings.map(({ ruleId, severity, message, location }) => ({
      ruleId,
      severity,
      message,
      line: location.line ?? 1,
    })),
    labels: scan.labels,
    vectors: embedding && {
      ...comparedBy(embedding),
      scored: embedding.scored,
      of: embedding.of,
      background: embedding.background,
      plot: embedding.plot,
    },
    personal: scan.personal.map(({ field, kind, rows, values, examples }) => ({
      field,
      what: personalKinds[kind].name,
      rows,
      values,
      examples,
    })),
    mayWrite,
  };
}

/** A page of the table of rows. */
export function datasetRows(
  { scan, marked }: KnownScan,
  findings: readonly Finding[],
  { sort, from, count, only, filter }: DatasetRowsParams,
): DatasetRowsResult {
  const told = new Map<number, number>();
  for (const { location } of findings)
    if (location.line !== null) told.set(location.line, (told.get(location.line) ?? 0) + 1);
  const poisoned = new Set(scan.review.poisoned.map(({ place }) => place.line));
  const sought = filter.toLowerCase();
  const rows = (scan.embedding?.rows ?? [])
    .map((row): DatasetRow => ({
      ...row,
      findings: told.get(row.line) ?? 0,
      mark: marked.get(row.line) ?? (poisoned.has(row.line) ? 'poisoned' : null),
    }))
    .filter(
      (row) =>
        (only !== 'suspicious' || row.signs.length > 0 || row.findings > 0) &&
        (only !== 'marked' || row.mark !== null) &&
        (sought === '' ||
          row.excerpt.toLowerCase().includes(sought) ||
          (row.label ?? '').toLowerCase().includes(sought)),
    );
  if (sort) rows.sort(orderOf(sort));
  return { rows: rows.slice(from, from + count), matching: rows.length };
}

function orderOf({ by, descending }: NonNullable<DatasetRowsParams['sort']>): (a: DatasetRow, b: DatasetRow) => number {
  const sign = descending ? -1 : 1;
  const value = (row: DatasetRow): number | string => {
    if (by === 'label') return row.label ?? '';
    if (by === 'signs') return row.signs.length * 1000 + row.findings;
    if (by === 'group') return row.group ?? Infinity;
    if (by === 'mark') return row.mark ?? '';
    return row[by];
  };
  return (a, b) => {
    const [left, right] = [value(a), value(b)];
    return left === right ? a.line - b.line : sign * (left < right ? -1 : 1);
  };
}
