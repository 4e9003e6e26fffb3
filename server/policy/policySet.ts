import { lstatSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { WeighbridgeError } from '../errors.ts';
import type { Json } from '../formats/facts.ts';
import type { PolicyModule } from './compiler/protocol.ts';
import { readYamlDocument } from './yamlDocument.ts';

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

/** What the policies of a folder are given beside the input; OPA's bundles know it by these names. */
const dataNames = new Set(['data.json', 'data.yaml', 'data.yml']);

/**
 * The data documents of a folder: `data.json` and `data.yaml`, each rooted where it stands, as in OPA's bundles.
 * @returns null when there is none.
 * @throws {WeighbridgeError} as `readPolicies`, and `bad-input` where two of them say different things.
 */
export function readPolicyData(path: string): Record<string, Json> | null {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return null;
  const files = filesIn(path, (name) => dataNames.has(name));
  if (files.length === 0) return null;
  const data: Record<string, Json> = Object.create(null) as Record<string, Json>;
  for (const file of files) {
    const document = readYamlDocument(file);
    const folders = slashes(relative(path, dirname(file)));
    const rooted = (folders === '' ? [] : folders.split('/')).reduceRight<Json>(
      (inner, name) => ({ [name]: inner }),
      document,
    );
    if (rooted === null || typeof rooted !== 'object' || Array.isArray(rooted)) {
      throw new WeighbridgeError('bad-input', `${file} must hold an object`);
    }
    merge(data, rooted, file);
  }
  return data;
}

function merge(into: Record<string, Json>, from: Record<string, Json>, file: string): void {
  for (const [key, value] of Object.entries(from)) {
    const there = into[key];
    if (there === undefined) into[key] = value;
    else if (isObject(there) && isObject(value)) merge(there, value, file);
    else throw new WeighbridgeError('bad-input', `${file} says something else of "${key}" than another data document`);
  }
}

const isObject = (value: Json): value is Record<string, Json> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** Absolute paths, sorted. */
export function policyFiles(path: string): string[] {
  return filesIn(path, (name) => name.endsWith('.rego'));
}

function filesIn(path: string, accepts: (name: string) => boolean): string[] {
  let stat;
  try {
    stat = statSync(path);
  } catch (cause) {
    throw new WeighbridgeError('not-found', `${path}: there is no such file or folder`, { cause });
  }
  if (stat.isFile()) return accepts(path) ? [path] : [];
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
      else if (accepts(name) && (own.isFile() || pointsInside(file))) found.push(file);
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
