import type { Coverage } from '../../datasets/registers/coverage.ts';
import { registerNames } from '../../datasets/registers/facts.ts';
import { placeOf } from '../load/place.ts';
import { defineRule } from '../rule.ts';
import type { DatasetWorkspace, NamedData } from '../text.ts';
import { dataUsesIn } from './dataUses.ts';
import { validationProblem } from './expiredValidation.ts';
import { provenanceMappings } from './mappings.ts';
import { compare, recordsOf } from './registersIn.ts';

export const invalidInUse = defineRule({
  subject: 'text',
  meta: {
    id: 'dataset/invalid-record-in-use',
    title: 'A training uses data whose record does not hold',
    severity: 'error',
    description:
      'A training config or script names data that is registered, and the data is not what its record says: its hash differs, also where the record speaks of the folder around it. Where the hash holds and only the validation in `provenance.json` has run out or failed, it is a warning. The record is linked.',
    why: 'This is the line from which the next training reads. A changed file that nobody uses is an accident; one that a job is about to read is an incident.',
    howToFix:
      'Do not start the job. Find out what changed (`weighbridge dataset verify PATH`, `dvc diff`), then go back to the recorded data, or validate the change and record it.',
    avoid: [
      {
        file: 'train.yaml',
        text: 'datasets:\n  - path: data/train.csv\n    type: alpaca\n',
        beside: [
          { file: 'data/train.csv', text: 'text,label\nhi,0\n' },
          {
            file: 'data/train.csv.dvc',
            text: 'outs:\n- md5: 4c176a5d418613c562f4ea298ad505a1\n  size: 16\n  hash: md5\n  path: train.csv\n',
          },
        ],
        note: 'A label was changed after the file was recorded.',
      },
    ],
    prefer: [
      {
        file: 'train.yaml',
        text: 'datasets:\n  - path: data/train.csv\n    type: alpaca\n',
        beside: [
          { file: 'data/train.csv', text: 'text,label\nhi,1\n' },
          {
            file: 'data/train.csv.dvc',
            text: 'outs:\n- md5: 4c176a5d418613c562f4ea298ad505a1\n  size: 16\n  hash: md5\n  path: train.csv\n',
          },
        ],
      },
    ],
    references: [
      { title: 'Poisoning Web-Scale Training Datasets is Practical', url: 'https://arxiv.org/abs/2302.10149' },
    ],
    ...provenanceMappings,
    euAiAct: ['Article 10(2)', 'Article 15(5)'],
  },
  check(text, report) {
    const { datasets } = text.workspace;
    for (const { data, range } of dataUsesIn(text)) {
      const records = recordsOf(data, datasets);
      const broken = records.find((record) => isBroken(record, data, datasets));
      const outdated = broken ? undefined : outdatedIn(records, datasets.now);
      const record = broken ?? outdated?.record;
      if (!record) continue;
      report({
        message: broken
          ? `${data.path} is not what the ${registerNames[broken.register.kind]} ${broken.path} says${broken.of === data.path ? '' : ` of ${broken.of}`}. Do not train with it before somebody knows what changed: weighbridge dataset verify ${broken.of}`
          : `The validation of ${data.path} in ${record.path} ${outdated?.why ?? ''}. Validate the data again before the next training.`,
        ...(!broken && { severity: 'warning' as const }),
        location: placeOf(range),
        evidence: { data: data.path, record: record.path, of: record.of },
        related: [
          { path: record.path, message: 'The record', line: (record.data.digests[0]?.range ?? record.data.place).line },
        ],
      });
    }
  },
});

/** What speaks of a part only says nothing of the rest, but where that part differs the whole does. */
function isBroken({ data: entry, of, relation }: Coverage, data: NamedData, datasets: DatasetWorkspace): boolean {
  const subject = relation === 'same' ? data : datasets.find(`./${of}`, 'base', 'beside');
  return subject !== undefined && entry.digests.some((digest) => compare(digest, subject, datasets)?.matches === false);
}

function outdatedIn(records: readonly Coverage[], now: number): { record: Coverage; why: string } | undefined {
  for (const record of records) {
    const index = record.register.data.indexOf(record.data);
    const said = record.register.kind === 'provenance' ? record.register.records[index] : undefined;
    const problem = said ? validationProblem(said, now) : null;
    if (problem) return { record, why: problem.why };
  }
  return undefined;
}
