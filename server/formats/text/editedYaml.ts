import { changeBetween } from './change.ts';
import { editedScalarsOf } from './configScalars.ts';
import type { ConfigMapping, ConfigNode, ConfigSequence, TextRange } from './facts.ts';
import { LineIndex } from './lineIndex.ts';
import { textLimits, type ConfigText } from './parse.ts';
import { RecordedPlaces } from './recordedPlaces.ts';
import { holdsTemplate, readYaml, type YamlReading } from './yaml.ts';

/** A document of the stream, as it was last read. */
interface KnownDocument {
  text: string;
  /** 1-based, of the first line of its text. */
  line: number;
  places: RecordedPlaces;
  reading: YamlReading;
}

/** A block mapping or sequence that holds what was changed, and the item of it that does. */
interface Enclosing {
  node: ConfigMapping | ConfigSequence;
  item: number;
  /** Lines of the document's text, from 0: the item's first, and the one behind its last. */
  from: number;
  to: number;
}

/** How many items around a change are tried, from the inside out, before the document is read as a whole. */
const mostTries = 3;

/**
 * The mistakes of a key that is still being typed: they end with its line, or with the key behind it. Of any other (a quote that is not
 * closed) nobody can tell how far it reaches without reading on.
 */
const endsSoon = /^Implicit (?:map keys need to be followed by map values|keys need to be on a single line)/;

/**
 * A YAML text that is being edited. Documents that did not change are not read again. In one that did, only the smallest item of a block
 * collection that holds the change is, where that item can be read by itself.
 */
export class EditedYaml {
  #documents: KnownDocument[] = [];

  /** What `parseYaml` gives for this version. It holds until the next call: places in it move with the text. */
  parse(text: string): ConfigText<'yaml'> {
    const before = this.#documents;
    const parts = documentTexts(text);
    const known = new Map<string, KnownDocument[]>();
    for (const document of before.toReversed()) {
      const same = known.get(document.text);
      if (same) same.push(document);
      else known.set(document.text, [document]);
    }
    this.#documents = parts.map((part, index) => {
      const same = known.get(part.text)?.pop();
      if (same) return moved(same, part.line);
      const counterpart = parts.length === before.length ? before[index] : undefined;
      return (counterpart && patched(counterpart, part.text, part.line)) ?? fresh(part.text, part.line);
    });
    // A quote that is not closed takes the next documents in, too.
    if (this.#documents.slice(0, -1).some((each) => reachesFurther(each.reading, each.text)))
      this.#documents = [fresh(text, 1)];
    const documents = this.#documents.flatMap(({ reading }) => reading.documents);
    const nodes = this.#documents.reduce((sum, { reading }) => sum + reading.nodes, 0);
    const problems = this.#documents.flatMap(({ reading }) => problemsOf(reading));
    const message = `there are more than ${textLimits.facts} values`;
    if (nodes > textLimits.facts) problems.push({ code: 'limit-facts', line: null, message });
    return {
      language: 'yaml',
      documents,
      scalars: editedScalarsOf(documents),
      problems: problems.filter(({ code }, index) => problems.findIndex((each) => each.code === code) === index),
    };
  }
}

/** The documents of a stream. A line of three dashes begins one wherever it stands, in a quoted text or a block as well (YAML 1.2.2, 9.1.2). */
function documentTexts(text: string): { text: string; line: number }[] {
  // Directives, and documents that are ended without another one beginning, are rare: such a stream is read as one.
  if (/^(?:%|\.\.\.(?:\s|$))/m.test(text)) return [{ text, line: 1 }];
  const starts = [...text.matchAll(/^---(?=\s|$)/gm)].map(({ index }) => index).filter((index) => index > 0);
  const lines = new LineIndex(text);
  return [0, ...starts].map((start, index) => ({
    text: text.slice(start, starts[index]),
    line: lines.position(start).line,
  }));
}

function fresh(text: string, line: number): KnownDocument {
  const places = new RecordedPlaces(new LineIndex(text, line));
  return { text, line, places, reading: readYaml(text, places) };
}

function moved(document: KnownDocument, line: number): KnownDocument {
  document.places.move(line - document.line);
  document.line = line;
  return document;
}

function problemsOf({ problems, mistakes }: YamlReading): YamlReading['problems'] {
  const lines = mistakes.flatMap(({ position }) => (position ? [position.line] : []));
  return problems.map((problem) =>
    problem.code === 'malformed' && lines.length > 0 ? { ...problem, line: lines[0] ?? null } : problem,
  );
}

