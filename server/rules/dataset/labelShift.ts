import type { LabelShift } from '../../datasets/poisoning/labelShift.ts';
import { quoted } from '../place.ts';
import { defineRule } from '../rule.ts';

const rows = (source: string, labels: string): string =>
  [...labels].map((label, index) => `item ${index} is fine,${label},${source}\n`).join('');
const even = '01'.repeat(16);

export const labelShift = defineRule({
  subject: 'dataset',
  meta: {
    id: 'dataset/label-shift',
    title: 'The labels of some rows are spread otherwise than those of the others',
    severity: 'warning',
    description:
      'The labels of the new rows differ from those of the accepted version, or the labels of one source (a field such as `source` or `annotator`) from those of all others: a chi-square test after Holm, and an association (Cramér’s V) above 0.1, because with many rows everything is significant.',
    why: 'Label flipping needs no trigger and no access to a model: whoever delivers or labels a part of the data turns a class around, and the model learns it so. One source that differs from all others is where to look first.',
    howToFix:
      'Read rows of that source, and compare their labels with what the text says. If the source is honest but different, say so where the data is described; if not, leave its rows out or have them labelled again.',
    avoid: [
      {
        file: 'items.csv',
        text: `text,label,source\n${rows('shop', even)}${rows('forum', '1'.repeat(32))}`,
        note: 'All rows of one source bear one label.',
      },
    ],
    prefer: [{ file: 'items.csv', text: `text,label,source\n${rows('shop', even)}${rows('forum', even)}` }],
    references: [
      {
        title: 'Poisoning attacks against support vector machines (label flips)',
        url: 'https://arxiv.org/abs/1206.6389',
      },
      {
        title: 'Holm 1979, A simple sequentially rejective multiple test procedure',
        url: 'https://www.jstor.org/stable/4615733',
      },
    ],
    cwe: [345],
    atlas: ['AML.T0020', 'AML.T0059'],
    owasp: ['ML02:2023', 'LLM04:2025'],
    nistAiRmf: ['MAP 2.3', 'MEASURE 2.7', 'MEASURE 2.11'],
    euAiAct: ['Article 10(2)', 'Article 15(5)'],
    since: '0.1.0',
  },
  check({ labelShifts }, report) {
    for (const shift of labelShifts) {
      const { of, statistic, degrees, pValue, effect, line } = shift;
      report({
        message: `${whose(shift)}: ${differences(shift)}. Read some of these rows, and find out who labelled them.`,
        location: { line, ...(of.kind === 'source' && { field: of.field }) },
        evidence: {
          rows: shift.rows,
          statistic,
          degrees,
          pValue,
          effect,
          shares: shift.shares.map((each) => ({ ...each })),
        },
      });
    }
  },
});

function whose({ of, rows }: LabelShift): string {
  return of.kind === 'new'
    ? `The labels of the ${rows} new rows are not spread as those of the accepted ones`
    : `The labels of the ${rows} rows of ${quoted(of.source)} (${of.field}) are not spread as those of the others`;
}

function differences({ shares }: LabelShift): string {
  const percent = (share: number): string => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
  return shares
    .slice(0, 2)
    .map(({ label, share, otherwise }) => `${quoted(label)} is ${percent(share)} here and ${percent(otherwise)} there`)
    .join(', ');
}
