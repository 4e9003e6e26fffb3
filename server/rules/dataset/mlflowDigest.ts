import { placeOf } from '../load/place.ts';
import { defineRule } from '../rule.ts';
import { provenanceMappings, recordReference } from './mappings.ts';
import { dataOf, hasOwnRecord, registerIn } from './registersIn.ts';

export const mlflowDigest = defineRule({
  subject: 'text',
  meta: {
    id: 'dataset/mlflow-digest-as-proof',
    title: 'The digest of MLflow is no proof of what the data is',
    severity: 'info',
    description:
      'A run of MLflow knows its dataset by the `digest` that MLflow computes: MD5, cut to 8 hexadecimal digits, over at most 10,000 rows and only some columns. Not reported where a `provenance.json` with SHA-256 speaks of the same data.',
    why: 'Eight digits are found again in a few hours on a laptop, and rows behind the first ten thousand are not in them at all. It is a label by which people tell datasets apart, and nothing that anybody can verify.',
    howToFix: 'Keep logging inputs, and register the data itself: `weighbridge dataset register PATH`.',
    avoid: [
      {
        file: 'mlruns/0/datasets/093227c29e52850f88c2a0f1f9a13ea6/meta.yaml',
        text: 'digest: 7e0911bd\nname: reviews\nsource: \'{"uri": "train.csv"}\'\nsource_type: local\n',
      },
    ],
    prefer: [
      {
        file: 'mlruns/0/meta.yaml',
        text: 'artifact_location: file:///tmp/mlruns/0\nexperiment_id: 0\nname: Default\n',
        note: 'An experiment, and no dataset.',
      },
    ],
    references: [
      { title: 'MLflow: dataset tracking', url: 'https://mlflow.org/docs/latest/ml/dataset/' },
      {
        title: 'MLflow: digest_utils.py',
        url: 'https://github.com/mlflow/mlflow/blob/master/mlflow/data/digest_utils.py',
      },
      recordReference,
    ],
    ...provenanceMappings,
    cwe: [328, 345],
  },
  check(text, report) {
    const register = registerIn(text);
    if (register?.kind !== 'mlflow') return;
    for (const entry of register.data) {
      const [digest] = entry.digests;
      const data = dataOf(entry, text.path, text.workspace.datasets);
      if (!digest || (data && hasOwnRecord(data, text.workspace.datasets))) continue;
      report({
        message: `"${digest.written}" is MLflow's label for ${entry.name}: it covers 10,000 rows at most, and can be forged. Register the data to have a hash that proves something: weighbridge dataset register PATH.`,
        location: placeOf(digest.range),
        evidence: { digest: digest.written, name: entry.name, ...(data && { data: data.path }) },
        fixes: data ? ['import-record'] : [],
      });
    }
  },
});