/** The document with its change read in, or null where it has to be read as a whole. */
function patched(before: KnownDocument, text: string, line: number): KnownDocument | null {
  const { reading } = before;
  const [root] = reading.documents;
  if (!root || reading.documents.length !== 1 || reading.masked || holdsTemplate(before.text) || holdsTemplate(text))
    return null;
  if (/\r(?!\n)/.test(before.text) || /\r(?!\n)/.test(text)) return null;
  if (reachesFurther(reading, before.text)) return null;
  if (reading.problems.some(({ code }) => code !== 'malformed')) return null;
  const oldLines = lineStarts(before.text);
  const newLines = lineStarts(text);
  const change = changeBetween(before.text, text);
  const changedFrom = lineOf(oldLines, change.start);
  const changedTo = lineOf(oldLines, change.oldEnd);
  const path = enclosing(root, { text: before.text, starts: oldLines, first: before.line }, changedFrom, changedTo);
  if (reading.anchored && reading.aliased && isNamed(path, { text: before.text, starts: oldLines, first: before.line }))
    return null;
  const by = newLines.length - oldLines.length;
  // What is left of an item may be none any more: a word without its colon is read with what stands around it.
  for (let depth = path.length; depth > 0 && depth > path.length - mostTries; depth--) {
    const { from = 0, to = 0 } = path[depth - 1] ?? {};
    const change = {
      by,
      old: before.text.slice(oldLines[from], oldLines[to] ?? before.text.length),
      part: text.slice(newLines[from], newLines[to + by] ?? text.length),
    };
    // An item that is most of the document saves nothing, and may be read for nothing.
    if (depth < path.length && change.part.length > text.length / 2) break;
    const found = withItem(before, path.slice(0, depth), change, { text, line });
    if (found) return found;
  }
  return null;
}

/** Whether a collection of a path may have an anchor, so that an alias elsewhere means it. */
function isNamed(path: readonly Enclosing[], { text, starts, first }: DocumentLines): boolean {
  return path.some(({ node: { range } }, index) => {
    const from = starts[path[index - 1]?.from ?? 0];
    const to = (starts[range.line - first] ?? 0) + range.column - 1;
    return /&[^\s,[\]{}]/.test(text.slice(from, to));
  });
}

/** The lines of an item, as they were and as they are. */
interface ChangedItem {
  old: string;
  part: string;
  /** How many lines more there are. */
  by: number;
}

