import { Language, Parser } from 'web-tree-sitter';

/** Set by the bundler; absent when the sources run as they are. */
declare const WEIGHBRIDGE_BUILD: string | undefined;

/**
 * The Python grammar, loaded once a process. In the bundle both WebAssembly files stand beside the running file;
 * from the sources they come from their packages.
 */
export function pythonGrammar(): Promise<Language> {
  grammar ??= load();
  return grammar;
}

let grammar: Promise<Language> | undefined;

async function load(): Promise<Language> {
  await Parser.init({ locateFile: () => filePath(wasm('web-tree-sitter/web-tree-sitter.wasm')) });
  return Language.load(filePath(wasm('tree-sitter-python/tree-sitter-python.wasm')));
}

function wasm(module: string): string {
  if (typeof WEIGHBRIDGE_BUILD === 'undefined') return import.meta.resolve(module);
  return new URL(module.slice(module.indexOf('/') + 1), import.meta.url).href;
}

/** The library opens paths, not `file:` addresses. On Windows the drive follows a slash that is no part of the path. */
function filePath(url: string): string {
  return decodeURIComponent(new URL(url).pathname).replace(/^\/(?=[A-Za-z]:)/, '');
}
