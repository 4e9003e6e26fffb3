import type { Difference } from './contract.ts';
import type { ModelFiles } from './modelFiles.ts';
import { byCodePoints } from './resourceNames.ts';
import type { SignedManifest } from './statement.ts';

export interface Comparison {
  /** All of them, sorted by path. */
  differences: Difference[];
  /** Files that exist and are not signed, whether or not that is a difference; sorted. */
  unsigned: string[];
  /** Links and special files among the differences. */
  odd: ModelFiles['odd'];
  warnings: string[];
}

/**
 * Compares what is signed with what is there.
 * @param digests of the files that are signed and there, by path.
 * @param ignoreUnsigned files that are not signed are no difference.
 */
export function compareFiles(
  manifest: SignedManifest,
  found: ModelFiles,
  digests: ReadonlyMap<string, readonly string[]>,
  ignoreUnsigned: boolean,
): Comparison {
  const differences: Difference[] = [];
  const unsigned: string[] = [];
  const seen = new Set<string>();
  const odd = found.odd.filter(({ path }) => !ignoreUnsigned || manifest.files.has(path));
  for (const { path, stat } of found.files) {
    const signed = manifest.files.get(path);
    seen.add(path);
    if (!signed) {
      unsigned.push(path);
      // Shards of an empty file are none: it cannot be signed, and the reference passes it.
      const cannotBeSigned = manifest.shardSize !== null && stat.size === 0n;
      if (!ignoreUnsigned && !cannotBeSigned) differences.push({ path, kind: 'extra' });
    } else if (!equal(signed, digests.get(path))) differences.push({ path, kind: 'changed' });
  }
  for (const { path } of found.odd) {
    seen.add(path);
    if (!manifest.files.has(path)) unsigned.push(path);
  }
  for (const { path } of odd) differences.push({ path, kind: manifest.files.has(path) ? 'changed' : 'extra' });
  for (const path of manifest.files.keys()) if (!seen.has(path)) differences.push({ path, kind: 'missing' });
  const tolerated = ignoreUnsigned && unsigned.length > 0;
  return {
    differences: differences.sort((a, b) => byCodePoints(a.path, b.path)),
    unsigned: unsigned.sort(byCodePoints),
    odd,
    warnings: [
      ...(tolerated ? ['Files that are not signed were passed over, as asked.'] : []),
      ...odd.map(({ path, what }) => `${path} is ${what}.`),
    ],
  };
}

function equal(signed: readonly string[], actual: readonly string[] | undefined): boolean {
  return actual?.length === signed.length && signed.every((digest, index) => digest === actual[index]);
}