/** The document with the innermost item of a path read anew, or null where that cannot be read by itself. */
function withItem(
  before: KnownDocument,
  path: readonly Enclosing[],
  { old, part, by }: ChangedItem,
  { text, line }: { text: string; line: number },
): KnownDocument | null {
  const { reading } = before;
  const innermost = path.at(-1);
  if (!innermost) return null;
  const { from, to } = innermost;
  // Keys that are written out, keys that are empty, and comments in the place of a value: where those end is told by what comes behind.
  if (/^\s*[?:](?:\s|$)|[:-][ \t]+#/m.test(part)) return null;
  // The anchor of a key stands where the key would.
  if (/^\s*[&!]/.test(part)) return null;
  // An alias elsewhere may mean what is taken out here.
  if (reading.anchored && /&[^\s,[\]{}]/.test(old)) return null;

  const places = new RecordedPlaces(new LineIndex(part, line + from));
  const now = readYaml(part, places, path.length);
  const [made] = now.documents;
  if (!made || now.documents.length !== 1 || !fits(made, now, innermost) || reachesFurther(now, part)) return null;
  const nodes = reading.nodes - nodesIn(itemOf(innermost)) + now.nodes - 1;
  if (nodes > textLimits.facts) return null;

  before.places.move(line - before.line);
  const around = path.map(({ node: { range } }) => ({
    ...range,
    endLine: range.endLine + (range.endLine >= line + to ? by : 0),
  }));
  before.places.replace(line + from, line + to, by);
  before.places.adoptAll(places);
  const mistakes = [
    ...reading.mistakes.filter(({ position }) => position !== null && position.line < line + from),
    ...now.mistakes,
    ...reading.mistakes.filter(({ position }) => position !== null && position.line >= line + to + by),
  ];
  return {
    text,
    line,
    places: before.places,
    reading: {
      ...reading,
      documents: [replaced(path, around, made, before.places)],
      mistakes,
      problems: mistakes.length > 0 ? [{ code: 'malformed', line: null, message: 'the text is not YAML' }] : [],
      nodes,
    },
  };
}

/** Whether what was read by itself can stand for the item: the same kind of collection, its items in the same column. */
function fits(made: ConfigNode, reading: YamlReading, { node }: Enclosing): made is ConfigMapping | ConfigSequence {
  if ((made.kind !== 'mapping' && made.kind !== 'sequence') || made.kind !== node.kind) return false;
  if (made.flow || made.tag !== undefined || made.range.column !== node.range.column) return false;
  if (reading.anchored || reading.aliased || reading.masked) return false;
  return reading.problems.every(({ code }) => code === 'malformed');
}

/** Whether what is broken in a text may take in what comes behind it. */
function reachesFurther({ mistakes }: YamlReading, text: string): boolean {
  if (mistakes.length === 0) return false;
  return isOdd(text, '"') || isOdd(text, "'") || !mistakes.every(({ message }) => endsSoon.test(message));
}

function isOdd(text: string, quote: string): boolean {
  let odd = false;
  for (let at = text.indexOf(quote); at >= 0; at = text.indexOf(quote, at + 1)) odd = !odd;
  return odd;
}

interface DocumentLines {
  text: string;
  starts: readonly number[];
  /** 1-based, of the document's first line. */
  first: number;
}

/** The block collections around a change, from the outside in, as far as their items begin lines of their own. */
function enclosing(root: ConfigNode, lines: DocumentLines, changedFrom: number, changedTo: number): Enclosing[] {
  const path: Enclosing[] = [];
  /** How much of the path ends in an item that can be read by itself. */
  let usable = 0;
  let end = lines.starts.length;
  for (let node: ConfigNode | undefined = root; node?.kind === 'mapping' || node?.kind === 'sequence';) {
    if (node.flow || node.tag !== undefined) break;
    const starts = itemStarts(node, lines);
    const item = starts.findLastIndex((start) => start <= changedFrom);
    const from = starts[item];
    const to: number = starts[item + 1] ?? end;
    if (from === undefined || changedTo >= to) break;
    path.push({ node, item, from, to });
    if (beginsItsLine(node, item, lines)) usable = path.length;
    end = to;
    node = itemOf({ node, item, from, to });
  }
  return path.slice(0, usable);
}

/** Lines of the document's text, from 0, on which the items begin. */
function itemStarts(node: ConfigMapping | ConfigSequence, { first }: DocumentLines): number[] {
  const ranges =
    node.kind === 'mapping' ? node.entries.map(({ keyRange }) => keyRange) : node.items.map(({ range }) => range);
  return ranges.map((range) => range.line - first);
}

/** Whether nothing stands before an item on its line; before an item of a list, its dash and nothing else. */
function beginsItsLine(
  node: ConfigMapping | ConfigSequence,
  item: number,
  { text, starts, first }: DocumentLines,
): boolean {
  const range = node.kind === 'mapping' ? node.entries[item]?.keyRange : node.items[item]?.range;
  const start = range && starts[range.line - first];
  if (range === undefined || start === undefined) return false;
  const blank = text.slice(start, start + node.range.column - 1);
  if (!/^ *$/.test(blank)) return false;
  if (node.kind === 'mapping') return range.column === node.range.column;
  return /^- +$/.test(text.slice(start + node.range.column - 1, start + range.column - 1));
}

/** The tree with new items in the place of one. What lies around them is made anew, so that nothing is remembered of what it was. */
function replaced(
  path: readonly Enclosing[],
  around: readonly TextRange[],
  made: ConfigMapping | ConfigSequence,
  places: RecordedPlaces,
): ConfigNode {
  let inner: ConfigNode = made;
  for (const [index, { node, item }] of [...path.entries()].reverse()) {
    const isInnermost = index === path.length - 1;
    const count = node.kind === 'mapping' ? node.entries.length : node.items.length;
    const range = around[index] ?? node.range;
    if (item === 0 && isInnermost) [range.line, range.column] = [made.range.line, made.range.column];
    if (item === count - 1) [range.endLine, range.endColumn] = [inner.range.endLine, inner.range.endColumn];
    places.adopt(range);
    if (node.kind === 'mapping') {
      const entry = node.entries[item];
      const entries: ConfigMapping['entries'] =
        isInnermost && inner.kind === 'mapping' ? inner.entries : entry ? [{ ...entry, value: inner }] : [];
      inner = { ...node, range, entries: node.entries.toSpliced(item, 1, ...entries) };
    } else {
      const items: ConfigNode[] = isInnermost && inner.kind === 'sequence' ? inner.items : [inner];
      inner = { ...node, range, items: node.items.toSpliced(item, 1, ...items) };
    }
  }
  return inner;
}

function itemOf({ node, item }: Enclosing): ConfigNode | undefined {
  return node.kind === 'mapping' ? node.entries[item]?.value : node.items[item];
}

/** Scalars, mappings and sequences. */
function nodesIn(node: ConfigNode | undefined): number {
  if (!node || node.kind === 'alias') return 0;
  const inner =
    node.kind === 'mapping' ? node.entries.map(({ value }) => value) : node.kind === 'sequence' ? node.items : [];
  return inner.reduce((sum, each) => sum + nodesIn(each), 1);
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** The line, from 0, that an offset stands on. */
function lineOf(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
