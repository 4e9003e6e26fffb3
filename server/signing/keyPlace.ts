import { basename } from 'node:path';
import { WeighbridgeError } from '../errors.ts';
import { modelRoot, pathIn } from './modelFiles.ts';

/**
 * A private key in a model's folder goes wherever the model goes, whether it is signed along or left out.
 * @param model absolute. @param key absolute path of the private key.
 * @throws {WeighbridgeError} `refused`; and what finding the model throws.
 */
export function refuseKeyInModel(model: string, key: string): void {
  if (pathIn(modelRoot(model).root, key) === null) return;
  throw new WeighbridgeError(
    'refused',
    `The private key ${basename(key)} lies in the model's own folder, and would travel with the model: move it elsewhere.`,
  );
}
