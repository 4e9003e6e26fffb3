import { dealias } from '../../formats/text/configTree.ts';
import { baselinesIn, driftChecksIn } from '../../formats/text/driftChecks.ts';
import { isDynamicText } from '../../formats/text/dynamicValue.ts';
import { placeOf } from '../load/place.ts';
import { quoted } from '../place.ts';
import { defineRule } from '../rule.ts';
import { documentsOf } from '../text.ts';
import { driftMappings, driftReference } from './mappings.ts';

function isFile(value: string): boolean {
  return /\.(?:csv|tsv|parquet|jsonl?|arrow|feather|npy|npz|avro|bin)$|^(?:s3|gs|hf|https?|abfss?):\/\//i.test(value);
}

export const noBaseline = defineRule({
  subject: 'text',
  meta: {
    id: 'drift/no-baseline',
    title: 'Drift is measured against nothing that stays',
    severity: 'warning',
    description:
      'A configuration that watches for drift names no reference to compare with. One that names a file of which no hash is recorded, neither beside it nor in a register of the repository, is information.',
    why: 'Who can exchange the reference decides what counts as normal: a poisoned model looks as it should.',
    howToFix:
      'Name the reference, and record its hash: `sha256:` beside it, `dvc add`, or `weighbridge dataset register`.',
    avoid: [
      {
        file: 'monitor.yaml',
        text: 'data_drift:\n  window_size: 2000\n  num_stattest: psi\n  num_stattest_threshold: 0.1\n',
      },
    ],
    prefer: [
      {
        file: 'monitor.yaml',
        text: 'data_drift:\n  reference_path: data/reference.parquet\n  reference_sha256: 0f343b0931126a20f133d67c2b018a3b\n  window_size: 2000\n  num_stattest: psi\n  num_stattest_threshold: 0.1\n',
      },
    ],
    references: [driftReference],
    ...driftMappings,
    cwe: [353],
  },
  check(text, report) {
    for (const document of documentsOf(text, 'drift-monitor')) {
      const [check] = driftChecksIn(document);
      if (!check) continue;
      const baselines = baselinesIn(document);
      if (baselines.length === 0) {
        report({
          message: `Measures drift (${check.name}) and names no reference to compare with. Name it, and record its hash.`,
          location: placeOf(check.threshold.range),
          evidence: { statistic: check.name },
        });
        continue;
      }
      for (const { key, node, around } of baselines) {
        const leaf = dealias(node);
        if (
          leaf?.kind !== 'scalar' ||
          typeof leaf.value !== 'string' ||
          !isFile(leaf.value) ||
          isDynamicText(leaf.value)
        )
          continue;
        const hasHash = around.entries.some((entry) => /sha|hash|digest|checksum|md5|etag|version/i.test(entry.key));
        const data = text.workspace.datasets.find(leaf.value, text.path, 'anywhere');
        if (hasHash || (data && text.workspace.datasets.coverage(data.path, data.isFolder).length > 0)) continue;
        report({
          message: `Compares with ${quoted(leaf.value)}, of which no hash is recorded: whoever exchanges it decides what is normal. Record its hash, or register it.`,
          severity: 'info',
          location: placeOf(leaf.innerRange),
          evidence: { key },
        });
        break;
      }
    }
  },
});
