import { lstatSync } from 'node:fs';
import { isCycloneDx } from '../aibom/findAibom.ts';
import { WeighbridgeError } from '../errors.ts';
import { writeAtomically } from '../files/atomicWrite.ts';
import { write, type Io } from './io.ts';

/**
 * Writes a document to a file, whole or not at all, or to standard output. Only a bill of materials is replaced.
 * @throws {WeighbridgeError} `exists` where something else stands; `unwritable`.
 */
export async function writeDocument(text: string, out: string | undefined, io: Io): Promise<void> {
  if (out === undefined) return write(io.stdout, text);
  const there = lstatSync(out, { throwIfNoEntry: false });
  if (there && !(there.isFile() && (there.size === 0 || isCycloneDx(out)))) {
    throw new WeighbridgeError(
      'exists',
      `${out} is there, and is no bill of materials: name another file, so that nothing is lost`,
    );
  }
  await writeAtomically(out, { overwrite: true }, (file) => file.writeFile(text));
}
