import { isAbsolute, relative, resolve, sep } from 'node:path';
import { lstatSync } from 'node:fs';
import { WeighbridgeError } from '../errors.ts';
import { slashes } from '../engine/gitignore.ts';
import type { HashingOptions } from '../signing/contract.ts';
import { digestCacheFile } from '../signing/hashing/digestCache.ts';
import { isSourceAddress } from '../sources/address.ts';
import { defaultSignature, modelRoot, pathIn } from '../signing/modelFiles.ts';
import type { Io } from './io.ts';
import { flag, jobs, texts, type OptionTable, type OptionValues } from './options.ts';
import { outputFile } from './outputFile.ts';
import type { progressOn } from './progress.ts';

/** Options of all commands that hash a model. */
export const modelOptions: OptionTable = {
  ignore: { type: 'string', multiple: true },
  'no-ignore-git': { type: 'boolean' },
  'follow-links': { type: 'boolean' },
};

export const modelHelp = `  --ignore PATH       Leave out this file or folder, from the working directory or from the model; repeatable, no patterns
  --no-ignore-git     Take in .git, .gitattributes, .github and .gitignore at the top of the model, which are left out otherwise
  --follow-links      Hash what symbolic links to files lead to; without it a link is refused, and a linked folder always
`;

/** The model that the command is about, absolute. @throws {WeighbridgeError} `bad-usage`, `not-found`. */
export function modelOf(command: string, positionals: readonly string[], cwd: string): string {
  const [model, second] = positionals;
  if (model === undefined || model === '' || second !== undefined) {
    throw new WeighbridgeError('bad-usage', `name one model, a folder or a file: weighbridge ${command} MODEL`);
  }
  if (isSourceAddress(model)) {
    const [name] = command.split(' ');
    throw new WeighbridgeError(
      'bad-usage',
      `weighbridge ${name} reads models that lie here, and no addresses: fetch it first ("weighbridge scan" and "verify" take addresses)`,
    );
  }
  const path = resolve(cwd, model);
  modelRoot(path);
  return path;
}

/**
 * The file for the report. Inside the model it would change what is signed, or replace a part of it.
 * @throws {WeighbridgeError} `bad-usage`.
 */
export async function reportFile(
  values: OptionValues,
  io: Io,
  model: string,
  signature: string | undefined,
): Promise<string | undefined> {
  const { root, isFile } = modelRoot(model);
  const output = await outputFile(values, io.cwd, [model, signature ?? defaultSignature(model, isFile)]);
  if (output !== undefined && !isFile && pathIn(root, output) !== null) {
    throw new WeighbridgeError(
      'bad-usage',
      `--output ${output} lies inside the model, and would change it: name a file outside`,
    );
  }
  return output;
}

/** How the model is hashed, by the options. @param mayUseCache otherwise every byte is read. */
export function hashingOptions(
  values: OptionValues,
  io: Io,
  model: string,
  progress: ReturnType<typeof progressOn>,
  mayUseCache: boolean,
): HashingOptions {
  const workers = jobs(values);
  const { root } = modelRoot(model);
  const cached = mayUseCache && !flag(values, 'no-cache') && !io.environment['CI'];
  return {
    ignorePaths: texts(values, 'ignore').map((path) => ignoredPath(path, io.cwd, model)),
    ignoreGitPaths: !flag(values, 'no-ignore-git'),
    ...(flag(values, 'follow-links') ? { followLinks: true } : {}),
    ...(workers === undefined ? {} : { jobs: workers }),
    digestCache: cached ? digestCacheFile(root, io.environment) : null,
    onProgress: ({ done, total, path }) =>
      progress.show({ done: Math.round(done / 1e6), total: Math.round(total / 1e6), path: `MB  ${path}` }),
    signal: io.signal,
  };
}

/** As the reference has it, from the working directory; but from the model where that leads out of it, or only there is something. */
function ignoredPath(path: string, cwd: string, model: string): string {
  if (path === '') throw new WeighbridgeError('bad-usage', '--ignore needs a path');
  const fromHere = resolve(cwd, path);
  const fromModel = resolve(model, path);
  const inside = relative(model, fromHere);
  if (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) return fromModel;
  return !isThere(fromHere) && isThere(fromModel) ? fromModel : fromHere;
}

/** A link counts, wherever it leads. */
export function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false; // In a folder that nobody here may look into.
  }
}

/** How a path is shown: from the working directory. */
export function shownFrom(cwd: string): (path: string) => string {
  return (path) => slashes(relative(cwd, path)) || '.';
}

/**
 * Several values after one option, `--chain A B`, as the same option several times. A path that would leave no other
 * argument is left as it is: it is the model.
 */
export function spreadValues(args: readonly string[], options: readonly string[]): string[] {
  const spread: string[] = [];
  const free: number[] = [];
  let current: string | null = null;
  let hasValue = false;
  for (const [index, arg] of args.entries()) {
    if (arg.startsWith('-')) {
      current = options.includes(arg) ? arg : null;
      hasValue = false;
    } else if (current !== null && hasValue) {
      free.push(index);
    } else if (current !== null) hasValue = true;
  }
  const model = modelIsLast(args, free);
  for (const [index, arg] of args.entries()) {
    if (arg.startsWith('-') && options.includes(arg)) current = arg;
    if (free.includes(index) && index !== model && current !== null) spread.push(current);
    spread.push(arg);
  }
  return spread;
}

/** The last of the further values, where nothing stands before the first option that could be the model. */
function modelIsLast(args: readonly string[], free: readonly number[]): number | null {
  const first = args[0];
  return first !== undefined && !first.startsWith('-') ? null : (free.at(-1) ?? null);
}
