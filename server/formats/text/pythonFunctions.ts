/** A function that stands in no other one, or a string that is a statement outside of functions: nothing but a docstring. Offsets are UTF-16 code units. */
export interface FunctionSpan {
  /** Of its first decorator, or of itself. */
  start: number;
  /** Of the first statement in it. */
  body: number;
  /** Where its docstring ends; `body` where it has none. */
  code: number;
  /** Behind its last statement. */
  end: number;
}

const newline = 0x0a;
const space = 0x20;
const backslash = 0x5c;

/** Prefixes of strings that hold expressions. */
const formats = 'fFtT';

function isOneOf(text: string, at: number, signs: string): boolean {
  return at >= 0 && at < text.length && signs.includes(text.charAt(at));
}

/** A brace that stands for itself in a formatted string. */
function isDoubled(text: string, at: number, code: number): boolean {
  return (code === 0x7b || code === 0x7d) && text.charCodeAt(at + 1) === code;
}

function isHeader(text: string, at: number): boolean {
  return isOneOf(text, at, 'da') && /^(?:async +)?def /.test(text.slice(at, at + 12));
}

/**
 * The functions of a Python text, outermost ones only, in its order: where they are is plain from indentation, brackets and strings, which takes a
 * small part of the time that the grammar takes. Null where that is not plain: tabs, what is not closed, strings in strings (PEP 701), statements that end in
 * nothing. Source: the Python language reference, "Lexical analysis".
 */
export function functionSpans(text: string): FunctionSpan[] | null {
  const scan = new FunctionScan(text);
  return scan.perform() ? scan.found : null;
}

class FunctionScan {
  readonly found: FunctionSpan[] = [];
  readonly #text: string;
  #at = 0;
  /** The function that the scan is in. */
  #open: (FunctionSpan & { indent: number }) | null = null;
  /** Decorators of what comes next. */
  #decorated: { start: number; indent: number } | null = null;
  /** Behind the last statement line. */
  #end = 0;
  /** The last sign of the statement line that was read; whether it is a string and nothing else. */
  #last = 0;
  #isString = false;

  constructor(text: string) {
    this.#text = text;
  }

  perform(): boolean {
    const text = this.#text;
    while (this.#at < text.length) {
      const indent = this.#indent();
      if (indent < 0) return false;
      const start = this.#at;
      if (this.#isBlank()) continue;
      this.#closeAt(indent);
      const isDecorator = text.charCodeAt(start) === 0x40;
      const header = !this.#open && isHeader(text, start);
      if (!this.#line()) return false;
      if (this.#open) {
        if (this.#open.body === 0) Object.assign(this.#open, { body: start, code: this.#isString ? this.#end : start });
      } else if (this.#isString) this.found.push({ start, body: start, code: this.#end, end: this.#end });
      else if (isDecorator) this.#decorated ??= { start, indent };
      else {
        const from = this.#decorated?.indent === indent ? this.#decorated.start : start;
        this.#decorated = null;
        // What stands on the line of its function is short.
        if (header && this.#last === 0x3a) this.#open = { start: from, body: 0, code: 0, end: 0, indent };
      }
    }
    this.#closeAt(0);
    return true;
  }

  /** Columns in front of a line; -1 where that is no matter of spaces alone. */
  #indent(): number {
    const start = this.#at;
    while (this.#text.charCodeAt(this.#at) === space) this.#at++;
    const next = this.#text.charCodeAt(this.#at);
    return next === 0x09 || next === 0x0c ? -1 : this.#at - start;
  }

  /** Whether no statement stands here; the line is then passed. */
  #isBlank(): boolean {
    const next = this.#text.charCodeAt(this.#at);
    if (next === newline) this.#at++;
    else if (next === 0x0d && this.#text.charCodeAt(this.#at + 1) === newline) this.#at += 2;
    else if (next === 0x23) this.#comment();
    else return false;
    return true;
  }

  #closeAt(indent: number): void {
    if (!this.#open || indent > this.#open.indent) return;
    const { start, body, code } = this.#open;
    if (body > 0) this.found.push({ start, body, code, end: this.#end });
    this.#open = null;
  }

  #comment(): void {
    const end = this.#text.indexOf('\n', this.#at);
    this.#at = end < 0 ? this.#text.length : end;
  }

  /** Passes a statement line with all lines that it goes on in; false where its end is not plain. */
  #line(): boolean {
    const text = this.#text;
    const prefix = isOneOf(text, this.#at, 'rRuU') ? 1 : 0;
    let depth = 0;
    let tokens = 0;
    let strings = 0;
    while (this.#at < text.length) {
      const code = text.charCodeAt(this.#at);
      if (code === newline) {
        this.#at++;
        if (depth === 0) break;
        continue;
      }
      if (code === space || code === 0x09 || code === 0x0d) {
        // A line that ends in this alone.
        if (code === 0x0d && text.charCodeAt(this.#at + 1) !== newline) return false;
        this.#at++;
        continue;
      }
      if (code === 0x23) {
        this.#comment();
        continue;
      }
      if (code === backslash) {
        const next = /^\\\r?\n/.exec(text.slice(this.#at, this.#at + 3));
        if (!next) return false;
        this.#at += next[0].length;
        continue;
      }
      tokens++;
      if (code === 0x22 || code === 0x27) {
        strings++;
        if (!this.#string(code)) return false;
      } else {
        if (code === 0x28 || code === 0x5b || code === 0x7b) depth++;
        else if (code === 0x29 || code === 0x5d || code === 0x7d) depth--;
        if (depth < 0) return false;
        this.#at++;
      }
      this.#last = code;
      this.#end = this.#at;
    }
    this.#isString = strings === 1 && tokens === 1 + prefix;
    return depth === 0;
  }

  /** Passes a string; false where it has no end, or holds strings of its own. */
  #string(quote: number): boolean {
    const text = this.#text;
    const start = this.#at;
    const isLong = text.charCodeAt(start + 1) === quote && text.charCodeAt(start + 2) === quote;
    let braces = 0;
    const isFormatted =
      isOneOf(text, start - 1, formats) || (isOneOf(text, start - 1, 'rR') && isOneOf(text, start - 2, formats));
    this.#at += isLong ? 3 : 1;
    for (; this.#at < text.length; this.#at++) {
      const code = text.charCodeAt(this.#at);
      if (code === backslash) this.#at++;
      else if (code === newline && !isLong) return false;
      else if (isFormatted && braces === 0 && isDoubled(text, this.#at, code)) this.#at++;
      else if (isFormatted && code === 0x7b) braces++;
      else if (isFormatted && code === 0x7d) braces--;
      else if (code === quote) {
        if (!isLong) break;
        if (text.charCodeAt(this.#at + 1) === quote && text.charCodeAt(this.#at + 2) === quote) break;
      }
    }
    if (this.#at >= text.length || braces !== 0) return false;
    this.#at += isLong ? 3 : 1;
    return true;
  }
}
