import type { Parser } from 'web-tree-sitter';
import { changeBetween, type Change } from './change.ts';
import { LineIndex } from './lineIndex.ts';
import { textLimits } from './parse.ts';
import { readStatements, syntaxTree } from './python.ts';
import type { PythonGrammar } from './pythonGrammar.ts';
import { unmatchedBrackets } from './pythonReach.ts';
import { moveUnit, PythonUnits, type PythonUnit } from './pythonUnits.ts';

/** Where more than so many UTF-16 code units would be parsed for a change, the tree of the whole text knows more of them. */
const longestPart = 16_000;

/** A version of a text, and the one before it. */
export interface Version {
  before: string;
  text: string;
  parser: Parser;
  grammar: PythonGrammar;
  /** As `performance.now()` counts. */
  deadline: number;
}

/** Units `[first, behind)`. */
interface Span {
  first: number;
  behind: number;
}

/**
 * The units of a new version, or null where it has to be read as a whole. Units that the change does not reach are those of the version before, moved. What breaks
 * the grammar is read by itself, too: it says less, or other things, than the parser makes of it when it goes on behind it.
 */
export function changedUnits(units: readonly PythonUnit[], version: Version): PythonUnit[] | null {
  const { before, text } = version;
  if (before === text) return [...units];
  const span = withBroken(units, touched(units, changeBetween(before, text)));
  const made = readSpan(units, span, version);
  if (!made?.units[0]) return null;
  let found = made;
  if (isBroken(found)) {
    for (const wider of whereItMayStand(units, made)) {
      const other = readSpan(units, wider, version);
      if (!other) return null;
      if (!isBroken(other)) found = other;
    }
  }
  const rest = units.slice(found.behind);
  const lower = found.endLine - (rest[0]?.line ?? 0);
  for (const unit of rest) moveUnit(unit, lower);
  const all = [...units.slice(0, found.first), ...found.units, ...rest];
  return all.reduce((sum, unit) => sum + factsIn(unit), 0) > textLimits.facts ? null : all;
}

/** Units that were read in the place of others. */
interface ReadSpan extends Span {
  part: string;
  units: PythonUnit[];
  /** 1-based, on which the unit behind them begins. */
  endLine: number;
}

/** Reads what now stands in the place of units, or null where that does not end where they do. What is broken is one unit. */
function readSpan(units: readonly PythonUnit[], span: Span, version: Version): ReadSpan | null {
  const { before, text, parser, grammar, deadline } = version;
  const from = lengthOf(units.slice(0, span.first));
  const part = text.slice(from, from + lengthOf(units.slice(span.first, span.behind)) + text.length - before.length);
  // Behind a backslash the line goes on.
  if (part.length > longestPart || /\\\r?\n?$/.test(part)) return null;
  const tree = syntaxTree(parser, part, null, deadline);
  if (!tree) return null;
  try {
    const root = tree.rootNode;
    const broken = root.hasError ? unmatchedBrackets(part) : null;
    if (root.hasError && broken === null) return null;
    const lines = new LineIndex(part, units[span.first]?.line);
    const separation = new PythonUnits(part, lines, broken);
    const walked = { grammar, text: part, lines, known: null, units: separation, deadline };
    const { problems } = readStatements(root, walked);
    if (problems.some(({ code }) => code !== 'malformed')) return null;
    const made = separation.finish();
    // Remarks belong to the statement above them.
    if (broken === null && span.first > 0 && made[0]?.isStatement !== true)
      return readSpan(units, { ...span, first: span.first - 1 }, version);
    return { ...span, part, units: made, endLine: lines.position(part.length).line };
  } finally {
    tree.delete();
  }
}

/** With which units around it something may be whole that is broken by itself. */
function whereItMayStand(units: readonly PythonUnit[], { first, behind, part }: ReadSpan): Span[] {
  const wider: Span[] = [];
  if (first > 0 && /^(?:[ \t\f]*(?:#[^\n]*)?\r?\n)*(?:elif|else|except|finally)\b/.test(part))
    wider.push({ first: first - 1, behind });
  if (behind < units.length && /^@/m.test(part)) wider.push({ first, behind: behind + 1 });
  const opened = unmatchedBrackets(part);
  const others = units.flatMap(({ broken }, index) =>
    broken !== null && broken !== '' && (index < first || index >= behind) ? [{ index, broken }] : [],
  );
  if (!opened || others.length === 0) return wider;
  const inOrder = [...others, { index: first, broken: opened }].sort((one, other) => one.index - other.index);
  if (unmatchedBrackets(inOrder.map(({ broken }) => broken).join('')) === '')
    wider.push({
      first: Math.min(first, ...others.map(({ index }) => index)),
      behind: Math.max(behind, ...others.map(({ index }) => index + 1)),
    });
  return wider;
}

function isBroken({ units }: ReadSpan): boolean {
  return units.some(({ broken }) => broken !== null);
}

/** The units that a change lies in or touches. */
function touched(units: readonly PythonUnit[], { start, oldEnd }: Change): Span {
  const length = (index: number): number => units[index]?.length ?? 0;
  let first = 0;
  let from = 0;
  while (first < units.length - 1 && from + length(first) < start) from += length(first++);
  let behind = first + 1;
  let to = from + length(first);
  while (behind < units.length && to <= oldEnd) to += length(behind++);
  return { first, behind };
}

/** With those beside it that are broken: they may be part of it now. */
function withBroken(units: readonly PythonUnit[], { first, behind }: Span): Span {
  const isBrokenAt = (index: number): boolean => (units[index]?.broken ?? null) !== null;
  let [from, to] = [first, behind];
  while (isBrokenAt(from - 1)) from--;
  while (isBrokenAt(to)) to++;
  return { first: from, behind: to };
}

function lengthOf(units: readonly PythonUnit[]): number {
  return units.reduce((sum, { length }) => sum + length, 0);
}

function factsIn({ parts }: PythonUnit): number {
  return parts.reduce((sum, { calls, strings }) => sum + calls.length + strings.length, 0);
}
