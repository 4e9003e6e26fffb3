import { isFolderAlgorithm } from '../../datasets/hashing/algorithms.ts';
import type { Located, RegisteredData } from '../../datasets/registers/facts.ts';
import { placeOf } from '../load/place.ts';
import { defineRule } from '../rule.ts';
import type { DatasetWorkspace, NamedData } from '../text.ts';
import { provenanceMappings } from './mappings.ts';
import { compare, dataOf, isCode, registerIn } from './registersIn.ts';

export const sizeMismatch = defineRule({
  subject: 'text',
  meta: {
    id: 'dataset/size-mismatch',
    title: 'The data is larger or smaller than was recorded',
    severity: 'error',
    description:
      'A register records how many bytes data has, or how many files a folder holds (`size`, `nfiles`, `bytes`, `contentSize` in bytes), and the local data has more or fewer. Where the hash beside it differs, too, that is said instead (`dataset/hash-mismatch`), with both sizes.',
    why: 'Data of another size is not the data that was recorded, whatever its hash field says: rows or files were added, or are missing.',
    howToFix:
      'Find out what was added or lost (`dvc diff`, `git log` of the record). Go back to the recorded data, or validate the change and record it.',
    avoid: [
      {
        file: 'data/train.csv.dvc',
        text: 'outs:\n- md5: 4c176a5d418613c562f4ea298ad505a1\n  size: 15\n  hash: md5\n  path: train.csv\n',
        beside: [{ file: 'data/train.csv', text: 'text,label\nhi,1\n' }],
        note: 'The file has 16 bytes.',
      },
    ],
    prefer: [
      {
        file: 'data/train.csv.dvc',
        text: 'outs:\n- md5: 4c176a5d418613c562f4ea298ad505a1\n  size: 16\n  hash: md5\n  path: train.csv\n',
        beside: [{ file: 'data/train.csv', text: 'text,label\nhi,1\n' }],
      },
    ],
    references: [
      { title: 'DVC documentation: .dvc files', url: 'https://dvc.org/doc/user-guide/project-structure/dvc-files' },
    ],
    ...provenanceMappings,
  },
  check(text, report) {
    const { datasets } = text.workspace;
    for (const entry of registerIn(text)?.data ?? []) {
      if (!entry.size && !entry.files) continue;
      const data = dataOf(entry, text.path, datasets);
      if (!data || (entry.role === 'input' && isCode(entry.path ?? ''))) continue;
      if (entry.digests.some((digest) => compare(digest, data, datasets)?.matches === false)) continue;
      const say = (recorded: Located<number>, actual: number, unit: string) => {
        if (recorded.value === actual) return;
        report({
          message: `${entry.name} has ${actual.toLocaleString('en')} ${unit}, and ${recorded.value.toLocaleString('en')} were recorded. Find out what was ${actual > recorded.value ? 'added' : 'lost'}, then go back or record the change.`,
          location: placeOf(recorded.range),
          evidence: { file: entry.path, recorded: recorded.value, actual, unit },
          related: [{ path: data.path, message: 'The data as it is now' }],
        });
      };
      const now = sizesOf(entry, data, datasets);
      if (entry.size && now) say(entry.size, now.size, 'bytes');
      if (entry.files && now && data.isFolder) say(entry.files, now.files, now.files === 1 ? 'file' : 'files');
    }
  },
});

/** A folder's size is known with its digest; a file's needs no reading. */
function sizesOf(
  entry: RegisteredData,
  data: NamedData,
  datasets: DatasetWorkspace,
): { size: number; files: number } | null {
  if (data.pointer) return { size: data.pointer.size, files: 1 };
  if (!data.isFolder) return { size: data.size, files: 1 };
  const algorithm = entry.digests
    .map((digest) => digest.algorithm)
    .find((each) => each !== null && isFolderAlgorithm(each));
  return algorithm ? (datasets.measured(data.path, algorithm) ?? null) : null;
}
