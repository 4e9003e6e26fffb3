import { extname } from 'node:path';
import type { ByteSource } from '../../formats/source.ts';
import { separatedRows } from './csvRows.ts';
import { jsonLines, textLines } from './jsonRows.ts';
import { linesOf } from './lines.ts';
import type { RowSource } from './row.ts';

/** The reader for a data file: by what its first lines are, and by its name where they could be more than one thing. */
export function openRows(source: ByteSource, name: string): RowSource | null {
  const head = source.read(0, Math.min(64 * 1024, source.size));
  if (looksBinary(head)) return null;
  const extension = extname(name).toLowerCase();
  const first = firstLine(source);
  if (/^\s*\{/.test(first) && (isJson(first) || extension === '.jsonl' || extension === '.ndjson')) {
    return jsonLines(source);
  }
  if (extension === '.jsonl' || extension === '.ndjson') return jsonLines(source);
  if (extension === '.tsv' || extension === '.tab') return separatedRows(source, '\t');
  if (extension === '.csv') return separatedRows(source, delimiterOf(first));
  return textLines(source);
}

/** A zero byte does not stand in text, but for UTF-16, which begins with its mark. */
function looksBinary(head: Uint8Array): boolean {
  const marked = (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff);
  return !marked && head.includes(0);
}

function firstLine(source: ByteSource): string {
  for (const { text } of linesOf(source)) {
    if (text !== null && text.trim() !== '') return text;
  }
  return '';
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Spreadsheets of half of Europe write semicolons into `.csv`. */
function delimiterOf(header: string): ',' | ';' | '\t' {
  const counts = ([',', ';', '\t'] as const).map((mark) => ({ mark, count: header.split(mark).length }));
  return counts.reduce((best, each) => (each.count > best.count ? each : best)).mark;
}
