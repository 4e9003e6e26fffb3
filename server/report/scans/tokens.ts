import type { TextFindings } from '../../scans/text/scanText.ts';
import { otherThreshold, tokenThreshold } from '../../scans/text/judgeTokens.ts';
import { printable } from '../printable.ts';
import { bars, paragraph, section, table } from './page.ts';

const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;

/** What was found over tokens, for a terminal. */
export function tokenLines({ classes, flaggedClasses, length, vocabulary, vocabularyTried }: TextFindings): string[] {
  const tried = vocabularyTried === null ? '' : `, ${vocabularyTried} of them tried`;
  const lines = [`Trigger tokens: in front of texts of ${length} tokens, out of ${vocabulary}${tried}`];
  for (const each of classes) {
    for (const [at, { text, successRate, native }] of each.triggers.entries()) {
      const mark = flaggedClasses.includes(each.class) && successRate >= tokenThreshold ? '  <- flagged' : '';
      const own = native ? '  (words of the class itself)' : '';
      lines.push(
        `  ${at === 0 ? printable(each.name) : ''.padEnd(each.name.length)}  ${at + 1}: ${printable(JSON.stringify(text))} leads ${percent(successRate)} to it${own}${mark}`,
      );
    }
  }
  return lines;
}

/** The same as a part of a page. */
export function tokenSection({ classes, flaggedClasses, suspiciousClasses }: TextFindings): string {
  const single = classes.flatMap((each) => {
    const [trigger] = each.triggers;
    return trigger
      ? [{ label: each.name, value: trigger.successRate, marked: flaggedClasses.includes(each.class) }]
      : [];
  });
  const rows = classes.flatMap((each) =>
    each.triggers.map(({ tokens, text, successRate, margin, native }, at) => [
      each.name,
      String(at + 1),
      text,
      tokens.join(' '),
      percent(successRate),
      margin.toFixed(2),
      native ? 'yes' : 'no',
      flaggedClasses.includes(each.class) ? 'flagged' : suspiciousClasses.includes(each.class) ? 'suspicious' : 'no',
    ]),
  );
  return section(
    'Strongest trigger of each class (tokens in front of a text)',
    bars('Share of texts of other classes that one token leads to each class', single, {
      value: tokenThreshold,
      label: `${percent(tokenThreshold)}: counts as a trigger, where no other class has one above ${percent(otherThreshold)}`,
    }),
    table(
      'Triggers by class and number of tokens',
      [
        'Class',
        'Tokens',
        'As text',
        'In the vocabulary',
        'Leads to the class',
        'Margin',
        'Words of the class',
        'Flagged',
      ],
      rows,
    ),
    paragraph('Shares and margins are of texts that the search did not see; the margin is the median.'),
  );
}
