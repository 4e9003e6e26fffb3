import { parseArgs } from 'node:util';
import { resolve } from 'node:path';
import {
  defaultConfiguration,
  findConfiguration,
  loadConfiguration,
  type Configuration,
} from '../engine/configuration.ts';
import { nearest } from '../engine/nearest.ts';
import { WeighbridgeError } from '../errors.ts';

/** A subcommand's options, as `node:util` wants them. */
export type OptionTable = Record<string, { type: 'string' | 'boolean'; multiple?: boolean; short?: string }>;

/** The values of the options that were given. */
export type OptionValues = Record<string, string | boolean | (string | boolean)[] | undefined>;

/** Options that every subcommand has. */
export const commonOptions: OptionTable = {
  help: { type: 'boolean', short: 'h' },
  quiet: { type: 'boolean', short: 'q' },
  'no-color': { type: 'boolean' },
  config: { type: 'string' },
  jobs: { type: 'string' },
  'no-cache': { type: 'boolean' },
  format: { type: 'string' },
  output: { type: 'string', short: 'o' },
};

/** What help says of them. */
export const commonHelp = `Common options:
  --format FORMAT   How the result is printed (see above)
  -o, --output FILE Write the result to FILE instead of standard output
  --config FILE     Configuration; default: weighbridge.yaml, found upwards
  --jobs N          Workers at most; default: the number of processors
  --no-cache        Neither use nor write the cache
  -q, --quiet       Print only errors, and a report only in the JSON or SARIF that --format asks for
  --no-color        No colours
  -h, --help        This help
`;

/**
 * Reads the arguments of a subcommand.
 * @throws {WeighbridgeError} `bad-usage` naming the argument, with the nearest option.
 */
export function readArguments(
  command: string,
  args: string[],
  table: OptionTable,
): { values: OptionValues; positionals: string[] } {
  const options = { ...commonOptions, ...table };
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true, strict: true });
    return { values: values, positionals };
  } catch (cause) {
    throw new WeighbridgeError(
      'bad-usage',
      `${usageError(cause as Error, args, Object.keys(options))}; see "weighbridge ${command} --help"`,
      { cause },
    );
  }
}

function usageError(error: Error, args: string[], known: string[]): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
    const written = /'(-[^']*)'/.exec(error.message)?.[1] ?? args.find((arg) => arg.startsWith('-')) ?? '';
    const near = nearest(written.replace(/^-+/, '').replace(/=.*/s, ''), known);
    return `unknown option ${written}${near ? `; did you mean --${near}?` : ''}`;
  }
  const name = /'([^']*)'/.exec(error.message)?.[1];
  if (code === 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE' && name) {
    const takes = error.message.includes('does not take') ? 'takes no value' : 'needs a value';
    return `the option ${name.replace(/ <value>$/, '')} ${takes}`;
  }
  return error.message.split('\n', 1)[0] ?? '';
}

/** @throws {WeighbridgeError} `bad-usage` where something was given to a command that is told everything by options. */
export function requireNoMore(positionals: readonly string[]): void {
  if (positionals.length > 0) {
    throw new WeighbridgeError('bad-usage', `"${positionals[0]}" is not understood here: all is given by options`);
  }
}

/** @throws {WeighbridgeError} `bad-usage` when it is none of the values. */
export function choice<T extends string>(values: OptionValues, name: string, allowed: readonly T[], fallback: T): T {
  const value = values[name];
  if (value === undefined) return fallback;
  const found = allowed.find((each) => each === value);
  if (found !== undefined) return found;
  throw new WeighbridgeError('bad-usage', `--${name} must be ${allowed.join(', ')}, not "${String(value)}"`);
}

/** The text of an option, or undefined. */
export function text(values: OptionValues, name: string): string | undefined {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
}

/** The texts of an option that may be repeated. */
export function texts(values: OptionValues, name: string): string[] {
  const value = values[name];
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

export function flag(values: OptionValues, name: string): boolean {
  return values[name] === true;
}

/**
 * What an option says must count: one that would be passed over is refused.
 * @throws {WeighbridgeError} `bad-usage` where one of the options stands without the one that it belongs to.
 */
export function requireOwner(values: OptionValues, options: readonly string[], owner: string): void {
  const lost = owner in values ? undefined : options.find((name) => name in values);
  if (lost !== undefined) throw new WeighbridgeError('bad-usage', `--${lost} belongs to --${owner}`);
}

/** @throws {WeighbridgeError} `bad-usage`. */
export function jobs(values: OptionValues): number | undefined {
  const value = text(values, 'jobs');
  if (value === undefined) return undefined;
  if (/^[1-9]\d{0,2}$/.test(value)) return Number(value);
  throw new WeighbridgeError('bad-usage', `--jobs must be a number from 1 to 999, not "${value}"`);
}

/** The file that an option names, absolute; undefined when it is not given. */
export function file(values: OptionValues, name: string, cwd: string): string | undefined {
  const value = text(values, name);
  if (value === '') throw new WeighbridgeError('bad-usage', `--${name} needs the name of a file`);
  return value === undefined ? undefined : resolve(cwd, value);
}

/**
 * The configuration that `--config` names, or that is found from the working directory upwards.
 * @throws {WeighbridgeError} `not-found`, `unreadable` or `bad-config`.
 */
export async function configuration(values: OptionValues, cwd: string): Promise<Configuration> {
  const found = file(values, 'config', cwd) ?? findConfiguration(cwd);
  return found === null ? defaultConfiguration(cwd) : loadConfiguration(found);
}
