import { through, type Offsets } from './offsetRuns.ts';
import { textLanguage, type TextLanguage } from './parse.ts';
import type { Writing } from './scalarText.ts';
import { shellTokens, unquotedWord, type ShellToken } from './shellTokens.ts';

/** A program or a file that stands in a shell's text. */
export interface ShellProgram {
  /** As a file: `inline.py`. */
  name: string;
  language: TextLanguage;
  text: string;
  /** In the shell's text. */
  offsets: Offsets;
  start: number;
  end: number;
  writing: Writing;
}

/** What a shell's text comes to. */
export interface ShellReading {
  /** The text as long as it was, without what stands in it for others. */
  script: string;
  programs: ShellProgram[];
}

/** Programs of one text, and scripts in scripts. */
export const mostPrograms = 1_000;
const deepest = 3;
/** Options between a program and its `-c`. */
const mostFlags = 8;

/** What runs Python, as the word of a command. */
export const python = /(?:^|\/)(?:i?python|pypy)[\d.]*$|^\$\{?PYTHON\w*\}?$/;
/** What runs a shell's script. */
export const shells = /(?:^|\/)(?:ba|z|da|k)?sh$/;

/** Whether a text may hold any program: far cheaper to ask than to take it apart. */
export function mayHoldPrograms(text: string): boolean {
  return text.includes('<<') || (/python|pypy|PYTHON/.test(text) && /-\w*c\b/.test(text));
}

/**
 * Takes out of a shell's text what it hands to others: here-documents for Python (`python - <<EOF`) and for files (`cat > train.yaml <<EOF`), and `python -c "..."`.
 * A here-document for a shell stays where it is.
 */
export function readShell(text: string, depth = 0): ShellReading {
  if (!mayHoldPrograms(text)) return { script: text, programs: [] };
  const documents = text.includes('<<') ? [...hereDocuments(text)] : [];
  const programs: ShellProgram[] = [];
  const parts: string[] = [];
  let kept = 0;
  for (const document of documents) {
    const { start, end, command } = document;
    const use = useOf(command, text.slice(start, end));
    if (use === 'shell') continue;
    parts.push(text.slice(kept, start), text.slice(start, end).replace(/[^\r\n]/g, ' '));
    kept = end;
    if (use && programs.length < mostPrograms) programs.push({ ...use, ...lineText(text, document) });
  }
  const script = parts.join('') + text.slice(kept);
  programs.push(...commandPrograms(script, depth, mostPrograms - programs.length));
  return { script, programs };
}

interface HereDocument {
  /** Of its lines. */
  start: number;
  end: number;
  /** The line that it is handed to. */
  command: string;
  /** `<<-`: tabs before its lines do not count. */
  tabs: boolean;
}

const opening = /(?<!<)<<(-?)(?!<)[ \t]*(?:"([^"\n]+)"|'([^'\n]+)'|\\?([A-Za-z_][\w.-]*))/g;

/** Here-documents of a text. What looks like one and is not closed (`1<<A`) is none. */
function* hereDocuments(text: string): Generator<HereDocument> {
  const lines = linesIn(text);
  const closing = new Map<string, number[]>();
  for (const [index, { start, end }] of lines.entries()) {
    const word = text.slice(start, Math.min(end, start + 200)).trim();
    const known = closing.get(word);
    if (known) known.push(index);
    else if (/^[\w.-]+$/.test(word)) closing.set(word, [index]);
  }
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at];
    const command = line ? text.slice(line.start, line.end) : '';
    if (!command.includes('<<') || /^\s*#/.test(command)) continue;
    for (const [, dash, double, single, bare] of command.slice(0, 2_000).matchAll(opening)) {
      const last = firstBehind(closing.get(double ?? single ?? bare ?? '') ?? [], at);
      const first = lines[at + 1];
      const end = last === undefined ? undefined : lines[last];
      if (last === undefined || !first || !end) continue;
      yield { start: first.start, end: end.start, command, tabs: dash === '-' };
      at = last;
    }
  }
}

/** The first of ascending numbers that is greater. */
function firstBehind(numbers: readonly number[], than: number): number | undefined {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] ?? 0) > than) high = middle;
    else low = middle + 1;
  }
  return numbers[low];
}

function linesIn(text: string): { start: number; end: number }[] {
  const lines: { start: number; end: number }[] = [];
  for (let start = 0; start <= text.length;) {
    const found = text.indexOf('\n', start);
    const end = found < 0 ? text.length : found;
    lines.push({ start, end });
    start = end + 1;
  }
  return lines;
}

