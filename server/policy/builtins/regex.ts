import { RE2JS } from 're2js';
import { integerOf, textOf } from './operands.ts';
import { BuiltinError, type RegoValue } from './value.ts';

// RE2 has neither backtracking nor its blow-ups, and OPA's patterns mean the same in it. JavaScript's own have other
// syntax and other semantics.

function compile(pattern: RegoValue): RE2JS {
  try {
    return RE2JS.compile(textOf(pattern));
  } catch {
    throw new BuiltinError('the pattern is not valid');
  }
}

interface Match {
  start: number;
  end: number;
  groups: (string | null)[];
  names: Record<string, number>;
}

/** All matches as Go's `FindAll` counts them: an empty match that follows a match is left out. */
function matches(pattern: RegoValue, text: string, limit: number): Match[] {
  const expression = compile(pattern);
  const matcher = expression.matcher(text);
  const names = expression.namedGroups();
  const found: Match[] = [];
  let last = -1;
  while ((limit < 0 || found.length < limit) && matcher.find()) {
    const [start, end] = [matcher.start(), matcher.end()];
    if (start === end && start === last) continue;
    last = end;
    const groups = Array.from({ length: matcher.groupCount() + 1 }, (_, index) => matcher.group(index) ?? null);
    found.push({ start, end, groups, names });
  }
  return found;
}

export function findN(pattern: RegoValue, text: RegoValue, limit: RegoValue): string[] {
  return matches(pattern, textOf(text), integerOf(limit)).map(({ groups }) => groups[0] ?? '');
}

/** Go's `Regexp.Split(s, -1)`. */
export function split(pattern: RegoValue, value: RegoValue): string[] {
  const text = textOf(value);
  if (textOf(pattern).length > 0 && text.length === 0) {
    compile(pattern);
    return [''];
  }
  const parts: string[] = [];
  let [begin, end] = [0, 0];
  for (const match of matches(pattern, text, -1)) {
    end = match.start;
    if (match.end !== 0) parts.push(text.slice(begin, end));
    begin = match.end;
  }
  if (end !== text.length) parts.push(text.slice(begin));
  return parts;
}

/** Go's `ReplaceAllString`: `$1`, `${1}`, `$name` and `$$` in the replacement. */
export function replace(value: RegoValue, pattern: RegoValue, replacement: RegoValue): string {
  const [text, template] = [textOf(value), textOf(replacement)];
  let result = '';
  let last = 0;
  for (const match of matches(pattern, text, -1)) {
    result += text.slice(last, match.start) + expand(template, match);
    last = match.end;
  }
  return result + text.slice(last);
}

function expand(template: string, { groups, names }: Match): string {
  return template.replace(/\$(?:\$|([\p{L}\p{Nd}_]+)|\{([\p{L}\p{Nd}_]+)\})/gu, (_, bare?: string, braced?: string) => {
    const name = bare ?? braced;
    if (name === undefined) return '$';
    const index = /^\d+$/.test(name) ? Number(name) : names[name];
    return index === undefined ? '' : (groups[index] ?? '');
  });
}
