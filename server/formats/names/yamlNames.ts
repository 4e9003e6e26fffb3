import type { NamedCode } from './facts.ts';

/*
 * A scanner of YAML tokens (YAML 1.2.2, chapters 6 to 8), for members of archives: it finds what stands behind a key,
 * and Python's tags, in block and flow style, quoted or not, through anchors. It builds no tree and expands nothing.
 */

type Token =
  | { type: 'scalar'; text: string; at: number }
  | { type: 'anchor' | 'alias' | 'tag'; text: string; at: number }
  | { type: 'colon' | 'other'; at: number };

const namesKept = 1_000;

/** The values of a key (`_target_`), wherever it stands; offsets are in UTF-16 code units. */
export function valuesOf(key: string, text: string): NamedCode[] {
  if (!text.includes(key) && !/[*"]/.test(text)) return [];
  const tokens = [...tokensOf(text)];
  const anchors = new Map<string, string>();
  const found: NamedCode[] = [];
  /** The scalar at or behind a token, properties stepped over. */
  const scalar = (index: number): { text: string; index: number } | null => {
    let anchor: string | null = null;
    for (let at = index; at < tokens.length; at++) {
      const token = tokens[at] as Token;
      if (token.type === 'anchor') anchor = token.text;
      else if (token.type === 'scalar') {
        if (anchor !== null) anchors.set(anchor, token.text);
        return { text: token.text, index: at };
      } else if (token.type === 'alias') {
        const value = anchors.get(token.text);
        return value === undefined ? null : { text: value, index: at };
      } else if (token.type !== 'tag') return null;
    }
    return null;
  };
  for (let at = 0; at < tokens.length && found.length < namesKept; at++) {
    const token = tokens[at] as Token;
    if (token.type === 'anchor') scalar(at);
    if (token.type !== 'colon') continue;
    const name = at > 0 ? scalar(at - 1) : null;
    if (name?.text !== key) continue;
    const value = scalar(at + 1);
    // A scalar with a colon behind it is the next key: the value is empty.
    if (!value || tokens[value.index + 1]?.type === 'colon') continue;
    found.push({ name: value.text, path: key, offset: (tokens[value.index] as Token).at });
  }
  return found;
}

/** What HyperPyYAML imports, and calls but for `name` and `module`. Source: hyperpyyaml/core.py. */
const hyperTag = /^!(new|apply|name|module):([\w.]+)/;

/** Tags that make PyYAML's unsafe loaders, or HyperPyYAML, import or call something: `!!python/object/apply:os.system`. */
export function pythonTags(text: string): NamedCode[] {
  if (!text.includes('!')) return [];
  const found: NamedCode[] = [];
  const handles = tagHandles(text);
  for (const token of tokensOf(text)) {
    if (token.type !== 'tag' || found.length >= namesKept) continue;
    const whole = wholeTag(token.text, handles);
    const hyper = hyperTag.exec(whole);
    if (hyper) found.push({ name: hyper[2] ?? '', path: `!${hyper[1]}`, offset: token.at });
    const match = /^tag:yaml\.org,2002:python\/([\w/]+):([\w.]+)/.exec(whole);
    if (match) found.push({ name: match[2] ?? '', path: `!!python/${match[1]}`, offset: token.at });
  }
  return found;
}

/** What stands for a tag's handle: `!!`, and what `%TAG` directives say (YAML 1.2.2, 6.8.2). */
function tagHandles(text: string): Map<string, string> {
  const handles = new Map([['!!', 'tag:yaml.org,2002:']]);
  for (const [, handle, prefix] of text.matchAll(/^%TAG[ \t]+(!\S*)[ \t]+(\S+)/gm))
    handles.set(handle ?? '', prefix ?? '');
  return handles;
}

/** A tag as it is written out, escapes (`%2F`) read as PyYAML reads them. */
function wholeTag(written: string, handles: ReadonlyMap<string, string>): string {
  const plain = written.replace(/%([\da-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  if (plain.startsWith('!<')) return plain.slice(2).replace(/>$/, '');
  const handle = /^!(?:[\w-]*!)?/.exec(plain)?.[0] ?? '';
  return (handles.get(handle) ?? handle) + plain.slice(handle.length);
}

function* tokensOf(text: string): Generator<Token> {
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  let flow = 0;
  /** Column of the last key or dash of this line: a block scalar behind it is indented further. */
  let column = -1;
  let lineStart = at;
  const blank = (index: number): boolean => index >= text.length || /\s/.test(text[index] as string);
  while (at < text.length) {
    const first = text[at] as string;
    if (first === '\n' || first === '\r') {
      at++;
      lineStart = at;
      column = -1;
    } else if (first === ' ' || first === '\t') at++;
    else if (first === '#' && (at === lineStart || blank(at - 1))) at = lineEnd(text, at);
    else if (first === '%' && at === lineStart) at = lineEnd(text, at);
    else if ('{['.includes(first)) {
      flow++;
      yield { type: 'other', at: at++ };
    } else if ('}],'.includes(first) && flow > 0) {
      if (first !== ',') flow--;
      yield { type: 'other', at: at++ };
    } else if (first === '"' || first === "'") {
      const end = quoteEnd(text, at, first);
      column = at - lineStart;
      yield {
        type: 'scalar',
        text: first === '"' ? unescape(text.slice(at + 1, end)) : text.slice(at + 1, end).replaceAll("''", "'"),
        at,
      };
      at = end + 1;
      // In JSON style a colon needs no blank behind it.
      const next = /[ \t]*:/y;
      next.lastIndex = at;
      if (next.test(text)) {
        yield { type: 'colon', at };
        at = next.lastIndex;
      }
    } else if (first === ':' && (blank(at + 1) || (flow > 0 && /[,[\]{}]/.test(text[at + 1] ?? '')))) {
      yield { type: 'colon', at: at++ };
    } else if ((first === '-' || first === '?') && blank(at + 1)) {
      column = at - lineStart;
      yield { type: 'other', at: at++ };
    } else if (first === '&' || first === '*' || first === '!') {
      const end = wordEnd(text, at, flow > 0 && first !== '!' ? /[\s,[\]{}]/g : /\s/g);
      // A colon belongs to the name of an alias unless a blank follows the blank before it; loaders differ, so both.
      const word = text.slice(at + (first === '!' ? 0 : 1), end);
      yield { type: first === '&' ? 'anchor' : first === '*' ? 'alias' : 'tag', text: word, at };
      at = end;
    } else if ((first === '|' || first === '>') && flow === 0) {
      const start = at;
      at = blockEnd(text, at, column);
      yield { type: 'scalar', text: text.slice(lineEnd(text, start), at).trim(), at: start };
      lineStart = at;
      column = -1;
    } else {
      const end = plainEnd(text, at, flow > 0);
      if (column < at - lineStart) column = at - lineStart;
      yield { type: 'scalar', text: text.slice(at, end).trimEnd(), at };
      at = Math.max(end, at + 1);
    }
  }
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}

function wordEnd(text: string, from: number, stop: RegExp): number {
  stop.lastIndex = from + 1;
  const found = stop.exec(text);
  return found ? found.index : text.length;
}

function quoteEnd(text: string, from: number, quote: string): number {
  for (let at = from + 1; at < text.length; at++) {
    if (quote === '"' && text[at] === '\\') at++;
    else if (text[at] === quote) {
      if (quote === "'" && text[at + 1] === "'") at++;
      else return at;
    }
  }
  return text.length;
}

/** A plain scalar ends at `: `, at ` #`, at the end of the line, and in flow style at its indicators. */
function plainEnd(text: string, from: number, inFlow: boolean): number {
  for (let at = from; at < text.length; at++) {
    const character = text[at] as string;
    if (character === '\n' || character === '\r') return at;
    if (
      character === ':' &&
      /[\s]|$/.test(text[at + 1] ?? '') &&
      (at + 1 >= text.length || /\s/.test(text[at + 1] as string))
    )
      return at;
    if (character === '#' && /\s/.test(text[at - 1] ?? '')) return at;
    if (inFlow && (/[,[\]{}]/.test(character) || (character === ':' && /[,[\]{}]/.test(text[at + 1] ?? '')))) return at;
  }
  return text.length;
}

/** The end of a block scalar: the first line that is indented less than its first, or no further than its parent. */
function blockEnd(text: string, from: number, parent: number): number {
  let at = Math.min(text.length, lineEnd(text, from) + 1);
  let indent = -1;
  while (at < text.length) {
    const end = lineEnd(text, at);
    const line = text.slice(at, end);
    const own = line.length - line.trimStart().length;
    if (line.trim() !== '') {
      if (indent < 0) indent = own;
      if (own < indent || own <= parent) break;
    }
    at = Math.min(text.length, end + 1);
  }
  return at;
}

const simple: Record<string, string> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '0': '\0',
  '/': '/',
  '"': '"',
  '\\': '\\',
  ' ': ' ',
};

/** YAML 1.2.2, 5.7 "Escaped characters". */
function unescape(written: string): string {
  if (!written.includes('\\')) return written;
  return written.replace(
    /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|\r?\n[ \t]*|([\s\S]))/g,
    (whole, x: string | undefined, u: string | undefined, wide: string | undefined, one: string | undefined) => {
      const hex = x ?? u ?? wide;
      if (hex !== undefined) {
        const point = parseInt(hex, 16);
        return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
      }
      return one === undefined ? '' : (simple[one] ?? one);
    },
  );
}
