/*
 * The lexical level of Jinja, after jinja2/lexer.py (3.1) with its default delimiters: what is text, what is a tag, and
 * the tokens in a tag.
 */

export interface Token {
  type: 'name' | 'number' | 'string' | 'operator';
  /** A string's content after its escapes, otherwise what is written. */
  value: string;
  /** UTF-16 code units from the start of the template. */
  offset: number;
}

export type Segment =
  | { type: 'text'; text: string; offset: number }
  | { type: 'output' | 'statement'; tokens: Token[]; offset: number; end: number };

const operators = /\*\*|\/\/|==|!=|<=|>=|[-+/*%~[\](){}<>=.:|,;]/y;
const spaces = /\s+/y;
const names = /[\p{L}_][\p{L}\p{N}_]*/uy;
const numbers =
  /0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0[xX](?:_?[\da-fA-F])+|\d(?:_?\d)*(?:\.\d(?:_?\d)*)?(?:[eE][+-]?\d(?:_?\d)*)?/y;
const rawStart = /\{%[-+]?\s*raw\s*-?%\}/y;
const rawEnd = /\{%[-+]?\s*endraw\s*[-+]?%\}/g;

/** Splits a template into its text and its tags; comments are left out. It accepts any text. */
export function splitTemplate(template: string): Segment[] {
  const segments: Segment[] = [];
  let at = 0;
  const text = (to: number): void => {
    if (to > at) segments.push({ type: 'text', text: template.slice(at, to), offset: at });
  };
  for (;;) {
    const open = nextOpening(template, at);
    if (open < 0) break;
    text(open);
    const kind = template[open + 1];
    if (kind === '#') {
      const close = template.indexOf('#}', open + 2);
      at = close < 0 ? template.length : close + 2;
      continue;
    }
    rawStart.lastIndex = open;
    if (kind === '%' && rawStart.test(template)) {
      at = rawStart.lastIndex;
      rawEnd.lastIndex = at;
      const close = rawEnd.exec(template);
      text(close ? close.index : template.length);
      at = close ? rawEnd.lastIndex : template.length;
      continue;
    }
    const { tokens, end } = tagTokens(template, open + 2, kind === '{' ? '}}' : '%}');
    segments.push({ type: kind === '{' ? 'output' : 'statement', tokens, offset: open, end });
    at = end;
  }
  text(template.length);
  return segments;
}

function nextOpening(template: string, from: number): number {
  for (let at = template.indexOf('{', from); at >= 0; at = template.indexOf('{', at + 1)) {
    const next = template[at + 1];
    if (next === '{' || next === '%' || next === '#') return at;
  }
  return -1;
}

/** Tokens up to the end of the tag. Braces inside it balance: `{{ {'a': {}} }}`. */
function tagTokens(template: string, from: number, close: string): { tokens: Token[]; end: number } {
  const tokens: Token[] = [];
  const brackets: string[] = [];
  let at = template[from] === '-' || template[from] === '+' ? from + 1 : from;
  const take = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    return pattern.exec(template)?.[0] ?? null;
  };
  while (at < template.length) {
    at += take(spaces)?.length ?? 0;
    if (brackets.length === 0) {
      if (template.startsWith(close, at)) return { tokens, end: at + 2 };
      if (/[-+]/.test(template[at] ?? '') && template.startsWith(close, at + 1)) return { tokens, end: at + 3 };
    }
    const quote = template[at];
    if (quote === '"' || quote === "'") {
      const end = stringEnd(template, at, quote);
      tokens.push({ type: 'string', value: unescape(template.slice(at + 1, end)), offset: at });
      at = end + 1;
      continue;
    }
    const name = take(names);
    const number = name === null ? take(numbers) : null;
    const operator = name === null && number === null ? take(operators) : null;
    const value = name ?? number ?? operator;
    if (value === null) {
      at++; // No token of Jinja: the parser stumbles over what is missing.
      continue;
    }
    if (operator !== null) balance(brackets, operator);
    tokens.push({ type: name !== null ? 'name' : number !== null ? 'number' : 'operator', value, offset: at });
    at += value.length;
  }
  return { tokens, end: template.length };
}

function balance(brackets: string[], operator: string): void {
  if (operator === '(' || operator === '[' || operator === '{') brackets.push(operator);
  else if (operator === ')' || operator === ']' || operator === '}') brackets.pop();
}

/** Offset of the closing quote, or the end of the template. */
function stringEnd(template: string, start: number, quote: string): number {
  let at = start + 1;
  while (at < template.length && template[at] !== quote) at += template[at] === '\\' ? 2 : 1;
  return Math.min(at, template.length);
}

const simpleEscapes: Record<string, string> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  '\n': '',
};

/** Python's string escapes: Jinja decodes literals with `unicode-escape`. */
function unescape(written: string): string {
  if (!written.includes('\\')) return written;
  return written.replace(
    /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{1,3})|([\s\S]))/g,
    (
      whole,
      x: string | undefined,
      u: string | undefined,
      wide: string | undefined,
      octal: string | undefined,
      one: string,
    ) => {
      const hex = x ?? u ?? wide;
      const point = hex !== undefined ? parseInt(hex, 16) : octal !== undefined ? parseInt(octal, 8) : null;
      if (point !== null) return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
      return simpleEscapes[one] ?? (/[\\'"]/.test(one) ? one : whole);
    },
  );
}
