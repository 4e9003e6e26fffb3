import { holdsDigest } from '../../datasets/registers/coverage.ts';
import { registerNames } from '../../datasets/registers/facts.ts';
import { placeOf } from '../load/place.ts';
import { defineRule } from '../rule.ts';
import { dataUsesIn } from './dataUses.ts';
import { provenanceMappings, recordReference } from './mappings.ts';

export const unregistered = defineRule({
  subject: 'text',
  meta: {
    id: 'dataset/unregistered',
    title: 'A training uses data that nobody registered',
    severity: 'warning',
    description:
      'A training config (axolotl, LLaMA-Factory, torchtune, Hydra, Hugging Face arguments, `dvc.yaml`, plain YAML and JSON) or a call in Python (`load_dataset`, `ImageFolder`, `read_csv` and others) names a file or folder of this workspace, and no register holds a hash of it. A warning where the repository keeps such records; information where it keeps none, and for scripts that read tables, which need not train anything. Ids of datasets on a hub are no local data, and code of tests is left alone.',
    why: 'Data without a record can be changed by anybody who can write to the folder, and no comparison will ever show it. 250 documents are enough to plant a backdoor in a language model of any size.',
    howToFix:
      'Register it: `weighbridge dataset register PATH`, or the quick fix here. Data under DVC, in a Croissant file or in a data package with hashes counts as registered.',
    avoid: [
      {
        file: 'train.yaml',
        text: 'base_model: acme/base\ndatasets:\n  - path: data/train.csv\n    type: alpaca\n',
        beside: [{ file: 'data/train.csv', text: 'text,label\nhi,1\n' }],
      },
      {
        file: 'train.py',
        text: 'from datasets import load_dataset\n\ndata = load_dataset("csv", data_files={"train": "data/train.csv"})\n',
        beside: [{ file: 'data/train.csv', text: 'text,label\nhi,1\n' }],
      },
    ],
    prefer: [
      {
        file: 'train.yaml',
        text: 'base_model: acme/base\ndatasets:\n  - path: data/train.csv\n    type: alpaca\n  - path: acme/reviews\n',
        beside: [
          { file: 'data/train.csv', text: 'text,label\nhi,1\n' },
          {
            file: 'data/train.csv.dvc',
            text: 'outs:\n- md5: 4c176a5d418613c562f4ea298ad505a1\n  size: 16\n  hash: md5\n  path: train.csv\n',
          },
        ],
        note: 'DVC knows the file; the other one is on a hub.',
      },
    ],
    references: [
      recordReference,
      {
        title: 'Poisoning attacks on LLMs require a near-constant number of poison samples',
        url: 'https://arxiv.org/abs/2510.07192',
      },
    ],
    ...provenanceMappings,
    euAiAct: ['Article 10(2)', 'Article 12(1)'],
  },
  check(text, report) {
    const { datasets } = text.workspace;
    for (const { data, range, purpose, reference } of dataUsesIn(text)) {
      if (data.pointer) continue;
      const known = datasets.coverage(data.path, data.isFolder);
      if (known.some(holdsDigest)) continue;
      const described = known[0];
      const keeps = purpose === 'training' && datasets.keepsRecords(data.path);
      report({
        message: `${data.path} has no record that says what it is${described ? ` (the ${registerNames[described.register.kind]} ${described.path} holds no hash of it)` : ''}: a change would go unnoticed. Register it: weighbridge dataset register ${data.path}`,
        ...(!keeps && { severity: 'info' as const }),
        location: placeOf(range),
        evidence: { data: data.path, reference },
        fixes: [
          ...(described ? (['import-record'] as const) : []),
          'register-dataset',
          ...(data.isFolder ? [] : (['add-known-clean'] as const)),
        ],
        ...(described && {
          related: [{ path: described.path, message: 'What describes it', line: described.data.place.line }],
        }),
      });
    }
  },
});
