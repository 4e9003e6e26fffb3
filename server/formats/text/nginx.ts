import type { NginxDirective } from './facts.ts';
import { LineIndex } from './lineIndex.ts';
import { textLimits, type NginxText, type TextProblem } from './parse.ts';

/**
 * The directives of an nginx configuration. Tokens as in `ngx_conf_read_token` (src/core/ngx_conf_file.c): words end at blanks,
 * `;` and `{`, and `}` is a sign only where a word would begin; quotes only count where a word begins; a backslash takes the next character as it is; `${name}` is part of a
 * word. The bodies of `*_by_lua_block` are Lua, whose braces are counted and whose text is left out.
 */
export function parseNginx(text: string): NginxText {
  const reader = new NginxReader(text);
  const directives = reader.read();
  return { language: 'nginx', directives, problems: reader.problems };
}

interface Token {
  kind: 'word' | ';' | '{' | '}';
  value: string;
  start: number;
  end: number;
}

interface Level {
  directive: NginxDirective | null;
  inside: NginxDirective[];
  start: number;
}

class NginxReader {
  readonly problems: TextProblem[] = [];
  readonly #text: string;
  readonly #lines: LineIndex;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#lines = new LineIndex(text);
  }

  read(): NginxDirective[] {
    const levels: Level[] = [{ directive: null, inside: [], start: 0 }];
    let words: Token[] = [];
    let count = 0;
    for (let token = this.#next(); token !== null; token = this.#next()) {
      if (token.kind === 'word') {
        words.push(token);
        continue;
      }
      const [name] = words;
      if (token.kind === '}') {
        if (words.length > 0) this.#report('malformed', token.start, 'a directive has no semicolon');
        if (levels.length > 1) this.#close(levels, token.end);
        else this.#report('malformed', token.start, 'a brace closes nothing');
      } else if (!name) {
        this.#report('malformed', token.start, 'a directive has no name');
        if (token.kind === '{')
          levels.push({ directive: null, inside: levels.at(-1)?.inside ?? [], start: token.start });
      } else {
        if (++count > textLimits.facts) {
          this.#report('limit-facts', token.start, `there are more than ${textLimits.facts} directives`);
          break;
        }
        const block = token.kind === '{';
        const directive = this.#directive(words, token.end, block);
        levels.at(-1)?.inside.push(directive);
        if (block && directive.name.endsWith('_by_lua_block')) {
          this.#skipLua();
          directive.range = this.#lines.range(name.start, this.#at);
        } else if (block) {
          if (levels.length > textLimits.depth) {
            this.#report('limit-depth', token.start, `blocks are nested deeper than ${textLimits.depth}`);
            break;
          }
          levels.push({ directive, inside: directive.block ?? [], start: name.start });
        }
      }
      words = [];
    }
    if (words.length > 0) this.#report('malformed', this.#text.length, 'a directive has no semicolon');
    if (levels.length > 1 && this.problems.length === 0)
      this.#report('malformed', this.#text.length, 'a block is not closed');
    while (levels.length > 1) this.#close(levels, this.#text.length);
    return levels[0]?.inside ?? [];
  }

  #directive(words: readonly Token[], end: number, block: boolean): NginxDirective {
    const [name, ...args] = words;
    const start = name?.start ?? end;
    return {
      name: name?.value ?? '',
      nameRange: this.#lines.range(start, name?.end ?? end),
      args: args.map(({ value, start: from, end: to }) => ({ value, range: this.#lines.range(from, to) })),
      range: this.#lines.range(start, end),
      block: block ? [] : null,
    };
  }

  #close(levels: Level[], end: number): void {
    const level = levels.pop();
    if (level?.directive) level.directive.range = this.#lines.range(level.start, end);
  }

  #next(): Token | null {
    const text = this.#text;
    for (;;) {
      const sign = text[this.#at];
      if (sign === undefined) return null;
      if (sign === ' ' || sign === '\t' || sign === '\r' || sign === '\n') this.#at++;
      else if (sign === '#') {
        const end = /[\r\n]/g;
        end.lastIndex = this.#at;
        this.#at = end.exec(text)?.index ?? text.length;
      } else break;
    }
    const start = this.#at;
    const sign = text[start] ?? '';
    if (sign === ';' || sign === '{' || sign === '}') {
      this.#at++;
      return { kind: sign, value: sign, start, end: this.#at };
    }
    return sign === '"' || sign === "'" ? this.#quoted(sign) : this.#word();
  }

  #quoted(quote: string): Token {
    const text = this.#text;
    const start = this.#at++;
    let value = '';
    while (this.#at < text.length && text[this.#at] !== quote) {
      if (text[this.#at] === '\\') this.#at++;
      value += text[this.#at++] ?? '';
    }
    if (this.#at >= text.length) this.#report('malformed', start, 'a quote is not closed');
    this.#at = Math.min(this.#at + 1, text.length);
    return { kind: 'word', value, start, end: this.#at };
  }

  #word(): Token {
    const text = this.#text;
    const start = this.#at;
    const parts: string[] = [];
    while (this.#at < text.length) {
      const sign = text[this.#at] ?? '';
      if (sign === '\\') parts.push(text.slice(this.#at, (this.#at += 2)));
      // Only `{` behind a dollar is part of a word; `}` always is.
      else if (sign === '$' && text[this.#at + 1] === '{') parts.push(text.slice(this.#at, (this.#at += 2)));
      else if (/[ \t\r\n;{]/.test(sign)) break;
      else {
        parts.push(sign);
        this.#at++;
      }
    }
    this.#at = Math.min(this.#at, text.length);
    return { kind: 'word', value: parts.join(''), start, end: this.#at };
  }

  /** To behind the brace that closes the block: strings, long brackets and comments of Lua hide braces. */
  #skipLua(): void {
    const parts =
      /--\[\[[\s\S]*?\]\]|--[^\n]*|\[(=*)\[[\s\S]*?\]\1\]|"(?:\\[\s\S]|[^"\\\n])*"|'(?:\\[\s\S]|[^'\\\n])*'|[{}]/g;
    parts.lastIndex = this.#at;
    let depth = 1;
    for (let part = parts.exec(this.#text); part; part = parts.exec(this.#text)) {
      if (part[0] === '{') depth++;
      if (part[0] === '}' && --depth === 0) {
        this.#at = parts.lastIndex;
        return;
      }
    }
    this.#report('malformed', this.#at, 'a Lua block is not closed');
    this.#at = this.#text.length;
  }

  #report(code: TextProblem['code'], offset: number, message: string): void {
    if (this.problems.some((problem) => problem.code === code)) return;
    this.problems.push({ code, line: this.#lines.position(offset).line, message });
  }
}
