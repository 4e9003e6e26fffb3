import { posix } from 'node:path';
import { outerRange } from '../formats/text/embeddedTexts.ts';
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

function isWithin({ line }: FindingLocation, { outer }: EmbeddedText): boolean {
  return line !== null && line >= outer.line && line <= outer.endLine && outer.endLine > outer.line;
}

function outerFinding(finding: Finding, path: string, inner: EmbeddedText): Finding {
  const { edits, location, ...rest } = finding;
  // Answers would have to be indented, too.
  delete rest.asked;
  const changes =
    inner.line === null
      ? undefined
      : edits?.map((edit) => ({ ...edit, changes: edit.changes.map((each) => outerEdit(each, inner)) }));
  return {
    ...rest,
    path,
    location: outerLocation(location, inner),
    ...(changes && { edits: changes }),
  };
}

function outerLocation(location: FindingLocation, inner: EmbeddedText): FindingLocation {
  const { line, column, endLine, endColumn } = location;
  if (line === null) return { ...location, line: inner.outer.line, column: inner.outer.column };
  const start = column ?? 1;
  const range = outerRange({ line, column: start, endLine: endLine ?? line, endColumn: endColumn ?? start }, inner);
  return { ...location, ...range };
}

/** What is put in keeps the indentation of the block that it stands in. */
function outerEdit(change: TextEdit, inner: EmbeddedText): TextEdit {
  const blank = ' '.repeat(inner.indent);
  const { line, column, endLine, endColumn } = change;
  // Whole lines that are put before a line, which may be the one behind the block.
  if (column === 1 && endColumn === 1 && line === endLine && change.newText.endsWith('\n')) {
    const at = outerRange(change, inner).line;
    return { line: at, column: 1, endLine: at, endColumn: 1, newText: change.newText.replace(/^(?=.)/gm, blank) };
  }
  return { ...change, ...outerRange(change, inner), newText: change.newText.replace(/\n(?!\n|$)/g, `\n${blank}`) };
}
