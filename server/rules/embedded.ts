import { posix } from 'node:path';
import type { EmbeddedText } from '../formats/text/parse.ts';
import type { Finding, FindingLocation, TextEdit } from './finding.ts';
import type { TextSubject } from './text.ts';

/**
 * What is said of the texts inside a text, at the places where they stand in it. What the outer text already told of the scalar as a whole
 * by the same rule is left to the inner one, which knows the line.
 * @param findings of the outer text.
 */
export function withEmbedded(
  { path, workspace }: TextSubject,
  embedded: readonly EmbeddedText[],
  findings: readonly Finding[],
  judge: (text: TextSubject) => Finding[],
): Finding[] {
  let all = [...findings];
  for (const inner of embedded) {
    // A reference in it is one from where the outer file stands.
    const name = inner.name.replace(/[^\w.-]/g, '_');
    const found = judge({ ...inner.facts, text: inner.text, path: posix.join(posix.dirname(path), name), workspace });
    const rules = new Set(found.map(({ ruleId }) => ruleId));
    all = all.filter(({ ruleId, location }) => !rules.has(ruleId) || !isWithin(location, inner));
    all.push(...found.map((finding) => outerFinding(finding, path, inner)));
  }
  return all;
}

/** Whether a place is the whole that holds a text, or stands in it. */
function isWithin({ line, column }: FindingLocation, { outer }: EmbeddedText): boolean {
  if (line === null || line < outer.line || line > outer.endLine) return false;
  if (outer.endLine > outer.line) return true;
  return typeof column === 'number' && column >= outer.column && column < outer.endColumn;
}

function outerFinding(finding: Finding, path: string, inner: EmbeddedText): Finding {
  const { edits, location, ...rest } = finding;
  // Answers would have to be indented, too.
  delete rest.asked;
  const changes = edits?.flatMap((edit) => {
    const outer = edit.changes.map((each) => outerEdit(each, inner));
    return outer.every((each) => each !== null) ? [{ ...edit, changes: outer }] : [];
  });
  return {
    ...rest,
    path,
    location: outerLocation(location, inner),
    ...(changes && changes.length > 0 && { edits: changes }),
  };
}

function outerLocation(location: FindingLocation, inner: EmbeddedText): FindingLocation {
  const { line, column, endLine, endColumn } = location;
  if (line === null) return { ...location, line: inner.outer.line, column: inner.outer.column };
  const start = column ?? 1;
  const own = { line, column: start, endLine: endLine ?? line, endColumn: endColumn ?? start };
  const range = inner.places?.range(own) ?? inner.outer;
  return { ...location, ...range };
}

/** What is put in keeps the indentation of the lines that it stands in, or the quotes; null where that cannot be. */
function outerEdit(change: TextEdit, { places }: EmbeddedText): TextEdit | null {
  if (places === null) return null;
  const { writing } = places;
  if (writing.kind === 'inline') {
    const newText = writing.write(change.newText);
    return newText === null ? null : { ...change, ...places.range(change), newText };
  }
  const blank = ' '.repeat(writing.indent);
  const { line, column, endLine, endColumn } = change;
  // Whole lines that are put before a line, which may be the one behind the block.
  if (column === 1 && endColumn === 1 && line === endLine && change.newText.endsWith('\n')) {
    const at = places.range(change).line;
    return { line: at, column: 1, endLine: at, endColumn: 1, newText: change.newText.replace(/^(?=.)/gm, blank) };
  }
  return { ...change, ...places.range(change), newText: change.newText.replace(/\n(?!\n|$)/g, `\n${blank}`) };
}
