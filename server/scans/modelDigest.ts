import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { WeighbridgeError } from '../errors.ts';
import { ModelFile } from './runtime/modelFile.ts';

/** A file of weights beside a model. */
export interface DataDigest {
  /** From the model's folder, with `/`. */
  path: string;
  /** `sha256:` and hexadecimal. */
  digest: string;
}

/** The bytes that a scan is about, as gates know evidence to be about them. */
export interface ModelDigest {
  /** SHA-256 of the model's own file: `sha256:` and hexadecimal. */
  digest: string;
  /** The files that hold its weights, by name; absent where all stand in the model's own. */
  data?: DataDigest[];
}

/** @throws {WeighbridgeError} `not-found`. */
export async function modelDigest(model: string): Promise<ModelDigest> {
  if (!existsSync(model)) throw new WeighbridgeError('not-found', `${model} does not exist.`);
  const [digest, data] = await Promise.all([sha256(model), dataDigests(model)]);
  return data.length === 0 ? { digest } : { digest, data };
}

/** Of the weights that an ONNX model has in other files. What cannot be scanned has none: the scan says why. */
export async function dataDigests(model: string): Promise<DataDigest[]> {
  return Promise.all(
    dataFilesOf(model).map(async (path) => ({ path, digest: await sha256(join(dirname(model), path)) })),
  );
}

/** One text for all of the bytes. */
export const digestText = ({ digest, data = [] }: ModelDigest): string =>
  [digest, ...data.map((file) => `${file.path} ${file.digest}`)].join('\n');

function dataFilesOf(model: string): readonly string[] {
  let file: ModelFile | null = null;
  try {
    file = new ModelFile(model);
    return file.dataFiles;
  } catch (error) {
    if (error instanceof WeighbridgeError) return [];
    throw error;
  } finally {
    file?.source.close();
  }
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return `sha256:${hash.digest('hex')}`;
}
