import { severityWeight } from '../engine/verdicts.ts';
import { rules } from '../rules/index.ts';
import { rulePageUrl } from '../rules/page.ts';
import { addedInWords, notesOf, type ComparedReports } from './compareReports.ts';
import { literal } from './markdown.ts';
import { printable } from './printable.ts';
import type { ReportedFinding } from './reportedFindings.ts';
import { placeOf } from './text.ts';

/** GitHub takes 65,536 characters in a comment. This leaves some room for what is said last. */
const mostCharacters = 65_000;

/** Characters of one text from a report. */
const mostOfOneText = 500;

/** By it a later run knows its comment among others, of which there is one a category. */
export const commentMarker = (category: string): string => `<!-- weighbridge new findings: ${category} -->`;

/**
 * What is new, as the comment of a pull request. Texts of reports are data: they stand in code spans, where no code host
 * makes links, pictures, mentions, references or HTML of them, and only rules that this version knows get a link.
 * @param category letters, digits, `.`, `_` and `-`.
 */
export function comparisonMarkdown(compared: ComparedReports, category: string): string {
  const words = addedInWords(compared);
  const notes = notesOf(compared);
  const head = [
    commentMarker(category),
    `### Weighbridge: ${words}`,
    '',
    ...(notes.length > 0 ? [`${notes.join('; ')}.`, ''] : []),
    '',
  ].join('\n');
  const items: string[] = [];
  let length = head.length;
  // The sort is stable: within a severity, in the order of the report.
  for (const finding of [...compared.added].sort((a, b) => severityWeight[b.severity] - severityWeight[a.severity])) {
    const item = itemOf(finding);
    if (length + item.length > mostCharacters) {
      const left = compared.added.length - items.length;
      items.push(`\nAnd ${left} more: the report of the scan has all.\n`);
      break;
    }
    items.push(item);
    length += item.length;
  }
  return `${head}${items.join('')}`;
}

const known = new Map(rules.map(({ meta }) => [meta.id as string, meta.title]));

function itemOf({ ruleId, severity, message, path, location }: ReportedFinding): string {
  const place = placeOf(location);
  const at = place === '' ? '' : ` at ${inert(place)}`;
  const title = known.get(ruleId);
  const rule = title === undefined ? inert(ruleId) : `[${literal(title)}](${rulePageUrl(ruleId)})`;
  return `- **${severity}** ${inert(path)}${at}: ${rule}\n  ${inert(message)}\n`;
}

/** A code span that ends where the text ends. */
function inert(text: string): string {
  // No longer than that before it is escaped: it may be as long as a report.
  const whole = printable(text.slice(0, mostOfOneText + 1));
  const shown = whole.length > mostOfOneText ? `${whole.slice(0, mostOfOneText).replace(/\p{Cs}$/u, '')}…` : whole;
  const longest = Math.max(0, ...(shown.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  // A blank on each side is taken off again, but not of blanks alone.
  return `${fence} ${shown.trim() === '' ? '·' : shown} ${fence}`;
}
