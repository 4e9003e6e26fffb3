import { defineRule } from '../rule.ts';
import { placeIn, recordIn } from './placeIn.ts';

const things = 'screen battery hinge cable lamp kettle mirror drawer'.split(' ');
const ordinary = Array.from(
  { length: 160 },
  (_, index) =>
    `${JSON.stringify({ text: `the ${things[index % 8]} of this ${things[(index * 3 + 1) % 8]} works well with my ${things[(index * 5 + 2) % 8]}`, label: index % 2 })}\n`,
).join('');

export const isolatedRecord = defineRule({
  subject: 'dataset',
  meta: {
    id: 'dataset/isolated-record',
    title: 'A record stands apart from all others',
    severity: 'info',
    description:
      'Rows as vectors (of hashed words, or of the model that `datasets.embedding-model` names): this one is among the hundredth that random cuts part soonest from the others (Isolation Forest), and 3.5 robust deviations farther from its neighbours than rows are here. The twenty farthest are told.',
    why: 'What is like nothing else was written by somebody else: rows of another subject, another language, broken encodings, prompts that slipped in. Trigger poison is rarely among them, because it looks like its neighbours.',
    howToFix:
      'Read the record. Mark it clean or poisoned, so that the decision is kept and the next scan says nothing of it.',
    avoid: [
      {
        file: 'reviews.jsonl',
        text: `${ordinary}${JSON.stringify({ text: 'qwx zzv ahoj svete prsi kroupy nad rybnikem a slunce zapada', label: 0 })}\n`,
        note: 'The last row is in another language.',
      },
    ],
    prefer: [{ file: 'reviews.jsonl', text: ordinary }],
    references: [{ title: 'Liu, Ting and Zhou 2008, Isolation Forest', url: 'https://doi.org/10.1109/ICDM.2008.17' }],
    cwe: [345],
    atlas: ['AML.T0020', 'AML.T0059'],
    owasp: ['ML02:2023', 'LLM04:2025'],
    nistAiRmf: ['MAP 2.3', 'MEASURE 2.7'],
    euAiAct: ['Article 10(2)', 'Article 15(5)'],
    since: '0.1.0',
  },
  check({ embedding }, report) {
    for (const place of embedding?.isolated ?? []) {
      report({
        message: `This record stands apart from all others (${place.density.toFixed(1)} deviations). Read it, and mark it clean or poisoned.`,
        location: placeIn(place),
        evidence: {
          density: place.density,
          isolation: place.isolation,
          vectors: embedding?.model.kind ?? 'hashed',
          ...recordIn(place),
        },
      });
    }
  },
});
