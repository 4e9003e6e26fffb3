import { placeOf } from '../load/place.ts';
import { defineRule } from '../rule.ts';
import { dataUsesIn } from './dataUses.ts';
import { provenanceMappings } from './mappings.ts';

const pointer =
  'version https://git-lfs.github.com/spec/v1\noid sha256:602cc555926d663479f4bcaa6e7c97922858092bc19cc277dd89b02255775630\nsize 16\n';

export const lfsPointerAsData = defineRule({
  subject: 'text',
  meta: {
    id: 'dataset/lfs-pointer',
    title: 'A pointer of Git LFS is used as data',
    severity: 'warning',
    description:
      'A training config or script names a data file, and what stands there is the pointer that Git LFS leaves where it did not fetch the file. What Git LFS did fetch, and keeps in `.git/lfs/objects`, is hashed and compared with the pointer.',
    why: 'Three lines of text are read as if they were the dataset. At best the job fails after it has waited for its machine; at worst a tolerant reader trains on nothing and nobody notices.',
    howToFix:
      'Fetch the file: `git lfs pull --include PATH`. In continuous integration, check out with LFS (`lfs: true`).',
    avoid: [
      {
        file: 'train.yaml',
        text: 'datasets:\n  - path: data/train.csv\n    type: alpaca\n',
        beside: [{ file: 'data/train.csv', text: pointer }],
      },
      {
        file: 'train.yaml',
        text: 'datasets:\n  - path: data/train.csv\n    type: alpaca\n',
        beside: [
          { file: 'data/train.csv', text: pointer },
          {
            file: '.git/lfs/objects/60/2c/602cc555926d663479f4bcaa6e7c97922858092bc19cc277dd89b02255775630',
            text: 'not,the data\n',
          },
        ],
      },
    ],
    prefer: [
      {
        file: 'train.yaml',
        text: 'datasets:\n  - path: data/train.csv\n    type: alpaca\n',
        beside: [{ file: 'data/train.csv', text: 'text,label\nhi,1\n' }],
      },
    ],
    references: [{ title: 'Git LFS specification', url: 'https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md' }],
    ...provenanceMappings,
    cwe: [345],
  },
  check(text, report) {
    for (const { data, range } of dataUsesIn(text)) {
      if (!data.pointer) continue;
      const { oid, size, object } = data.pointer;
      const fetched = object === null ? null : text.workspace.datasets.measured(object, 'sha256');
      const isOther = fetched !== null && fetched !== undefined && fetched.digest !== oid;
      const bytes = `${data.path} is a pointer of Git LFS, and not the data (${size.toLocaleString('en')} bytes)`;
      report({
        ...(isOther && { severity: 'error' as const }),
        message: isOther
          ? `${bytes}, and what Git LFS keeps for it in ${object} is other data: its SHA-256 is ${fetched.digest}. Remove that file and fetch it anew: git lfs fetch`
          : fetched
            ? `${bytes}. What Git LFS fetched is what the pointer says: put it in place with git lfs checkout ${data.path}`
            : `${bytes}. Fetch it first: git lfs pull --include ${data.path}`,
        location: placeOf(range),
        evidence: { data: data.path, oid, size, fetched: fetched?.digest ?? null },
        related: [{ path: data.path, message: 'The pointer' }],
      });
    }
  },
});
