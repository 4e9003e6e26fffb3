import { placeOf } from '../load/place.ts';
import { defineRule } from '../rule.ts';
import type { TextSubject } from '../text.ts';
import { trainingContainers } from './jobs.ts';
import { accessMappings } from './mappings.ts';

const job = (extra: string): string =>
  `apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: train-reviews\nspec:\n  template:\n    spec:\n      containers:\n        - name: train\n          image: acme/train\n          args: ["train.py", "--config", "train.yaml"]\n          volumeMounts:\n            - { name: reviews, mountPath: /data/reviews, readOnly: true }\n${extra}      volumes:\n        - { name: reviews, persistentVolumeClaim: { claimName: reviews } }\n        - { name: patients, persistentVolumeClaim: { claimName: patients } }\n`;

export const unusedDataset = defineRule({
  subject: 'text',
  meta: {
    id: 'access/unused-dataset',
    title: 'A training job sees more data than its config names',
    severity: 'warning',
    description:
      'A training job mounts several volumes of training data, and some of them are named neither by its command, arguments and variables nor by the config of this workspace that it is given, while others are. Jobs of which no mount is named anywhere are left alone: there the data is found in another way.',
    why: 'What a job can read, code in it can leak, and a mistake in a path can train on. Data of patients has no place in a job that trains on reviews.',
    howToFix: 'Remove the mount, or name the data in the config that the job is given.',
    avoid: [
      {
        file: 'job.yaml',
        text: job('            - { name: patients, mountPath: /data/patients, readOnly: true }\n'),
        beside: [{ file: 'train.yaml', text: 'datasets:\n  - path: /data/reviews/train.jsonl\n' }],
      },
    ],
    prefer: [
      {
        file: 'job.yaml',
        text: job(''),
        beside: [{ file: 'train.yaml', text: 'datasets:\n  - path: /data/reviews/train.jsonl\n' }],
      },
    ],
    references: [
      {
        title: 'NIST SP 800-53: AC-6, least privilege',
        url: 'https://csrc.nist.gov/projects/cprt/catalog#/cprt/framework/version/SP_800_53_5_1_1/home?element=AC-06',
      },
    ],
    ...accessMappings,
    cwe: [272, 668],
  },
  check(text, report) {
    for (const { name, mounts, words } of trainingContainers(text)) {
      const data = mounts.filter(({ isDataset }) => isDataset);
      if (data.length < 2) continue;
      const { said, configs } = saidBy(words, text);
      const isNamed = ({ path }: { path: string }) => {
        const bare = path.replace(/\/+$/, '');
        return said.some((word) => word === bare || word.includes(`${bare}/`) || word.endsWith(bare));
      };
      const unnamed = data.filter((mount) => !isNamed(mount));
      if (unnamed.length === data.length) continue;
      for (const { path, range } of unnamed) {
        report({
          message: `The training job ${name} can read ${path}, which ${configs.length > 0 ? `neither its command nor ${configs.join(', ')} names` : 'its command does not name'}. Remove the mount, or name the data.`,
          location: placeOf(range),
          evidence: { job: name, mountPath: path, configs },
          ...(configs.length > 0 && {
            related: configs.map((each) => ({ path: each, message: 'The config that the job is given' })),
          }),
        });
      }
    }
  },
});

/** What the job and the configs say that it is given. */
function saidBy(words: readonly string[], text: TextSubject): { said: string[]; configs: string[] } {
  const { datasets } = text.workspace;
  const said = [...words];
  const configs: string[] = [];
  for (const word of words.flatMap((each) => each.split(/[\s=]+/))) {
    if (!/\.(?:ya?ml|json)$/i.test(word) || configs.length >= 20) continue;
    const config = datasets.find(word.replace(/^\/+/, ''), text.path, 'anywhere');
    const scalars = config && !configs.includes(config.path) ? datasets.scalars(config.path) : undefined;
    if (!config || !scalars) continue;
    configs.push(config.path);
    for (const { value } of scalars) if (typeof value === 'string') said.push(value);
  }
  return { said, configs };
}
