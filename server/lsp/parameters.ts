import { ErrorCodes, ResponseError } from 'vscode-languageserver/node';

/** The fields that a method cannot do without. `number`: an integer from 0 on, which all ours are. */
export type Fields = Record<string, 'string' | 'number'>;

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
    const fits = kind === 'string' ? typeof value === 'string' : Number.isSafeInteger(value) && Number(value) >= 0;
    if (fits) continue;
    const what = kind === 'string' ? 'a string' : 'a number that is an integer from 0 on';
    throw new ResponseError(ErrorCodes.InvalidParams, `${method} needs ${what} as "${name}".`);
  }
}
