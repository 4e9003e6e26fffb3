import { Excerpt } from './excerpt.ts';
import type { Places } from './lineIndex.ts';
import { nameMayConcern, partMayConcern, startsPrograms, takesDefault, valueMayConcern } from './pythonConcern.ts';
import { functionSpans, type FunctionSpan } from './pythonFunctions.ts';
import type { StatementFacts } from './pythonStatement.ts';

/** Shorter functions are not worth the question. */
const shortest = 64;

/** A text to be read, and where it stands in the file. */
export interface Readable {
  text: string;
  places: Places;
}

/**
 * A Python text without the functions that cannot concern any rule, so that the parser need not read them. A function is left out that has none of the words that
 * rules look for, imports nothing and defines nothing inside. What names mean is settled over the whole text, so what the rest says of names is asked for
 * afterwards, and functions that may have a say in it are read after all (docs/decisions/0170-outlines-of-python.md).
 */
export class PythonOutline {
  readonly #whole: string;
  readonly #lines: Places;
  #left: readonly FunctionSpan[];

  /** @param lines where offsets of the text stand. */
  constructor(whole: string, lines: Places) {
    this.#whole = whole;
    this.#lines = lines;
    this.#left = (functionSpans(whole) ?? []).filter((span) => mayLeaveOut(whole, span));
  }

  /** Whether anything is left out. */
  get isPart(): boolean {
    return this.#left.length > 0;
  }

