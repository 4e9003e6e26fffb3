import { defineRule } from '../rule.ts';
import { checkRevisions } from './revision.ts';

export const datasetRevision = defineRule({
  subject: 'text',
  meta: {
    id: 'pin/dataset-revision',
    title: 'A dataset is loaded from a hub without a pinned revision',
    severity: 'info',
    description:
      'A call of `load_dataset`, a download with `repo_type="dataset"`, or a dataset of an axolotl config names no full commit. Where no revision is named, that is one information a file; a branch, a tag or a short hash that is written out is a warning. Built-in loaders (`json`, `csv`, `parquet`) and local paths are not meant.',
    why: 'Rows can be added or changed between the run that was reviewed and the run that counts, and some 250 rows are enough for a backdoor.',
    howToFix: 'Write the full commit: `revision="<40 hexadecimal digits>"`, and record the digest of what was loaded.',
    avoid: [
      {
        file: 'data.py',
        text: "from datasets import load_dataset\n\nrows = load_dataset('org/rows', split='train')\n",
      },
      {
        file: 'train.yaml',
        text: 'base_model: ./model\nsequence_len: 2048\ndatasets:\n  - path: org/rows\n    revision: v1\n    type: alpaca\n',
      },
    ],
    prefer: [
      {
        file: 'data.py',
        text: "from datasets import load_dataset\n\nrows = load_dataset('org/rows', revision='0123456789abcdef0123456789abcdef01234567')\nlocal = load_dataset('json', data_files='rows.jsonl')\n",
      },
      {
        file: 'train.yaml',
        text: 'base_model: ./model\nsequence_len: 2048\ndatasets:\n  - path: data/rows.jsonl\n    type: alpaca\n',
      },
    ],
    references: [
      { title: 'Datasets documentation: load_dataset, revision', url: 'https://huggingface.co/docs/datasets/loading' },
      {
        title: 'Poisoning attacks need a near-constant number of samples (2025)',
        url: 'https://arxiv.org/abs/2510.07192',
      },
    ],
    cwe: [494],
    atlas: ['AML.T0010.002', 'AML.T0020'],
    owasp: ['ML02:2023', 'LLM04:2025'],
    nistAiRmf: ['MAP 2.3', 'GOVERN 6.1'],
    euAiAct: ['Article 10(2)(b)', 'Article 15(5)'],
    since: '0.1.0',
  },
  check(text, report) {
    checkRevisions(text, 'dataset', report);
  },
});
