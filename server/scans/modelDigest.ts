import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { WeighbridgeError } from '../errors.ts';

/** SHA-256 of the file, as gates know evidence to be about it. @throws {WeighbridgeError} `not-found`. */
export async function modelDigest(model: string): Promise<string> {
  if (!existsSync(model)) throw new WeighbridgeError('not-found', `${model} does not exist.`);
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(model)) hash.update(chunk as Buffer);
  return `sha256:${hash.digest('hex')}`;
}
