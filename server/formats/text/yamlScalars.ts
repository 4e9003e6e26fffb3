import { CST } from 'yaml';
import type { ConfigValue } from './facts.ts';

/** The text is not what is read here: the library reads it. */
export class Unusual extends Error {}

/** Where the quote that begins at an offset is closed; -1 where it is not before a limit. */
export function closingQuote(text: string, start: number, limit: number): number {
  const quote = text[start] as string;
  for (let end = text.indexOf(quote, start + 1); end >= 0 && end < limit; end = text.indexOf(quote, end + 1)) {
    if (quote === '"') {
      if (!isOddRun(text, end)) return end;
    } else if (text[end + 1] !== "'") return end;
    else end++;
  }
  return -1;
}

/** Whether an odd number of backslashes stands before an offset. */
function isOddRun(text: string, at: number): boolean {
  let from = at;
  while (text[from - 1] === '\\') from--;
  return (at - from) % 2 === 1;
}

/** What the library makes of a scalar whose value is more than what is written. */
export function resolved(type: 'scalar' | 'single-quoted-scalar' | 'double-quoted-scalar', source: string): string {
  const found = CST.resolveAsScalar({ type, offset: 0, indent: 0, source }, true, () => {
    throw new Unusual();
  });
  return found.value;
}

export function resolvedBlock(header: string, source: string): string {
  const head = { type: 'block-scalar-header', offset: 0, indent: 0, source: header } as const;
  const found = CST.resolveAsScalar({ type: 'block-scalar', offset: 0, indent: 0, props: [head], source }, true, () => {
    throw new Unusual();
  });
  return found.value;
}

/** What a plain scalar means by the core schema (YAML 1.2.2, 10.3.2). */
export function plainValue(source: string): ConfigValue {
  const code = source.charCodeAt(0);
  // Nothing else can begin a number, a null or a truth: digits, `+`, `-`, `.`, `~` and the letters of true, false and null.
  if (!((code >= 0x2b && code <= 0x39) || code === 0x7e || /[tTfFnN]/.test(source[0] ?? ''))) return source;
  if (source.length > 5 && !/^[-+.\d]/.test(source)) return source;
  if (/^(?:~|[Nn]ull|NULL)$/.test(source)) return null;
  if (/^(?:[Tt]rue|TRUE)$/.test(source)) return true;
  if (/^(?:[Ff]alse|FALSE)$/.test(source)) return false;
  if (/^0o[0-7]+$/.test(source)) return parseInt(source.slice(2), 8);
  if (/^[-+]?\d+$/.test(source)) return parseInt(source, 10);
  if (/^0x[\dA-Fa-f]+$/.test(source)) return parseInt(source.slice(2), 16);
  if (/^(?:[-+]?\.(?:inf|Inf|INF)|\.nan|\.NaN|\.NAN)$/.test(source))
    return /nan$/i.test(source) ? Number.NaN : source.startsWith('-') ? -Infinity : Infinity;
  if (/^[-+]?(?:\.\d+|\d+(?:\.\d*)?)[eE][-+]?\d+$/.test(source)) return parseFloat(source);
  return /^[-+]?(?:\.\d+|\d+\.\d*)$/.test(source) ? parseFloat(source) : source;
}
