import { Language, Parser } from 'web-tree-sitter';
import type { CursorEngine } from './directCursor.ts';

/** Set by the bundler; absent when the sources run as they are. */
declare const WEIGHBRIDGE_BUILD: string | undefined;

/**
 * The Python grammar, loaded once a process. In the bundle both WebAssembly files stand beside the running file;
 * from the sources they come from their packages.
 */
export function pythonGrammar(): Promise<PythonGrammar> {
  grammar ??= load();
  return grammar;
}

export interface PythonGrammar {
  language: Language;
  engine: CursorEngine;
}

let grammar: Promise<PythonGrammar> | undefined;

async function load(): Promise<PythonGrammar> {
  // Emscripten makes the module of the object that it is given: afterwards it has the functions of the engine.
  const engine = { locateFile: () => filePath(wasm('web-tree-sitter/web-tree-sitter.wasm')) };
  await Parser.init(engine);
  const language = await Language.load(filePath(wasm('tree-sitter-python/tree-sitter-python.wasm')));
  if (!('_ts_init' in engine)) throw new Error('web-tree-sitter was loaded by something else before');
  return { language, engine: engine as unknown as CursorEngine };
}

function wasm(module: string): string {
  if (typeof WEIGHBRIDGE_BUILD === 'undefined') return import.meta.resolve(module);
  return new URL(module.slice(module.indexOf('/') + 1), import.meta.url).href;
}

/** The library opens paths, not `file:` addresses. On Windows the drive follows a slash that is no part of the path. */
function filePath(url: string): string {
  return decodeURIComponent(new URL(url).pathname).replace(/^\/(?=[A-Za-z]:)/, '');
}
