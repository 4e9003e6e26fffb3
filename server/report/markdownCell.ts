import { printable } from './printable.ts';

/** Text from files for a cell of a Markdown table: neither the table nor HTML ends with it. */
export function markdownCell(text: string): string {
  return printable(text).replaceAll('|', '\\|').replaceAll('<', '&lt;');
}
