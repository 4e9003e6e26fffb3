import type { DatasetScan } from '../datasets/scan/facts.ts';
import { count, printable } from './printable.ts';

/** How few poisoned rows a scan would have found, as `dataset scan --format json` has it. */
export interface DetectionLimit {
  /** New rows that must share a phrase of no accepted row; null where no number is sure to be found. */
  rows: number | null;
  statistic: string;
  explanation: string;
}

const statistic = 'conditional binomial test of over-represented phrases, corrected after Bonferroni and Tarone';

/** The weakest limit of several files: what holds for all of them. */
export function detectionLimitOf(scans: readonly DatasetScan[]): DetectionLimit {
  const limits = scans.map(({ diff }) => diff?.detectionLimit ?? null);
  const rows = limits.includes(null) ? null : Math.max(...limits.map((limit) => limit ?? 0));
  return { rows, statistic, explanation: scans.map((scan) => explanationOf(scan)).join(' ') };
}

/** The same, for a person. */
export function detectionLimitText(scan: DatasetScan): string {
  return `${printable(scan.path)}: ${explanationOf(scan)}`;
}

function explanationOf({ diff, rows }: DatasetScan): string {
  if (diff === null) {
    return `${count(rows, 'row')} read without an accepted version to compare with (--baseline): a trigger in few rows is not found this way.`;
  }
  const compared = `${count(diff.newRows, 'new row')} compared with ${diff.acceptedRows} accepted ones`;
  if (diff.newRows === 0) return `${compared}: nothing is new.`;
  if (diff.detectionLimit === null) return `${compared}: so few rows prove nothing, whatever stands in them.`;
  return `${compared}: a phrase that no accepted row has is found from ${diff.detectionLimit} new rows on. Fewer, a rewording without a phrase of its own, and what was accepted before are not found.`;
}
