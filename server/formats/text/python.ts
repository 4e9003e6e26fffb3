import { Parser, type Node, type Tree } from 'web-tree-sitter';
import type { PythonCall, PythonDefault, TextRange } from './facts.ts';
import { LineIndex, type Places } from './lineIndex.ts';
import { noPython, textLimits, type PythonText, type TextProblem } from './parse.ts';
import { mayConcern } from './pythonConcern.ts';
import { pythonGrammar, type PythonGrammar } from './pythonGrammar.ts';
import { noNames, PythonNames } from './pythonNames.ts';
import { PythonOutline, type Readable } from './pythonOutline.ts';
import type { StatementFacts } from './pythonStatement.ts';
import { StatementWalk, type Walked } from './pythonWalk.ts';

/**
 * Calls and strings of a Python file, but for functions in which there is nothing for any rule. Import aliases are resolved over the whole file, wherever the import
 * stands.
 * @param lines where offsets of the text stand in the file, which is the text itself but for notebooks.
 */
export function parsePython(text: string, lines?: Places): Promise<PythonText> {
  return parse(text, lines, readOutline);
}

/** The same with every function: what an edited text comes to, and what the other is held to. */
export function parseWholePython(text: string): Promise<PythonText> {
  return parse(text, undefined, (outline, read) => read(outline.whole()));
}

type Read = (readable: Readable) => Statements | null;

async function parse(
  text: string,
  lines: Places | undefined,
  perform: (outline: PythonOutline, read: Read) => Statements | null,
): Promise<PythonText> {
  if (!mayConcern(text)) return noPython([]);
  const grammar = await pythonGrammar();
  const deadline = performance.now() + textLimits.timeMs;
  const parser = new Parser();
  try {
    parser.setLanguage(grammar.language);
    const outline = new PythonOutline(text, lines ?? new LineIndex(text));
    const found = perform(outline, (readable) => readAll(readable, { parser, grammar, deadline }));
    return found ? pythonOf(found.parts, found.problems) : tooSlow();
  } finally {
    parser.delete();
  }
}

/** What is wrong with a text that breaks the grammar. */
export const notPython: TextProblem = { code: 'malformed', line: null, message: 'the text is not Python' };

/** Null where it takes too long. */
function readOutline(outline: PythonOutline, read: Read): Statements | null {
  const first = read(outline.rest());
  if (!first || !outline.isPart) return first;
  let { parts } = first;
  let isWhole = first.problems.length === 0;
  for (let more = outline.takeBack(parts); isWhole && more; more = outline.takeBack(parts)) {
    const next = read(more);
    if (!next) return null;
    parts = [...parts, ...next.parts];
    isWhole = next.problems.length === 0;
  }
  // Where anything is broken, or there is too much of it, what is a function is not plain.
  if (!isWhole) return read(outline.whole());
  return { parts: [inOrder(parts)], problems: [] };
}

/** What was read in several readings, in the order of the text. */
function inOrder(parts: readonly StatementFacts[]): StatementFacts {
  const [first, ...more] = parts;
  if (first && more.length === 0) return first;
  const calls = parts
    .flatMap(({ calls: own, callees }) =>
      own.map((call, index) => ({ call, callee: callees[index] ?? '', range: call.range })),
    )
    .sort(byPlace);
  const names = noNames(null);
  for (const { names: own } of parts) {
    names.bound.push(...own.bound);
    names.imports.push(...own.imports);
    names.values.push(...own.values);
    names.aliases.push(...own.aliases);
    names.locals.push(...own.locals);
    names.interpolated.push(...own.interpolated);
    names.uses.push(...own.uses);
    names.named.push(...own.named);
  }
  return {
    calls: calls.map(({ call }) => call),
    callees: calls.map(({ callee }) => callee),
    strings: parts.flatMap(({ strings }) => strings).sort(byPlace),
    defaults: parts.flatMap(({ defaults }) => defaults).sort((a, b) => byPlace(a.value, b.value)),
    names,
  };
}

function byPlace({ range: a }: { range: TextRange }, { range: b }: { range: TextRange }): number {
  return a.line - b.line || a.column - b.column;
}

interface Statements {
  parts: StatementFacts[];
  problems: TextProblem[];
}

/** Reads a text, or a part of it. Null where it takes too long. */
function readAll(
  { text, places }: Readable,
  { parser, grammar, deadline }: { parser: Parser; grammar: PythonGrammar; deadline: number },
): Statements | null {
  const tree = syntaxTree(parser, text, null, deadline);
  if (!tree) return null;
  try {
    return readStatements(tree.rootNode, { grammar, text, lines: places, known: null, units: null, deadline });
  } finally {
    tree.delete();
  }
}

/** Null where it takes too long. @param before the tree of an earlier version, told of what was edited. */
export function syntaxTree(parser: Parser, text: string, before: Tree | null, deadline: number): Tree | null {
  return parser.parse(text, before, {
    // Returning true stops the parser; the library's types leave the result out.
    progressCallback: () => performance.now() > deadline,
  });
}

export function tooSlow(): PythonText {
  const message = `the text takes longer than ${textLimits.timeMs} ms to parse`;
  return noPython([{ code: 'limit-time', line: null, message }]);
}

/** Reads the statements of a tree, before names are resolved over the whole file. */
export function readStatements(root: Node, walked: Omit<Walked, 'cursor'>): Statements {
  const problems: TextProblem[] = root.hasError ? [notPython] : [];
  const cursor = root.walk();
  try {
    const walk = new StatementWalk({ ...walked, cursor });
    const parts = walk.perform();
    return { parts, problems: [...problems, ...walk.problems] };
  } finally {
    cursor.delete();
    walked.known?.end();
  }
}

/** What all statements of a text come to, with its names resolved. */
export function pythonOf(parts: readonly StatementFacts[], problems: TextProblem[]): PythonText {
  const names = new PythonNames(parts.map((part) => part.names));
  names.settle();
  for (const { calls, callees } of parts) {
    for (const [index, call] of calls.entries()) {
      const written = callees[index] ?? call.callee;
      call.callee = written.startsWith('.') ? written : names.resolve(written);
    }
  }
  const calls = parts.flatMap((part) => part.calls).flatMap((call) => [call, ...preparedCall(call)]);
  return {
    language: 'python',
    calls,
    strings: parts.flatMap((part) => part.strings),
    defaults: [...parts.flatMap((part) => part.defaults), ...optionDefaults(calls)],
    shell: [],
    problems,
  };
}

/** `functools.partial(torch.load, weights_only=False)` is a call of `torch.load` with more to come. */
function preparedCall(call: PythonCall): PythonCall[] {
  const [prepared, ...positional] = call.positional;
  const callee = call.callee === 'functools.partial' ? prepared?.name : undefined;
  return callee === undefined || callee.startsWith('.') ? [] : [{ ...call, callee, positional, spread: true }];
}

/** `add_argument("--trust-remote-code", default=True)`, and `action="store_true"`, which is false unless it is given. */
function optionDefaults(calls: readonly PythonCall[]): PythonDefault[] {
  return calls.flatMap(({ callee, positional, keywords, range }) => {
    if (!callee.endsWith('.add_argument')) return [];
    const flag = positional
      .map(({ value }) => value)
      .find((value) => typeof value === 'string' && value.startsWith('--'));
    if (typeof flag !== 'string') return [];
    const stored = keywords['action']?.value;
    const value = keywords['default'] ?? {
      value: stored === 'store_true' ? false : stored === 'store_false' ? true : null,
      range,
    };
    return [{ name: flag.slice(2).replaceAll('-', '_'), value }];
  });
}
