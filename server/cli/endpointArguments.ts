import { readFileSync } from 'node:fs';
import { WeighbridgeError } from '../errors.ts';
import { reasonOf } from '../files/reason.ts';
import type { EndpointOptions } from '../runtime/endpoints/endpoint.ts';
import { text, type OptionValues } from './options.ts';

/** @throws {WeighbridgeError} `bad-usage`. */
export function number(values: OptionValues, name: string, fallback: number, least: number, most: number): number {
  const given = text(values, name);
  if (given === undefined) return fallback;
  const value = Number(given);
  if (given.trim() !== '' && value >= least && value <= most) return value;
  throw new WeighbridgeError('bad-usage', `--${name} must be a number from ${least} to ${most}, not "${given}"`);
}

export function whole(values: OptionValues, name: string, fallback: number, least: number, most: number): number {
  const value = number(values, name, fallback, least, most);
  if (Number.isInteger(value)) return value;
  throw new WeighbridgeError('bad-usage', `--${name} must be a whole number, not "${value}"`);
}

/**
 * The key of an endpoint, from the environment. Nothing of it is ever part of a message.
 * @throws {WeighbridgeError} `bad-usage` when the variable that a person named is not set, or holds what no header can: to ask without a
 * key, or again and again in vain, would not say so.
 */
export function keyOf(values: OptionValues, environment: NodeJS.ProcessEnv): string | undefined {
  const named = text(values, 'key-variable');
  const variable = named ?? 'WEIGHBRIDGE_ENDPOINT_KEY';
  const key = environment[variable]?.trim() ?? '';
  if (key === '') {
    if (named === undefined) return undefined;
    throw new WeighbridgeError('bad-usage', `the environment variable ${named} holds no key: set it`);
  }
  if (!/^[\x21-\x7e]+$/.test(key)) {
    throw new WeighbridgeError(
      'bad-usage',
      `the key in ${variable} holds characters that no HTTP header can have: copy it again`,
    );
  }
  return key;
}

/** The template that `--template` names, for the protocol json. */
export function templateOf(path: string | undefined): NonNullable<EndpointOptions['template']> {
  if (path === undefined)
    throw new WeighbridgeError('bad-usage', 'the protocol json needs --template FILE: {"body": ..., "output": "path"}');
  let value: unknown;
  try {
    value = JSON.parse(readText(path));
  } catch (error) {
    if (error instanceof WeighbridgeError) throw error;
    throw new WeighbridgeError('bad-input', `${path} is not JSON`);
  }
  const { body, output } = (value ?? {}) as { body?: unknown; output?: unknown };
  if (body === undefined || typeof output !== 'string' || !JSON.stringify(body).includes('{{input}}')) {
    throw new WeighbridgeError(
      'bad-input',
      `${path} must be {"body": ..., "output": "path"}, with {{input}} somewhere in the body`,
    );
  }
  return { body, output };
}

/** @throws {WeighbridgeError} `unreadable`. */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new WeighbridgeError('unreadable', `cannot read ${path}: ${reasonOf(cause)}`, { cause });
  }
}
