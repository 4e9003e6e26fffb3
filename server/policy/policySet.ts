import { lstatSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { WeighbridgeError } from '../errors.ts';
import type { PolicyModule } from './compiler/protocol.ts';

/** A policy is written by hand; a longer file is something else, or an attack. */
const longestFile = 1 << 20;
const mostFiles = 2000;
const deepest = 32;

/**
 * The `.rego` files of a folder and of those below it, or one file, sorted by path. Links are followed only to files
 * inside the folder; hidden folders and node_modules are left out.
 * @param path absolute. @param base what the names of the files are relative to, absolute.
 * @throws {WeighbridgeError} `not-found`, `unreadable`, or `bad-input` where a limit is exceeded or there is no policy.
 */
export function readPolicies(path: string, base: string): PolicyModule[] {
  const files = policyFiles(path);
  if (files.length === 0) {
    throw new WeighbridgeError('bad-input', `there is no policy in ${path}: name a folder with .rego files`);
  }
  return files.map((file) => ({ file: slashes(relative(base, file)), text: readText(file) }));
}

/** Absolute paths, sorted. */
export function policyFiles(path: string): string[] {
  let stat;
  try {
    stat = statSync(path);
  } catch (cause) {
    throw new WeighbridgeError('not-found', `${path}: there is no such file or folder`, { cause });
  }
  if (stat.isFile()) return path.endsWith('.rego') ? [path] : [];
  const found: string[] = [];
  const root = realpathSync(path);
  collect(root, 0);
  return found.map((file) => join(path, relative(root, file))).sort((a, b) => (a < b ? -1 : 1));

  function collect(folder: string, depth: number): void {
    if (depth > deepest) throw tooMuch(`folders nested more than ${deepest} deep`);
    for (const name of readdirSync(folder)) {
      if (name.startsWith('.') || name === 'node_modules') continue;
      const file = join(folder, name);
      const own = lstatSync(file);
      if (own.isDirectory()) collect(file, depth + 1);
      else if (name.endsWith('.rego') && (own.isFile() || pointsInside(file))) found.push(file);
      if (found.length > mostFiles) throw tooMuch(`more than ${mostFiles} policies`);
    }
  }

  function pointsInside(link: string): boolean {
    try {
      const target = realpathSync(link);
      return statSync(target).isFile() && !relative(root, target).startsWith('..');
    } catch {
      return false;
    }
  }

  function tooMuch(what: string): WeighbridgeError {
    return new WeighbridgeError('bad-input', `${path} has ${what}: name the folder of the policies`);
  }
}

function readText(file: string): string {
  let bytes: Buffer;
  try {
    const { size } = statSync(file);
    if (size > longestFile) {
      throw new WeighbridgeError(
        'bad-input',
        `${file} has ${size} bytes, and a policy may have ${longestFile} at most: split it`,
      );
    }
    bytes = readFileSync(file);
  } catch (cause) {
    if (cause instanceof WeighbridgeError) throw cause;
    throw new WeighbridgeError('unreadable', `cannot read ${file}: ${(cause as Error).message}`, { cause });
  }
  return bytes.toString('utf8').replace(/^\uFEFF/, '');
}

const slashes = (path: string): string => path.replaceAll('\\', '/');

/** Without the tests, which no decision needs. */
export const withoutTests = (modules: readonly PolicyModule[]): PolicyModule[] =>
  modules.filter(({ file }) => !file.endsWith('_test.rego'));

/** @throws {WeighbridgeError} `not-found`, `unreadable` or `bad-input` naming the place of the mistake. */
export function readJsonDocument(file: string): unknown {
  let text: string;
  try {
    const { size } = statSync(file);
    if (size > 64 << 20)
      throw new WeighbridgeError('bad-input', `${file} has ${size} bytes, and 64 MiB are read at most`);
    text = readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  } catch (cause) {
    if (cause instanceof WeighbridgeError) throw cause;
    const gone = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new WeighbridgeError(
      gone ? 'not-found' : 'unreadable',
      `${file}: ${gone ? 'there is no such file' : (cause as Error).message}`,
      { cause },
    );
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new WeighbridgeError('bad-input', `${resolve(file)} is not JSON: ${(cause as Error).message}`, { cause });
  }
}
