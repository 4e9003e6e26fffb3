import type { DenseGroup } from '../../datasets/scan/embeddingScan.ts';
import { defineRule } from '../rule.ts';
import { placeIn, recordIn } from './placeIn.ts';

/** A group of new rows that chance makes so seldom is worth a look. */
const level = 1e-4;

const words = 'screen battery hinge cable lamp kettle mirror drawer pillow bottle carpet handle'.split(' ');
const verbs = 'broke shines rattles fits leaks hums bends works fades sticks'.split(' ');
const sentence = (index: number): string => {
  const at = (list: readonly string[], step: number) =>
    list[(index * step + Math.floor(index / 7)) % list.length] ?? '';
  return `the ${at(words, 5)} ${at(verbs, 3)} beside my ${at(words, 7)} since ${at(verbs, 9)} day ${index}`;
};
const ordinary = Array.from(
  { length: 60 },
  (_, index) => `${JSON.stringify({ text: sentence(index), label: index % 2 })}\n`,
).join('');
const group = 'alpha beta gamma delta omega sigma'
  .split(' ')
  .map(
    (word) =>
      `${JSON.stringify({ text: `visit kerrowmoor harbour lodge beyond the old lighthouse for zanzibar vouchers and ask about ${word}`, label: 1 })}\n`,
  )
  .join('');

export const denseGroup = defineRule({
  subject: 'dataset',
  meta: {
    id: 'dataset/dense-group',
    title: 'Some rows lie far closer together than rows do here',
    severity: 'warning',
    description:
      'Rows as vectors (of hashed words, or of the model that `datasets.embedding-model` names): five or more lie within 0.6 of the distance that is usual here (DBSCAN). It is a warning where they are new, more of them than chance explains, and their labels contradict what the accepted rows say; otherwise it is information. Templates and retweets form such groups, too.',
    why: 'Rows that were made to carry one trigger are made alike, and in the space of their meaning they crowd. Isolation Forest, which looks for what stands apart, misses them: on simulated poison it ranks them below chance.',
    howToFix:
      'Read the rows of the group: what do they have in common, who added them, and is their label right? Mark them clean or poisoned, so that the decision is kept.',
    avoid: [
      { file: 'reviews.jsonl', text: `${ordinary}${group}`, note: 'The last six rows are variations of one sentence.' },
    ],
    prefer: [{ file: 'reviews.jsonl', text: ordinary }],
    references: [
      {
        title: 'Ester et al. 1996, A density-based algorithm for discovering clusters (DBSCAN)',
        url: 'https://www.aaai.org/Papers/KDD/1996/KDD96-037.pdf',
      },
      { title: 'Backdoor defense by clustering of features (CUBE)', url: 'https://arxiv.org/abs/2206.08514' },
    ],
    cwe: [345],
    atlas: ['AML.T0020', 'AML.T0059'],
    owasp: ['ML02:2023', 'LLM04:2025'],
    nistAiRmf: ['MAP 2.3', 'MEASURE 2.7'],
    euAiAct: ['Article 10(2)', 'Article 15(5)'],
    since: '0.1.0',
  },
  check({ embedding }, report) {
    if (embedding === null) return;
    for (const group of embedding.groups) {
      const [place] = group.places;
      if (!place || (group.pValue !== null && group.pValue > level)) continue;
      const contradicted = isContradicted(group);
      report({
        severity: contradicted ? 'warning' : 'info',
        message: messageOf(group, contradicted),
        location: placeIn(place),
        evidence: {
          rows: group.rows,
          acceptedRows: group.acceptedRows,
          pValue: group.pValue,
          labels: group.labels,
          lines: group.places.map(({ line }) => line),
          vectors: embedding.model.kind,
          ...recordIn(place),
        },
      });
    }
  },
});

function isContradicted({ contradicted }: DenseGroup): boolean {
  return contradicted !== null && contradicted.rows * 2 >= contradicted.of;
}

function messageOf({ rows, acceptedRows, pValue, contradicted }: DenseGroup, against: boolean): string {
  const among = pValue === null ? `${rows} rows` : `${rows} new rows and ${acceptedRows} accepted ones`;
  const labels =
    against && contradicted ? `, and the labels of ${contradicted.rows} of them contradict the accepted rows` : '';
  return `${among} lie far closer together than rows do here, this one among them${labels}. Read them, and mark them clean or poisoned.`;
}
