import { stampOf } from './hashing/digestFile.ts';
import { ModelChanged } from './hashing/digestFiles.ts';
import { findModelFiles, type FindOptions, type ModelFiles } from './modelFiles.ts';

/**
 * Looks at the model again, after its files were hashed.
 * @param concerns which paths matter; all unless told.
 * @throws {ModelChanged} when a file came, went, or is another: what was hashed was then never all there at the same time.
 */
export async function refuseChanged(
  root: string,
  isFile: boolean,
  options: FindOptions,
  before: ModelFiles,
  concerns: (path: string) => boolean = () => true,
): Promise<void> {
  const after = await findModelFiles(root, isFile, options);
  const stamps = new Map(before.files.map(({ path, stat }) => [path, stampOf(stat)]));
  const strange = new Set(before.odd.map(({ path }) => path));
  for (const { path } of after.odd) if (concerns(path) && !strange.has(path)) throw new ModelChanged(path, 'was added');
  for (const { path, stat } of after.files) {
    if (!concerns(path)) continue;
    const stamp = stamps.get(path);
    if (stamp === undefined) throw new ModelChanged(path, 'was added');
    if (stamp !== stampOf(stat)) throw new ModelChanged(path, 'was written to');
    stamps.delete(path);
  }
  const gone = [...stamps.keys()].find(concerns);
  if (gone !== undefined) throw new ModelChanged(gone, 'was removed');
}
