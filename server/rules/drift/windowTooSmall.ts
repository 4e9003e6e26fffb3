import { comparedRows, driftChecksIn, type DriftCheck } from '../../formats/text/driftChecks.ts';
import { placeOf } from '../load/place.ts';
import { defineRule } from '../rule.ts';
import { documentsOf } from '../text.ts';
import { driftMappings, driftReference } from './mappings.ts';

/** Of chi-square with nine degrees of freedom (ten bins), the value that is exceeded one time in twenty. */
const chiSquare = 16.92;

/**
 * Rows on each side below which the limit is crossed in more than one look in twenty without drift. For small differences the Jensen-Shannon
 * divergence and the squared Hellinger distance are the stability index divided by eight (natural logarithm) and by eight; libraries report
 * the root of the former to base 2. For the normalised Wasserstein distance: 1,000 rows at 0.1, measured, and the square of the ratio elsewhere.
 */
function rowsNeeded({ statistic, threshold: { value } }: DriftCheck): number | null {
  const asIndex = { psi: value, 'jensen-shannon': 8 * Math.LN2 * value ** 2, hellinger: 8 * value ** 2 };
  if (statistic === 'p-value') return null;
  if (statistic === 'wasserstein') return Math.ceil(1000 * (0.1 / value) ** 2);
  return Math.ceil((2 * chiSquare) / asIndex[statistic]);
}

export const windowTooSmall = defineRule({
  subject: 'text',
  meta: {
    id: 'drift/window-too-small',
    title: 'A limit of drift is crossed without any drift',
    severity: 'warning',
    description:
      'A configuration compares so few rows at a time that its limit (population stability index, Jensen-Shannon, Hellinger, Wasserstein) is crossed in more than one look in twenty although nothing changed. With ten bins the stability index times half the rows is distributed as chi-square with nine degrees of freedom: a limit of 0.1 needs about 340 rows on each side, one of 0.25 about 140.',
    why: 'An alarm that rings every week is turned off, and the one that counts is not heard.',
    howToFix:
      'Compare more rows at a time, raise the limit, or use a test that knows how many rows there are (`weighbridge drift`).',
    avoid: [
      {
        file: 'monitor.yaml',
        text: 'data_drift:\n  reference_path: data/reference.parquet\n  reference_sha256: 0f343b0931126a20f133d67c2b018a3b\n  window_size: 200\n  num_stattest: psi\n  num_stattest_threshold: 0.1\n',
      },
    ],
    prefer: [
      {
        file: 'monitor.yaml',
        text: 'data_drift:\n  reference_path: data/reference.parquet\n  reference_sha256: 0f343b0931126a20f133d67c2b018a3b\n  window_size: 2000\n  num_stattest: psi\n  num_stattest_threshold: 0.1\n',
      },
      {
        file: 'train.yaml',
        text: 'batch_size: 16\nloss: {name: wasserstein, threshold: 0.1}\n',
        note: 'A distance that has nothing to do with drift.',
      },
    ],
    references: [driftReference],
    ...driftMappings,
    cwe: [1288],
  },
  check(text, report) {
    for (const document of documentsOf(text, 'drift-monitor')) {
      const rows = comparedRows(document);
      if (rows === null) continue;
      const early = driftChecksIn(document).flatMap((each) => {
        const needed = rowsNeeded(each);
        return needed !== null && rows.value < needed ? [{ ...each, needed }] : [];
      });
      const [first] = early.toSorted((a, b) => b.needed - a.needed);
      if (!first) continue;
      report({
        message: `Compares ${rows.value} rows at a time, and ${first.name} is above ${first.threshold.value} in more than one look in twenty although nothing changed. Compare at least ${first.needed} rows.`,
        location: placeOf(rows.range),
        evidence: {
          statistic: first.statistic,
          threshold: first.threshold.value,
          rows: rows.value,
          needed: first.needed,
        },
      });
    }
  },
});
