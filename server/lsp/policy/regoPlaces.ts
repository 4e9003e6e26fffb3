import type { Position, Range } from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';

/** "Character exceeds line length" means the end of the line (LSP 3.18, Position). */
const endOfLine = 2 ** 31 - 1;

/** A place of OPA's in a text: lines and columns count from 1, columns in bytes of UTF-8, the end exclusive. */
export interface BytePlace {
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
}

/** The same as the protocol has it: from 0, in UTF-16 code units. A place without an extent is the rest of the line. */
export function rangeOfBytes(lines: readonly string[], place: BytePlace): Range {
  const start = positionOf(lines, place.line, place.column);
  const end = positionOf(lines, place.endLine, place.endColumn);
  const isEmpty = end.line < start.line || (end.line === start.line && end.character <= start.character);
  return { start, end: isEmpty ? { line: start.line, character: endOfLine } : end };
}

function positionOf(lines: readonly string[], line: number, column: number): Position {
  const text = lines[line - 1] ?? '';
  const bytes = Buffer.from(text);
  return { line: line - 1, character: bytes.subarray(0, column - 1).toString().length };
}

export function rangeBetween(document: TextDocument, start: number, end: number): Range {
  return { start: document.positionAt(start), end: document.positionAt(end) };
}

/** All of a line, counted from 1. */
export const wholeLine = (line: number): Range => ({
  start: { line: line - 1, character: 0 },
  end: { line: line - 1, character: endOfLine },
});
