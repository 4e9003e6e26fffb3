import { comparedRows, driftChecksIn } from '../../formats/text/driftChecks.ts';
import { placeOf } from '../load/place.ts';
import { defineRule } from '../rule.ts';
import { documentsOf } from '../text.ts';
import { driftMappings, driftReference } from './mappings.ts';

export const pValueLargeN = defineRule({
  subject: 'text',
  meta: {
    id: 'drift/p-value-large-n',
    title: 'A p-value is compared over so many rows that everything differs',
    severity: 'info',
    description:
      'A configuration decides by a p-value (Kolmogorov-Smirnov, chi-square and others) and compares more than 50,000 rows at a time. At 100,000 rows a shift of two hundredths of a standard deviation is significant nearly always.',
    why: 'The alarm says that there is a difference, and not that it matters.',
    howToFix:
      'Ask for an effect, too: a stability index or a normalised Wasserstein distance above 0.1. Or compare a sample.',
    avoid: [
      {
        file: 'monitor.yaml',
        text: 'drift:\n  reference_path: data/reference.parquet\n  reference_sha256: 0f343b0931126a20f133d67c2b018a3b\n  window_size: 200000\n  stattest: ks\n  threshold: 0.05\n',
      },
    ],
    prefer: [
      {
        file: 'monitor.yaml',
        text: 'drift:\n  reference_path: data/reference.parquet\n  reference_sha256: 0f343b0931126a20f133d67c2b018a3b\n  window_size: 5000\n  stattest: ks\n  threshold: 0.05\n',
      },
    ],
    references: [driftReference],
    ...driftMappings,
    cwe: [1288],
  },
  check(text, report) {
    for (const document of documentsOf(text, 'drift-monitor')) {
      const rows = comparedRows(document);
      const checks = driftChecksIn(document);
      const [first] = checks;
      if (rows === null || !first || rows.value <= 50_000 || checks.some(({ statistic }) => statistic !== 'p-value'))
        continue;
      report({
        message: `Decides by a p-value (${first.name}) over ${rows.value} rows, where every difference is significant. Ask for an effect above a limit, too.`,
        location: placeOf(first.threshold.range),
        evidence: { statistic: first.name, rows: rows.value },
      });
    }
  },
});
