import { treeOf } from '../../datasets/registers/scalarTree.ts';
import { placeOf } from '../load/place.ts';
import { defineRule } from '../rule.ts';
import { provenanceMappings, recordReference } from './mappings.ts';

export const invalidRecord = defineRule({
  subject: 'text',
  meta: {
    id: 'dataset/invalid-record',
    title: 'A provenance record is not what its schema says',
    severity: 'error',
    description:
      'A `provenance.json` breaks its schema (`provenance.schema.json`): a field that is missing, unknown or of another type, a time that is none, a result that is neither `passed` nor `failed`. Files of that name without `datasets` are something else, and are left alone.',
    why: 'Programs that read the record pass over what they do not understand. A slip of the pen in the name of a field is then a part that is missing.',
    howToFix:
      'Correct the field. Editors complete and check the file by its schema; `weighbridge dataset register` writes it right.',
    avoid: [
      {
        file: 'data/provenance.json',
        text: '{\n  "schemaVersion": 1,\n  "datasets": [{ "path": "train.csv", "hash": { "algorithm": "crc32", "digest": "0bf29be7" } }]\n}\n',
      },
    ],
    prefer: [
      {
        file: 'data/provenance.json',
        text: '{\n  "schemaVersion": 1,\n  "datasets": [\n    { "path": "train.csv", "hash": { "algorithm": "sha256", "digest": "602cc555926d663479f4bcaa6e7c97922858092bc19cc277dd89b02255775630" } }\n  ]\n}\n',
      },
    ],
    references: [recordReference],
    ...provenanceMappings,
    cwe: [1286],
  },
  check(text, report) {
    if (text.language !== 'json' || !text.breaches) return;
    const tree = treeOf(text.scalars);
    for (const { path, message } of text.breaches) {
      let keys = path;
      while (keys.length > 0 && !tree.at(...keys).exists) keys = keys.slice(0, -1);
      report({
        message: `${path.length === 0 ? 'The record' : path.join('.')}: ${message}. Correct it as provenance.schema.json says.`,
        location: placeOf(tree.at(...keys).place()),
        evidence: { path: path.join('.') },
      });
    }
  },
});
