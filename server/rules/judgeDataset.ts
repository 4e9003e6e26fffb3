import type { DatasetScan } from '../datasets/scan/facts.ts';
import { datasetRules } from './datasetRules.ts';
import type { Finding } from './finding.ts';
import { reporter } from './reporter.ts';

/** What all rules of datasets say of one scan. */
export function judgeDataset(scan: DatasetScan): Finding[] {
  const findings: Finding[] = [];
  for (const rule of datasetRules) rule.check(scan, reporter(rule.meta, scan.path, findings));
  return findings;
}
