import type { FoundImpact } from '../engine/findImpact.ts';
import { jsonText, tool } from './json.ts';
import { count, printable } from './printable.ts';

/** The documented form. */
export function impactJson({ query, matches, reached, papers, unread }: FoundImpact): string {
  return jsonText({ schemaVersion: 1, tool, query, matches, reached, papers, unread });
}

export function impactText(impact: FoundImpact): string {
  const { query, matches, reached, papers } = impact;
  const name = printable(query);
  const lines: string[] = [];
  if (matches.length === 0)
    lines.push(`No paper names ${name}: ${count(papers, 'paper')} of models and data were read.`);
  else
    lines.push(
      `${name} is named in ${count(new Set(matches.map(({ file }) => file)).size, 'paper')} and reaches ${count(reached.length, 'model or dataset', 'models and datasets')}:`,
    );
  for (const each of reached) {
    lines.push(`  ${printable(each.path)} (${each.kind === 'dataset' ? 'data' : 'model'} ${printable(each.name)})`);
    for (const { file, what, says } of each.via) lines.push(`    ${printable(says)}: ${what} ${printable(file)}`);
    lines.push(...promotionsText(each.promotions).map((line) => `    ${line}`));
  }
  lines.push(...unreadText(impact));
  return `${lines.join('\n')}\n`;
}

export function promotionsText(promotions: FoundImpact['reached'][number]['promotions']): string[] {
  if (promotions.length === 0) return ['no gate on record let it pass'];
  return promotions.map(
    ({ gate, decidedAt, digest }) =>
      `passed ${printable(gate)} at ${printable(decidedAt)}${digest === null ? '' : ` as ${printable(digest)}`}`,
  );
}

/** What could not be read may reach further: it is never left out. */
export function unreadText({ unread }: FoundImpact): string[] {
  if (unread.length === 0) return [];
  return [
    `The answer may be incomplete: ${count(unread.length, 'paper')} could not be read.`,
    ...unread.map(({ file, reason }) => `  ${printable(file)}: ${printable(reason)}`),
  ];
}
