import type { TextRange } from '../../formats/text/facts.ts';
import { callsTo } from '../../formats/text/pythonCalls.ts';
import type { PythonSubject } from '../text.ts';

/** A function that answers requests, and the names in it that hold what a request says. */
export interface RouteBody {
  /** Of the body, 1-based. */
  line: number;
  endLine: number;
  /** Whether an expression of the body holds anything of a request. */
  holdsRequest: (expression: string) => boolean;
}

/** Decorators of FastAPI, Starlette, Flask, Quart, Sanic, Litestar and aiohttp. */
const routes =
  /(?:^|\.)(?:get|post|put|delete|patch|head|options|route|api_route|websocket|websocket_route|get_json|post_json)$/;

/** Functions of one text, and lines of one, that are looked at. */
const mostRoutes = 200;
const longestBody = 400;
const longestLine = 400;

/** Types whose values are no code, and what a framework hands in of itself. */
const harmless =
  /:\s*(?:int|float|bool|UUID|uuid\.UUID|datetime|date|BackgroundTasks|Response)\b|(?:Depends|Security)\(/;

/** The functions of a text that routes lead to. What a function hands on to another one is not followed. */
export function routeBodies({ calls, text, path }: PythonSubject, lines: readonly string[]): RouteBody[] {
  // The lines of a notebook are JSON.
  if (path.endsWith('.ipynb')) return [];
  const decorators = callsTo(calls, routes).filter(({ positional: [first], keywords }) =>
    String(first?.value ?? keywords['path']?.value ?? keywords['rule']?.value ?? '').startsWith('/'),
  );
  if (decorators.length === 0) return [];
  const asksGlobally =
    /^\s*from\s+(?:flask|quart)\s+import\b(?:\s*\([^)]{0,1000}?|[^\n]{0,300}?)\brequest\b/m.test(text) ||
    /\b(?:flask|quart)\.request\b/.test(text);
  const seen = new Set<number>();
  return decorators.slice(0, mostRoutes).flatMap(({ range }) => {
    if (!/^\s*@/.test(lines[range.line - 1] ?? '')) return [];
    const at = functionBehind(lines, range.endLine);
    if (at === null || seen.has(at)) return [];
    seen.add(at);
    return bodyAt(lines, at, asksGlobally);
  });
}

/** The index of the line with `def` behind a decorator; null where there is none. */
function functionBehind(lines: readonly string[], from: number): number | null {
  for (let at = from; at < Math.min(lines.length, from + 20); at++)
    if (/^\s*(?:async\s+)?def\s+\w+/.test(lines[at] ?? '')) return at;
  return null;
}

function bodyAt(lines: readonly string[], at: number, asksGlobally: boolean): RouteBody[] {
  const head = lines.slice(at, at + 40).map((line) => line.slice(0, longestLine));
  const joined = head.join('\n');
  const { parameters, end } = parametersOf(joined, joined.indexOf('('));
  if (end < 0) return [];
  const first = at + joined.slice(0, end).split('\n').length;
  const depth = indentOf(lines[at] ?? '');
  let last = first;
  while (last < Math.min(lines.length, first + longestBody) && isDeeper(lines[last] ?? '', depth)) last++;
  const names = new Set(
    parameters.filter((each) => !harmless.test(each)).map((each) => /^\*{0,2}(\w+)/.exec(each)?.[1] ?? ''),
  );
  for (const own of ['', 'self', 'cls']) names.delete(own);
  if (asksGlobally) names.add('request');
  const holds = (expression: string): boolean => mentions(expression, names);
  for (const line of lines.slice(first, last)) follow(line.slice(0, longestLine), names, holds);
  return [{ line: first + 1, endLine: last, holdsRequest: holds }];
}

function indentOf(line: string): number {
  return line.search(/\S|$/);
}

function isDeeper(line: string, depth: number): boolean {
  return line.trim() === '' || indentOf(line) > depth;
}

/** The parameters behind a bracket, and where that is closed; -1 where it is not. */
function parametersOf(text: string, from: number): { parameters: string[]; end: number } {
  const parameters: string[] = [];
  let depth = 0;
  let start = from + 1;
  for (let at = Math.max(from, 0); at < text.length; at++) {
    const sign = text[at] ?? '';
    if ('([{'.includes(sign)) depth++;
    else if (')]}'.includes(sign)) depth--;
    if (depth === 0 || (depth === 1 && sign === ',')) {
      parameters.push(text.slice(start, at).trim());
      start = at + 1;
    }
    if (depth === 0) return { parameters, end: at };
  }
  return { parameters: [], end: -1 };
}

/** Names that a line gives something of a request. */
function follow(line: string, names: Set<string>, holds: (expression: string) => boolean): void {
  const given =
    /^\s*((?:\w+\s*,\s*)*\w+)\s*(?::[^=]*)?=(?!=)\s*(.*)$/.exec(line) ??
    /^\s*(?:async\s+)?for\s+((?:\w+\s*,\s*)*\w+)\s+in\s+(.*)$/.exec(line);
  if (given) {
    const [, left = '', right = ''] = given;
    if (holds(right)) for (const name of left.split(',')) names.add(name.trim());
  }
  const opened = /^\s*(?:async\s+)?with\s+(.*)\s+as\s+(\w+)\s*:/.exec(line);
  if (opened && holds(opened[1] ?? '')) names.add(opened[2] ?? '');
}

/** What makes a number or a constant of a text. */
const reduced = /\b(?:int|float|bool|len|isinstance|literal_eval)\([^()]*\)/g;

function mentions(expression: string, names: ReadonlySet<string>): boolean {
  const bare = expression.replace(/\s#.*$/, '').replace(reduced, '0');
  // An attribute or a keyword of that name is another thing.
  for (const { 0: word, index } of bare.matchAll(/\b[A-Za-z_]\w*\b/g)) {
    if (!names.has(word) || bare[index - 1] === '.') continue;
    if (!/^\s*=(?!=)/.test(bare.slice(index + word.length))) return true;
  }
  return false;
}

/** The lines of a text, as places count them. */
export function linesOf(text: string): string[] {
  return text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/);
}

/** What stands at a place, as far as it is looked at. */
export function writtenAt(lines: readonly string[], { line, column, endLine, endColumn }: TextRange): string {
  return lines
    .slice(line - 1, Math.min(endLine, line + 20))
    .map((each, index) => (line + index === endLine ? each.slice(0, endColumn - 1) : each))
    .map((each, index) => (index === 0 ? each.slice(column - 1) : each))
    .map((each) => each.slice(0, longestLine))
    .join('\n');
}
