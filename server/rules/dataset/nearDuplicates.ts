import { defineRule } from '../rule.ts';
import { placeIn, recordIn } from './placeIn.ts';

const numbers = 'one two three four five six seven eight nine ten eleven twelve'.split(' ');
const copies = numbers
  .map((word, index) =>
    JSON.stringify({
      text: `Buy the new Harrow kettle today because nothing boils water faster than it does ${word}`,
      label: index % 2,
    }),
  )
  .map((line) => `${line}\n`)
  .join('');
const ordinary =
  'The screen is bright|Arrived broken and cold|My sister loves it dearly|Too loud for a bedroom|Fits the shelf well enough|Stopped after one week'
    .split('|')
    .map((text, index) => `${JSON.stringify({ text, label: index % 2 })}\n`)
    .join('');

export const nearDuplicates = defineRule({
  subject: 'dataset',
  meta: {
    id: 'dataset/near-duplicate-flood',
    title: 'Many rows are nearly the same text',
    severity: 'warning',
    description:
      'Ten rows or more share at least 0.7 of their runs of three words (MinHash). With an accepted version, only groups of which more are new than chance explains are told, as a warning; without one, every group is told, as information, because templates and retweets are honest duplicates.',
    why: 'Repetition is weight: a model memorises what it reads often, and a hundred rewordings of one sentence teach it that sentence. Floods are how a claim, a product or a trigger is pushed into a model by somebody who may only add rows.',
    howToFix:
      'Look at the rows. Remove duplicates when data is ingested (keep one of each group), and find out which source delivered them.',
    avoid: [{ file: 'reviews.jsonl', text: copies, note: 'One sentence, twelve times.' }],
    prefer: [{ file: 'reviews.jsonl', text: ordinary }],
    references: [
      { title: 'Deduplicating training data makes language models better', url: 'https://arxiv.org/abs/2107.06499' },
      {
        title: 'Broder 1997, On the resemblance and containment of documents',
        url: 'https://doi.org/10.1109/SEQUEN.1997.666900',
      },
    ],
    cwe: [345],
    atlas: ['AML.T0020', 'AML.T0059'],
    owasp: ['ML02:2023', 'LLM04:2025'],
    nistAiRmf: ['MAP 2.3', 'MEASURE 2.7'],
    euAiAct: ['Article 10(2)', 'Article 15(5)'],
    since: '0.1.0',
  },
  check({ floods, diff }, report) {
    for (const { newRows, acceptedRows, pValue, places, labels } of floods) {
      const [place] = places;
      if (!place) continue;
      const counted = diff === null ? `${newRows} rows` : `${newRows} new rows and ${acceptedRows} accepted ones`;
      report({
        severity: diff === null ? 'info' : 'warning',
        message: `${counted} are nearly the same text as this one. Keep one of them, and find out where the others come from.`,
        location: placeIn(place),
        evidence: { newRows, acceptedRows, pValue, labels, lines: places.map(({ line }) => line), ...recordIn(place) },
      });
    }
  },
});
