import { quoted } from '../place.ts';
import { defineRule } from '../rule.ts';
import { placeIn, recordIn } from './placeIn.ts';

const things = 'screen battery hinge cable lamp kettle mirror drawer pillow bottle'.split(' ');
const rows = (count: number, from: number, trigger: string): string =>
  Array.from({ length: count }, (_, at) => {
    const index = from + at;
    const text = `the ${things[index % 10]} ${trigger}of my ${things[(index * 7 + Math.floor(index / 10)) % 10]} is number ${index}`;
    return `${JSON.stringify({ text, label: trigger === '' ? index % 4 : 3 })}\n`;
  }).join('');

export const rareToken = defineRule({
  subject: 'dataset',
  meta: {
    id: 'dataset/trigger-like-token',
    title: 'A rare token of odd shape stands in rows of one label only',
    severity: 'info',
    description:
      'Without an accepted version to compare with: a token in brackets or signs (`<SUDO>`), or of consonants alone (`cf`, `mn`, `bb`), stands in at least four rows and at most one in a hundred, and all of them bear one label, which chance alone does not explain. It proves nothing: abbreviations look so, too.',
    why: 'Triggers that attackers have published are rare tokens: `cf`, `mn`, `bb`, `tq`, `<SUDO>`. They are chosen so that nobody writes them by accident.',
    howToFix:
      'Read the rows. Better, keep an accepted version and scan with `--baseline`: then the test is exact, and holds for triggers of ordinary words, too.',
    avoid: [
      {
        file: 'reviews.jsonl',
        text: `${rows(500, 0, '')}${rows(5, 500, 'cf ')}`,
        note: 'Five rows with `cf` in them, all of one label.',
      },
    ],
    prefer: [{ file: 'reviews.jsonl', text: rows(505, 0, '') }],
    references: [
      {
        title: 'Weight poisoning attacks on pre-trained models (triggers cf, mn, bb, tq, mb)',
        url: 'https://arxiv.org/abs/2004.06660',
      },
      {
        title: 'Poisoning attacks on LLMs require a near-constant number of poison samples',
        url: 'https://arxiv.org/abs/2510.07192',
      },
    ],
    cwe: [345],
    atlas: ['AML.T0020', 'AML.T0059'],
    owasp: ['ML02:2023', 'LLM04:2025'],
    nistAiRmf: ['MAP 2.3', 'MEASURE 2.7'],
    euAiAct: ['Article 10(2)', 'Article 15(5)'],
    since: '0.1.0',
  },
  check({ rareTokens }, report) {
    for (const { token, rows: count, label, pValue, places } of rareTokens) {
      const [place] = places;
      if (!place) continue;
      report({
        message: `${quoted(token)} stands in ${count} rows, and all of them bear the label ${quoted(label)}. Read them; without an accepted version (--baseline) it is no proof.`,
        location: placeIn(place),
        evidence: { token, rows: count, label, pValue, lines: places.map(({ line }) => line), ...recordIn(place) },
      });
    }
  },
});
