import type { NamedCode } from './facts.ts';

/** Distinct names that are kept of one file. */
const namesKept = 2_000;

/** Built-in functions through which text becomes code, or a name a module. */
const builtins = /^(?:exec|eval|compile|__import__|breakpoint)$/;

/**
 * Names of other modules that Python code uses, resolved through its imports, in the order in which they stand. Archives
 * are read where no syntax tree is at hand: comments and strings are put out of sight (but what f-strings compute), and the
 * rest is looked at word by word. It sees `import os as o; o.system(...)`, `from os import system`, `getattr(os, 'system')`.
 */
export function namesInPython(text: string): NamedCode[] {
  const code = withoutStrings(text);
  const { modules, stars } = importsOf(code);
  const defined = new Set([...code.matchAll(/\b(?:def|class)\s+(\w+)/g)].map(([, name]) => name));
  const found = new Map<string, NamedCode>();
  const lineAt = lineCounter(text);
  const add = (name: string, offset: number): void => {
    if (!name.includes('.') || found.size >= namesKept || found.has(name)) return;
    found.set(name, { name, path: `line ${lineAt(offset)}`, offset });
  };
  for (const match of code.matchAll(/(?<![\w.])([A-Za-z_]\w*)((?:\s*\.\s*[A-Za-z_]\w*)*)\s*(\(?)/g)) {
    const [, head = '', tail = '', bracket] = match;
    const module = modules.get(head);
    if (module !== undefined) add(module + tail.replace(/\s+/g, ''), match.index);
    else if (tail === '' && !defined.has(head)) {
      if (builtins.test(head) && bracket === '(') add(`builtins.${head}`, match.index);
      else if (bracket === '(') for (const star of stars) add(`${star}.${head}`, match.index);
    }
  }
  const attribute = /\bgetattr\s*\(\s*(\w+)\s*,\s*(?:(['"])(\w+)\2\s*[,)])?/g;
  for (const match of text.matchAll(attribute)) {
    const [, object = '', , constant] = match;
    const module = modules.get(object) ?? (object === '__builtins__' ? 'builtins' : undefined);
    if (module === undefined || !code.startsWith('getattr', match.index)) continue;
    add(constant === undefined ? `builtins.getattr(${module})` : `${module}.${constant}`, match.index);
  }
  return [...found.values()];
}

/** Gives the line of an offset, from 1; quick for offsets that mostly go onward. */
function lineCounter(text: string): (offset: number) => number {
  let at = 0;
  let line = 1;
  return (offset) => {
    if (offset < at) [at, line] = [0, 1];
    for (let next = text.indexOf('\n', at); next >= 0 && next < offset; next = text.indexOf('\n', at)) {
      at = next + 1;
      line++;
    }
    return line;
  };
}

interface Imports {
  /** What each name stands for: `np` for `numpy`, `run` for `subprocess.run`. */
  modules: Map<string, string>;
  /** Modules of which everything is imported. */
  stars: string[];
}

function importsOf(code: string): Imports {
  const modules = new Map<string, string>();
  const stars: string[] = [];
  for (const [, list = ''] of code.matchAll(/(?<![\w.])import[ \t]+([^\n;]+)/g)) {
    for (const [, module = '', as] of list.matchAll(/(\w+(?:\.\w+)*)(?:\s+as\s+(\w+))?/g)) {
      // `import a.b` binds `a`.
      if (as === undefined) modules.set(module.split('.')[0] as string, module.split('.')[0] as string);
      else modules.set(as, module);
    }
  }
  const from = /(?<![\w.])from[ \t]+(\.*\w+(?:\.\w+)*)[ \t]+import[ \t]*(\([^)]{0,4000}\)|[^\n;]+)/g;
  for (const [, module = '', list = ''] of code.matchAll(from)) {
    if (module.startsWith('.')) continue;
    if (list.trim() === '*') stars.push(module);
    for (const [, name = '', as] of list.matchAll(/(\w+)(?:\s+as\s+(\w+))?/g))
      modules.set(as ?? name, `${module}.${name}`);
  }
  return { modules, stars: stars.slice(0, 8) };
}

/** The same text with blanks for comments and strings, so that places stay. */
function withoutStrings(text: string): string {
  const token = /#[^\n]*|([A-Za-z]{0,2})('''|"""|'|")|\\\r?\n/g;
  let out = '';
  let at = 0;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    out += text.slice(at, match.index);
    const [whole, prefix = '', quote] = match;
    let end = token.lastIndex;
    if (quote === undefined) out += ' '.repeat(whole.length);
    else {
      end = endOfString(text, end, quote);
      const content = text.slice(match.index, end);
      out += /f/i.test(prefix) ? computed(content) : blank(content);
    }
    at = end;
    token.lastIndex = end;
  }
  return out + text.slice(at);
}

function endOfString(text: string, from: number, quote: string): number {
  for (let at = from; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (quote.length === 1 && text[at] === '\n') return at;
    else if (text.startsWith(quote, at)) return at + quote.length;
  }
  return text.length;
}

const blank = (content: string): string => content.replace(/[^\n]/g, ' ');

/** Of an f-string, what stands in braces. */
function computed(content: string): string {
  let depth = 0;
  let out = '';
  for (const unit of content.split('')) {
    if (unit === '}') depth = Math.max(0, depth - 1);
    out += depth > 0 || unit === '\n' ? unit : ' ';
    if (unit === '{') depth++;
  }
  return out;
}
