import { unescaped } from './escapes.ts';
import type { ConfigLeaf } from './facts.ts';
import type { LineIndex } from './lineIndex.ts';
import { WrittenText } from './offsetRuns.ts';

/** How what is put into a text that stands in another one is written there. */
export type Writing =
  /** Lines of their own, each moved to the right by as many columns. */
  | { kind: 'lines'; indent: number }
  /** On a line with other things; null for what cannot be written so. */
  | { kind: 'inline'; write: (text: string) => string | null };

/** The text of a scalar, and where it stands. */
export interface ScalarText {
  text: string;
  offsets: WrittenText['offsets'];
  writing: Writing;
}

/**
 * The text of a scalar of YAML or JSON with the place of each of its characters: the lines of `|`, what stands between quotes, or a plain one. Null where places
 * are not known: a folded block, a scalar over several lines, escapes that only YAML has.
 * @param content the text that it stands in.
 */
export function textOfScalar(leaf: ConfigLeaf, content: string, lines: LineIndex): ScalarText | null {
  const { value, style, innerRange, source } = leaf;
  if (typeof value !== 'string') return null;
  if (style === 'block') return textOfBlock(leaf, content, lines);
  const start = lines.offset(innerRange.line, innerRange.column);
  const quote = style === 'quoted' ? content[start - 1] : undefined;
  const written = new WrittenText();
  if (quote === '"') {
    for (const { characters, at, width } of unescaped(content, start, start + source.length))
      written.add(characters, at, width);
  } else if (quote === "'") {
    for (const { 0: part, index } of source.matchAll(/''|[^']+/g))
      written.add(part === "''" ? "'" : part, start + index, part === "''" ? 2 : 1);
  } else written.add(source, start);
  return written.text === value ? { ...written, text: value, writing: { kind: 'inline', write: writer(quote) } } : null;
}

function writer(quote: string | undefined): (text: string) => string | null {
  if (quote === '"') return (text) => JSON.stringify(text).slice(1, -1);
  if (quote === "'") return (text) => (text.includes('\n') ? null : text.replaceAll("'", "''"));
  return (text) => (/[\n:#,[\]{}]/.test(text) ? null : text);
}

/** The lines of YAML's `|` as they stand, their common indentation taken off. */
function textOfBlock({ source, range }: ConfigLeaf, content: string, lines: LineIndex): ScalarText | null {
  if (!source.startsWith('|')) return null;
  const end = lines.offset(range.endLine, range.endColumn);
  const first = lines.offset(range.line + 1, 1);
  const own = content.slice(first, Math.max(first, end)).split(/\r\n|\r|\n/);
  const starts = own.flatMap((line) => (line.trim() === '' ? [] : [line.search(/\S/)]));
  const indicated = /^\|[+-]?(\d)/.exec(source)?.[1];
  const least = starts[0] ?? 0;
  const indent = indicated === undefined ? least : starts.reduce((one, each) => Math.min(one, each), least);
  const written = new WrittenText();
  for (const [index, line] of own.entries()) {
    if (line.trim() !== '' && line.search(/\S/) < indent) break;
    // A line end takes part in the run before it; the next line begins its own.
    const at = lines.offset(range.line + 1 + index, 1) + Math.min(indent, line.length);
    written.add(`${line.slice(indent)}${index === own.length - 1 ? '' : '\n'}`, at);
  }
  if (written.text.endsWith('\n')) written.text = written.text.slice(0, -1);
  return { text: written.text, offsets: written.offsets, writing: { kind: 'lines', indent } };
}
