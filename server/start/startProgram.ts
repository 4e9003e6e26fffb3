import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Script } from 'node:vm';

/** Set by the bundler, as in `engine/build.ts`. */
declare const WEIGHBRIDGE_BUILD: string;

type Exports = Record<string, unknown>;
type Require = (name: string) => unknown;
type Chunk = (
  exports: Exports,
  require: Require,
  module: { exports: Exports },
  filename: string,
  dirname: string,
  url: string,
) => void;

const folder = join(__dirname, 'programs');

/** Where the build writes what V8 made of the programs. The name tells the build, so that code never meets other sources. */
export const codeFile = join(folder, `code-${WEIGHBRIDGE_BUILD}.cache`);

/** Chunks find what stands beside the programs, and not beside themselves. */
const bundleUrl = pathToFileURL(__filename).href;
const requireBuiltin = createRequire(__filename);
const code = readCode();
const loaded = new Map<string, { script: Script; module: { exports: Exports } }>();

/**
 * Loads a file of `programs/`, as `require` would, with the compiled code that stands beside it: a command then starts in
 * half the time. Another V8 than that of the build refuses the code and compiles anew. (From Node 22 on
 * `module.enableCompileCache` could do this; Node 20 has nothing of the kind.)
 */
export function startProgram(name: string): Exports {
  const known = loaded.get(name);
  if (known) return known.module.exports;
  const file = join(folder, name);
  // The bundler writes ASCII, and what needs no decoding is read fastest.
  const source = `(function(exports,require,module,__filename,__dirname,bundleUrl){${readFileSync(file, 'latin1')}\n})`;
  const cachedData = code.get(name);
  const script = new Script(source, { filename: file, ...(cachedData ? { cachedData } : {}) });
  const module = { exports: {} };
  loaded.set(name, { script, module });
  (script.runInThisContext() as Chunk)(module.exports, requireInChunk, module, __filename, __dirname, bundleUrl);
  return module.exports;
}

function requireInChunk(name: string): unknown {
  if (name.startsWith('./')) return startProgram(name.slice('./'.length));
  // It takes 5 ms, and a scan without cache and baseline computes no digest.
  return name === 'node:crypto' ? whenUsed(name) : requireBuiltin(name);
}

/** Stands for a module, and loads it when something is taken out of it. */
function whenUsed(name: string): object {
  let module: Exports | undefined;
  const loaded = (): Exports => (module ??= requireBuiltin(name) as Exports);
  return new Proxy(
    {},
    {
      get: (_, key) => Reflect.get(loaded(), key) as unknown,
      // What is written is meant for everybody who uses the module (server/signing/explicitDigest.ts).
      set: (_, key, value) => Reflect.set(loaded(), key, value),
      has: (_, key) => Reflect.has(loaded(), key),
      ownKeys: () => Reflect.ownKeys(loaded()),
      getOwnPropertyDescriptor(_, key) {
        const found = Reflect.getOwnPropertyDescriptor(loaded(), key);
        // A proxy may not speak of fixed properties that what it stands before does not have.
        return found && { ...found, configurable: true };
      },
    },
  );
}

/** What V8 has compiled so far: for the build, which keeps it in `codeFile`. A line of JSON lists names and lengths. */
export function compiledCode(): Buffer {
  const parts = [...loaded].map(([name, { script }]) => ({ name, bytes: script.createCachedData() }));
  const list = JSON.stringify(parts.map(({ name, bytes }) => [name, bytes.length]));
  return Buffer.concat([Buffer.from(`${list}\n`), ...parts.map(({ bytes }) => bytes)]);
}

function readCode(): Map<string, Buffer> {
  const found = new Map<string, Buffer>();
  try {
    const bytes = readFileSync(codeFile);
    let at = bytes.indexOf('\n') + 1;
    for (const [name, length] of JSON.parse(bytes.toString('latin1', 0, at)) as [string, number][]) {
      found.set(name, bytes.subarray(at, at + length));
      at += length;
    }
  } catch {
    // A bundle without it is complete, too.
  }
  return found;
}
