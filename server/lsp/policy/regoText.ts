import type { Step } from '../../policy/evidence/schemaPath.ts';

/** One name of a reference; offsets are UTF-16 code units from the start of the text. */
export interface Segment {
  /** Null for brackets that hold something else than a text. */
  step: Step;
  start: number;
  end: number;
}

/** `input.model.format`: a first name, and what follows it. */
export interface Reference {
  segments: Segment[];
  start: number;
  end: number;
}

const nameStart = /[A-Za-z_]/;
const name = /[A-Za-z_]\w*/y;
const textInQuotes = /"(?:[^"\\\n]|\\.)*"?/y;
const rawText = /`[^`]*`?/y;

/**
 * The references of a Rego text, in their order; strings and comments hold none. It reads tokens and no grammar, so that a
 * text that somebody is just typing has references, too.
 */
export function referencesIn(text: string): Reference[] {
  const found: Reference[] = [];
  let at = 0;
  const take = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const taken = pattern.exec(text)?.[0] ?? '';
    at += taken.length;
    return taken;
  };
  while (at < text.length) {
    const sign = text.charAt(at);
    if (sign === '#') at = lineEnd(text, at);
    else if (sign === '"') take(textInQuotes);
    else if (sign === '`') take(rawText);
    else if (/\d/.test(sign)) take(/\d\w*/y);
    else if (nameStart.test(sign)) found.push(reference());
    else at++;
  }
  return found;

  function reference(): Reference {
    const start = at;
    const first = take(name);
    const segments: Segment[] = [{ step: first, start, end: at }];
    for (;;) {
      const sign = text.charAt(at);
      if (sign === '.' && nameStart.test(text.charAt(at + 1))) {
        at++;
        const begun = at;
        segments.push({ step: take(name), start: begun, end: at });
      } else if (sign === '[' && !/\s/.test(text.charAt(at - 1))) {
        const inside = /\[\s*(?:"((?:[^"\\\n]|\\.)*)"|([^[\]\n"]*))\s*\]/y;
        inside.lastIndex = at;
        const match = inside.exec(text);
        if (!match) break;
        segments.push({ step: match[1] ?? null, start: at + 1, end: at + match[0].length - 1 });
        at += match[0].length;
      } else break;
    }
    return { segments, start, end: at };
  }
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}

/** What variables of a text stand for, where they stand for a part of the input. */
export class InputNames {
  /** By variable: where it was given a meaning, ascending; null is a meaning that is no part of the input. */
  readonly #given = new Map<string, { at: number; steps: Step[] | null }[]>();

  /** Reads `some entry in input.model.formats` and `entry := input.model.formats[_]`. */
  constructor(text: string) {
    const binding = /\bsome\s+(?:\w+\s*,\s*)?([A-Za-z_]\w*)\s+in\s+|(?<![\w.])([A-Za-z_]\w*)\s*:=\s*/g;
    for (const match of text.matchAll(binding)) {
      const variable = match[1] ?? match[2] ?? '';
      const at = match.index + match[0].length;
      const steps = this.#partAt(text, at);
      const list = this.#given.get(variable) ?? [];
      list.push({ at, steps: steps && match[1] !== undefined ? [...steps, null] : steps });
      this.#given.set(variable, list);
    }
  }

  /** The steps from the input to what a reference leads to; null where it is no part of the input. */
  stepsOf({ segments, start }: Reference): Step[] | null {
    const [head, ...rest] = segments.map(({ step }) => step);
    if (head === 'input') return rest;
    const given = typeof head === 'string' ? this.#given.get(head) : undefined;
    const nearest = given?.findLast(({ at }) => at <= start)?.steps;
    return nearest ? [...nearest, ...rest] : null;
  }

  /** What a variable is given at a place. A call, or arithmetic, is not a part of the input. */
  #partAt(text: string, at: number): Step[] | null {
    const line = text.slice(at, Math.min(lineEnd(text, at), at + longestReference));
    const reference = nameStart.test(line.charAt(0)) ? referencesIn(line)[0] : undefined;
    if (!reference || !/^\s*(?:$|[;}#|]|with\b)/.test(line.slice(reference.end))) return null;
    return this.stepsOf({ ...reference, start: at });
  }
}

/** Nobody writes a longer one; in characters. */
const longestReference = 500;

/** The reference that is being typed before a place: its whole segments, and the beginning of the next. */
export function typedBefore(text: string, offset: number): { reference: Reference; begun: string } | null {
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
  const match = /([A-Za-z_]\w*(?:\.[A-Za-z_]\w*|\[[^\]\n]*\])*)\.(\w*)$/.exec(line);
  if (!match || isInsideText(line.slice(0, match.index))) return null;
  const start = offset - match[0].length;
  const reference = referencesIn(match[1] ?? '')[0];
  if (!reference) return null;
  const moved = reference.segments.map((segment) => ({
    ...segment,
    start: segment.start + start,
    end: segment.end + start,
  }));
  return { reference: { segments: moved, start, end: start + reference.end }, begun: match[2] ?? '' };
}

/** Whether the end of a line's beginning stands in a string or a comment. */
function isInsideText(before: string): boolean {
  const rest = before.replaceAll(/"(?:[^"\\]|\\.)*"|`[^`]*`/g, '');
  return /["`#]/.test(rest);
}
