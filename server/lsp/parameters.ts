import { ErrorCodes, ResponseError } from 'vscode-languageserver/node';

/** The fields that a method cannot do without. `number`: an integer from 0 on, which all ours are; `texts`: a list of strings. */
export type Fields = Record<string, 'string' | 'number' | 'object' | 'texts'>;

/**
 * Looks at what a client sent, which need not be what the protocol says.
 * @param method how the client knows it, for the message.
 * @throws {ResponseError} `InvalidParams`, naming what is missing.
 */
export function requireFields(method: string, params: unknown, fields: Fields): void {
  if (typeof params !== 'object' || params === null || Array.isArray(params)) {
    throw new ResponseError(ErrorCodes.InvalidParams, `${method} needs an object as its parameter.`);
  }
  for (const [name, kind] of Object.entries(fields)) {
    const value = (params as Record<string, unknown>)[name];
    if (fits(value, kind)) continue;
    throw new ResponseError(ErrorCodes.InvalidParams, `${method} needs ${words[kind]} as "${name}".`);
  }
}

const words = {
  string: 'a string',
  number: 'a number that is an integer from 0 on',
  object: 'an object',
  texts: 'a list of strings',
};

function fits(value: unknown, kind: Fields[string]): boolean {
  if (kind === 'number') return Number.isSafeInteger(value) && Number(value) >= 0;
  if (kind === 'texts') return Array.isArray(value) && value.every((each) => typeof each === 'string');
  return typeof value === kind && value !== null && !Array.isArray(value);
}