  /** Everything. */
  whole(): Readable {
    this.#left = [];
    return { text: this.#whole, places: this.#lines };
  }

  /** What is not left out. In the place of each function stands an expression that says nothing, for a class may hold nothing else. */
  rest(): Readable {
    if (!this.isPart) return this.whole();
    const excerpt = new Excerpt(this.#lines);
    let from = 0;
    for (const { start, end } of this.#left) {
      excerpt.add(this.#whole.slice(from, start), from);
      excerpt.add('0', start);
      from = end;
    }
    excerpt.add(this.#whole.slice(from), from);
    return { text: excerpt.text, places: excerpt };
  }

  /**
   * The functions that may say something after all, to be read beside the rest.
   * @param parts what was read up to now.
   * @returns null where there are none: what was read is all that rules need.
   */
  takeBack(parts: readonly StatementFacts[]): Readable | null {
    if (!this.isPart) return null;
    const names = namesOf(parts);
    if (names.used.size + names.decided.size === 0) return null;
    const used = new NameSet(names.used);
    const decided = new NameSet(names.decided);
    const left: FunctionSpan[] = [];
    const excerpt = new Excerpt(this.#lines);
    for (const span of this.#left) {
      const { start, body, code, end } = span;
      const isSilent =
        !says(this.#whole.slice(start, body), used, decided, true) &&
        !says(this.#whole.slice(code, end), used, decided, false);
      if (isSilent) left.push(span);
      else {
        // Methods keep their indentation, which something has to ask for.
        const line = this.#whole.lastIndexOf('\n', start) + 1;
        if (line < start) excerpt.add('if 0:\n', line);
        excerpt.add(this.#whole.slice(line, end), line);
        excerpt.add('\n', end);
      }
    }
    if (left.length === this.#left.length) return null;
    this.#left = left;
    return { text: excerpt.text, places: excerpt };
  }
}

function mayLeaveOut(text: string, { start, body, code, end }: FunctionSpan): boolean {
  if (end - start < shortest || partMayConcern(text.slice(start, body))) return false;
  const written = text.slice(code, end);
  return !partMayConcern(written) && !/\bimport\b|^[ \t]*(?:async +)?(?:def|class)\b/m.test(written);
}

/**
 * Whether code uses one of some names, or may bind one of others.
 * @param isHeader whether what is called may be bound: `def f(`. Elsewhere, what is called, indexed, or asked for an attribute is not.
 */
function says(code: string, used: NameSet, bound: NameSet, isHeader: boolean): boolean {
  for (let at = 0; at < code.length;) {
    const start = at;
    while (at < code.length && isOfWord(code.charCodeAt(at))) at++;
    const length = at - start;
    if (length === 0) at++;
    else if (
      code.charCodeAt(start - 1) !== dot &&
      (used.mayHold(code, start, length) || bound.mayHold(code, start, length))
    ) {
      const name = code.slice(start, at);
      if (used.has(name) || (bound.has(name) && (isHeader || !isAsked(code, at)))) return true;
    }
  }
  return false;
}

const dot = 0x2e;

/** Letters of any alphabet, digits and underscores. */
function isOfWord(code: number): boolean {
  return (
    (code >= 0x61 && code <= 0x7a) ||
    (code >= 0x41 && code <= 0x5a) ||
    (code >= 0x30 && code <= 0x39) ||
    code === 0x5f ||
    code > 0x7f
  );
}

/** Whether what ends here is called, indexed, or asked for an attribute. */
function isAsked(code: string, end: number): boolean {
  let at = end;
  while (at < code.length && code.charCodeAt(at) <= 0x20) at++;
  return '.(['.includes(code.charAt(at)) && at < code.length;
}

/** Names of which most words of a text are told by their first letter and their length. */
class NameSet {
  readonly #names: ReadonlySet<string>;
  /** By the first letter's code, as far as there are bits: the lengths that names have. */
  readonly #lengths = new Uint32Array(128);

  constructor(names: ReadonlySet<string>) {
    this.#names = names;
    for (const name of names) {
      const first = name.charCodeAt(0) & 127;
      this.#lengths[first] = (this.#lengths[first] ?? 0) | (1 << (name.length & 31));
    }
  }

  mayHold(text: string, start: number, length: number): boolean {
    return ((this.#lengths[text.charCodeAt(start) & 127] ?? 0) & (1 << (length & 31))) !== 0;
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }
}

/** Names that concern rules wherever they are used, and names that mean what they mean only where nothing else binds them. */
function namesOf(parts: readonly StatementFacts[]): { used: Set<string>; decided: Set<string> } {
  const used = new Set<string>();
  const known = new Set<string>();
  const aliases = new Map<string, string>();
  for (const { names, calls } of parts) {
    for (const [name, meant] of names.imports) if (nameMayConcern(meant)) used.add(name);
    for (const [name, value] of names.values) {
      known.add(name);
      if (typeof value === 'string' && valueMayConcern(value)) used.add(name);
    }
    for (const { name } of names.locals) known.add(name);
    for (const name of names.interpolated) known.add(name);
    for (const [name, meant] of names.aliases) {
      known.add(name);
      aliases.set(name, meant);
      if (nameMayConcern(meant)) used.add(name);
    }
    // A parameter of another function may give it a default.
    for (const { keywords } of calls)
      for (const keyword in keywords) {
        const given = keywords[keyword]?.name;
        if (given !== undefined && takesDefault(keyword)) used.add(given.replace(/^.*\./s, ''));
      }
  }
  // Names of names of names.
  for (let size = -1; size !== used.size;) {
    size = used.size;
    for (const [name, meant] of aliases) if (used.has(firstPart(meant))) used.add(name);
  }
  return { used, decided: decidedNames(parts, known, aliases) };
}

/** Of names that are known, those that are used. */
function decidedNames(
  parts: readonly StatementFacts[],
  known: ReadonlySet<string>,
  aliases: ReadonlyMap<string, string>,
): Set<string> {
  const decided = new Set<string>();
  const decide = (written: string): void => {
    for (
      let name = firstPart(written);
      known.has(name) && !decided.has(name);
      name = firstPart(aliases.get(name) ?? '')
    )
      decided.add(name);
  };
  const imports = new Map(parts.flatMap(({ names }) => names.imports));
  for (const { names, callees, calls } of parts) {
    for (const { name } of names.uses) decide(name);
    for (const { written } of names.named) decide(written);
    for (const [index, callee] of callees.entries()) {
      decide(callee);
      const first = firstPart(callee);
      if (!startsPrograms((imports.get(first) ?? first) + callee.slice(first.length))) continue;
      // Whether a command is put together is asked of all assignments to its name.
      for (const { name } of calls[index]?.positional ?? []) if (name !== undefined) decided.add(firstPart(name));
    }
  }
  return decided;
}

function firstPart(dotted: string): string {
  const dot = dotted.indexOf('.');
  return dot < 0 ? dotted : dotted.slice(0, dot);
}
