import { createRequire } from 'node:module';
import { WeighbridgeError } from '../errors.ts';
import type * as Programs from './fleet/programs.ts';

/**
 * The code of fleets and of `serve`, with its clients of Redis and PostgreSQL: a bundle of its own, which other commands never load and
 * the extension does not hold.
 * @throws {WeighbridgeError} `not-found` in the extension.
 */
export async function fleetPrograms(): Promise<typeof Programs> {
  if (import.meta.url.endsWith('.ts')) {
    const source = './fleet/programs.ts';
    return (await import(new URL(source, import.meta.url).href)) as typeof Programs;
  }
  try {
    return createRequire(import.meta.url)('./fleet.cjs') as typeof Programs;
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code !== 'MODULE_NOT_FOUND' || !message.includes('fleet.cjs')) throw cause;
    throw new WeighbridgeError(
      'not-found',
      'fleets are not part of the editor extension; install the command: npm install --global weighbridge',
      { cause },
    );
  }
}
