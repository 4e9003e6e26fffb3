import { statSync } from 'node:fs';
import { join } from 'node:path';
import { WeighbridgeError } from '../../errors.ts';
import { onDisk } from '../../files/diskPath.ts';

/**
 * The ONNX file of a text-embedding model's folder, as sentence-transformers and Optimum name it.
 * @throws {WeighbridgeError} `not-found`.
 */
export function textModelFile(folder: string): string {
  const file = ['model.onnx', join('onnx', 'model.onnx')].map((name) => join(folder, name)).find(isFile);
  if (file !== undefined) return file;
  throw new WeighbridgeError(
    'not-found',
    `${folder} holds no model.onnx: name the folder of an ONNX export of a text-embedding model`,
  );
}

export function isFile(file: string): boolean {
  return statSync(onDisk(file), { throwIfNoEntry: false })?.isFile() === true;
}
