import { extname } from 'node:path';
import type { ByteSource } from '../../formats/source.ts';
import { separatedRows } from './csvRows.ts';
import { cutShort, expandedData } from './expanded.ts';
import { jsonDocument } from './jsonDocument.ts';
import { jsonLines } from './jsonRows.ts';
import { linesOf } from './lines.ts';
import { isParquet, parquetRows } from './parquetRows.ts';
import type { RowSource } from './row.ts';
import { textLines } from './textRows.ts';

/** The reader for a data file, compressed or not: by what its first lines are, and by its name where they could be more than one thing. */
export function openRows(source: ByteSource, name: string): RowSource | null {
  if (isParquet(source)) return parquetRows(source);
  const expanded = expandedData(source, name);
  if (!expanded) return openText(source, name);
  const rows = isParquet(expanded.content) ? parquetRows(expanded.content) : openText(expanded.content, expanded.name);
  return rows && expanded.stop !== null ? cutShort(rows, expanded.stop) : rows;
}

function openText(source: ByteSource, name: string): RowSource | null {
  if (looksBinary(source.read(0, Math.min(64 * 1024, source.size)))) return null;
  const extension = extname(name).toLowerCase();
  const [first = '', second = ''] = firstLines(source);
  if (extension === '.jsonl' || extension === '.ndjson') return jsonLines(source);
  if (extension === '.tsv' || extension === '.tab') return separatedRows(source, '\t');
  if (extension === '.csv') return separatedRows(source, delimiterOf(first));
  const object = /^\s*\{/.test(first);
  // Many a file of JSON Lines is called `.json`.
  if (object && isJson(first) && (extension !== '.json' || isJson(second))) return jsonLines(source);
  if (extension === '.json' || (object && /^\s*\{\s*$/.test(first)) || /^\s*\[\s*(?:$|[{["])/.test(first)) {
    return jsonDocument(source);
  }
  return textLines(source);
}

/** A zero byte does not stand in text, but for UTF-16, which begins with its mark. */
function looksBinary(head: Uint8Array): boolean {
  const marked = (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff);
  return !marked && head.includes(0);
}

/** The first two lines that are not empty. */
function firstLines(source: ByteSource): string[] {
  const lines: string[] = [];
  for (const { text } of linesOf(source)) {
    if (text !== null && text.trim() !== '') lines.push(text);
    if (lines.length === 2 || text === null) break;
  }
  return lines;
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