/** What a line does with the document that it is given; null where nothing is known of it. */
function useOf(whole: string, document: string): 'shell' | { name: string; language: TextLanguage } | null {
  const line = whole.slice(0, 2_000);
  const words = [...shellTokens(line)].map((token) => unquotedWord(line, token).text);
  if (words.some((word) => python.test(word))) return { name: 'inline.py', language: 'python' };
  const [first = ''] = words.filter((word) => !/^(?:RUN|sudo|\w+=.*)$/.test(word));
  // BuildKit's `RUN <<EOF`: what its first line names, or a shell.
  if (first.startsWith('<<'))
    return /^#![^\n]*python/.test(document.trimStart()) ? { name: 'inline.py', language: 'python' } : 'shell';
  if (words.some((word) => shells.test(word) || /(?:^|\/)(?:ssh|sbatch|srun|su)$/.test(word))) return 'shell';
  if (/(?:^|\/)(?:kubectl|oc)$/.test(first) && words.includes('-f')) return { name: 'object.yaml', language: 'yaml' };
  const target =
    /(?:^|[^<>\d&])>{1,2}[ \t]*["']?([^\s"'<>;|&]+)/.exec(line)?.[1] ??
    (words.includes('tee') ? words.slice(words.indexOf('tee') + 1).find((word) => /^[^-<>]/.test(word)) : undefined);
  const language = target === undefined ? null : textLanguage(target);
  // A notebook is data here, and a card is for people.
  if (target === undefined || language === null || language === 'notebook' || language === 'card') return null;
  return { name: target.replace(/^.*\//, ''), language };
}

/** The lines of a here-document, where they stand. */
function lineText(text: string, { start, end, tabs }: HereDocument) {
  const whole = text.slice(start, end).replace(/\r?\n$/, '');
  const indent = tabs ? (/^\t*/.exec(whole)?.[0].length ?? 0) : 0;
  if (!/\r/.test(whole) && indent === 0)
    return placed(whole, { at: (own) => start + own, behind: (own) => start + own + 1 }, start, end, {
      kind: 'lines',
      indent,
    });
  const starts: { own: number; outer: number }[] = [];
  let own = '';
  let at = start;
  for (const line of whole.split('\n')) {
    const blank = Math.min(indent, /^\t*/.exec(line)?.[0].length ?? 0);
    starts.push({ own: own.length, outer: at + blank });
    own += `${line.slice(blank).replace(/\r$/, '')}\n`;
    at += line.length + 1;
  }
  const offsetOf = (offset: number): number => {
    const found = starts[lastBefore(starts, offset)];
    return found ? found.outer + offset - found.own : start;
  };
  const offsets = { at: offsetOf, behind: (offset: number) => offsetOf(offset) + 1 };
  return placed(own.slice(0, -1), offsets, start, end, { kind: 'lines', indent });
}

function lastBefore(starts: readonly { own: number }[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle]?.own ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

function placed(text: string, offsets: Offsets, start: number, end: number, writing: Writing) {
  return { text, offsets, start, end, writing };
}

/** `python -c "..."`, and the same in the script of `bash -c`. */
function commandPrograms(script: string, depth: number, most: number): ShellProgram[] {
  const programs: ShellProgram[] = [];
  let command: ShellToken[] = [];
  for (const token of shellTokens(script)) {
    if (programs.length >= most) break;
    if (token.kind !== 'word') {
      command = [];
      continue;
    }
    const runner = command.length === 0 ? undefined : runnerOf(script, command);
    command.push(token);
    if (runner === undefined) continue;
    const { text, offsets } = unquotedWord(script, token);
    const { start, end } = token;
    const write = writer(script[start]);
    if (runner === 'python')
      programs.push({
        name: 'inline.py',
        language: 'python',
        ...placed(text, offsets, start, end, { kind: 'inline', write }),
      });
    else if (depth < deepest)
      for (const inner of readShell(text, depth + 1).programs)
        programs.push({
          ...inner,
          offsets: through(inner.offsets, offsets),
          start,
          end,
          writing: { kind: 'inline', write: unwritable },
        });
  }
  return programs.slice(0, most);
}

/** What runs the next word as a program, where the words so far end in `-c`. */
function runnerOf(script: string, words: readonly ShellToken[]): 'python' | 'shell' | undefined {
  const value = (index: number): string => {
    const token = words[index];
    return token ? unquotedWord(script, token).text : '';
  };
  let at = words.length - 1;
  if (!/^-[A-Za-z]*c$/.test(value(at))) return undefined;
  for (let steps = 0; steps < mostFlags && at > 0 && value(at).startsWith('-'); steps++) at--;
  return python.test(value(at)) ? 'python' : shells.test(value(at)) ? 'shell' : undefined;
}

/** Quotes of both the inner and the outer command would have to be written. */
const unwritable = (): null => null;

function writer(quote: string | undefined): (text: string) => string | null {
  if (quote === "'") return (text) => (text.includes("'") ? null : text);
  if (quote === '"') return (text) => text.replace(/[\\"$`]/g, '\\$&');
  return unwritable;
}
