import { masked } from '../personal/mask.ts';
import { personalKinds } from '../personal/kinds.ts';
import type { DatasetScan } from './facts.ts';

/**
 * The scan without what its texts hold of persons: a phrase, a label or the name of a field may itself be an address or a number, and findings, reports and
 * views repeat them.
 */
export function maskedScan(scan: DatasetScan): DatasetScan {
  // What was a number of some kind in its field or beside its word must be known for one by itself, too.
  const context = [
    ...scan.personal.map(({ field, kind }) => `${field} ${personalKinds[kind].name}`),
    ...scan.columns.text,
  ].join(' ');
  const known = new Map<string, string>();
  const hide = (text: string): string => {
    let shown = known.get(text);
    if (shown === undefined) {
      shown = masked(text, context);
      known.set(text, shown);
    }
    return shown;
  };
  const keys = new Set(['field', 'phrase', 'token', 'label', 'source', 'excerpt']);
  const walk = (value: unknown, key: string): unknown => {
    if (typeof value === 'string') return keys.has(key) ? hide(value) : value;
    if (Array.isArray(value)) return value.map((each) => walk(each, key));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [key === 'labels' ? hide(name) : name, walk(each, name)]),
    );
  };
  const { columns } = scan;
  const shown = walk({ ...scan, columns: null }, '') as DatasetScan;
  for (const row of shown.embedding?.rows ?? []) row.excerpt = shortened(row.excerpt);
  return {
    ...shown,
    columns: {
      text: columns.text.map(hide),
      label: columns.label === null ? null : hide(columns.label),
      source: columns.source === null ? null : hide(columns.source),
    },
  };
}

/** Characters of a text that a table shows. */
const longestExcerpt = 160;

function shortened(text: string): string {
  return text.length > longestExcerpt ? `${text.slice(0, longestExcerpt)}…` : text;
}
