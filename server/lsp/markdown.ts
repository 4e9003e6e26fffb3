import { printable } from '../report/printable.ts';

/**
 * Text as text: no character of it starts a link, a picture, an emphasis or HTML. No more than that is escaped, because
 * some editors show the escapes.
 */
export function escapeMarkdown(text: string): string {
  return printable(text)
    .replace(/[\\`*[\]|~@]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('://', '\\://')
    .replaceAll('www.', 'www\\.');
}
