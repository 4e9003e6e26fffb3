import { posix } from 'node:path';
import { lfsObjectPath, lfsPointer } from '../aibom/lfsPointer.ts';
import { filesHashedBy, isFolderAlgorithm } from '../datasets/hashing/algorithms.ts';
import { folderDigest } from '../datasets/hashing/folderListing.ts';
import { isRecordFile } from '../datasets/record/record.ts';
import { coverageOf } from '../datasets/registers/coverage.ts';
import { registerOf } from '../datasets/registers/readRegister.ts';
import { frontMatter, textLanguage } from '../formats/text/parse.ts';
import { parseJson } from '../formats/text/json.ts';
import { parseYaml } from '../formats/text/yaml.ts';
import { hasherOf } from '../signing/hashing/hasher.ts';
import type { DatasetWorkspace } from './text.ts';

/** What rules may ask about data, over files in memory: everything is known at once. */
export function datasetsOf(files: ReadonlyMap<string, Uint8Array>): DatasetWorkspace {
  const inside = (folder: string) =>
    [...files.keys()].filter((path) => folder === '.' || path.startsWith(`${folder}/`));
  const digest = (bytes: Uint8Array, algorithm: 'md5' | 'md5-dos2unix' | 'sha1' | 'sha256' | 'sha512'): string => {
    const hasher = hasherOf(algorithm);
    hasher.update(bytes);
    return hasher.digest();
  };
  const parsed = (path: string) => {
    const language = textLanguage(path);
    const bytes = files.get(path);
    if (!bytes || (language !== 'yaml' && language !== 'json' && language !== 'card')) return undefined;
    const text = Buffer.from(bytes).toString('utf8');
    const result = language === 'json' ? parseJson(text) : parseYaml(language === 'card' ? frontMatter(text) : text);
    return { ...result, text };
  };
  return {
    now: Date.parse('2026-06-01T00:00:00Z'),
    find(reference, from, where) {
      const at = posix.normalize(posix.join(posix.dirname(from), reference)).replace(/\/$/, '');
      for (const path of where === 'beside' ? [at] : [at, posix.normalize(reference).replace(/\/$/, '')]) {
        const bytes = files.get(path);
        if (bytes) {
          const pointer = lfsPointer(bytes);
          const object = pointer && lfsObjectPath(pointer);
          const placed = pointer && { ...pointer, object: object !== null && files.has(object) ? object : null };
          return { path, isFolder: false, size: bytes.length, pointer: placed };
        }
        if (path !== '.' && inside(path).length > 0) return { path, isFolder: true, size: 0, pointer: null };
      }
      return undefined;
    },
    measured(path, algorithm) {
      if (!isFolderAlgorithm(algorithm)) {
        const bytes = files.get(path);
        return bytes ? { digest: digest(bytes, algorithm), size: bytes.length, files: 1 } : null;
      }
      const held = inside(path)
        .filter((file) => algorithm !== 'sha256-tree' || !isRecordFile(posix.relative(path, file)))
        .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      const bytes = held.map((file) => files.get(file) ?? new Uint8Array(0));
      return {
        digest: folderDigest(
          algorithm,
          held.map((file) => posix.relative(path, file)),
          bytes.map((each) => digest(each, filesHashedBy[algorithm])),
        ),
        size: bytes.reduce((sum, { length }) => sum + length, 0),
        files: held.length,
      };
    },
    coverage: (path, isFolder) =>
      coverageOf(path, isFolder, {
        register(file) {
          const text = parsed(file);
          return text ? registerOf({ path: file, ...text }) : null;
        },
        names: (folder) => inside(folder).map((file) => posix.relative(folder, file)),
      }),
    scalars: (path) => parsed(path)?.scalars,
    keepsRecords: (path) =>
      [...files.keys()].some((file) => /(?:provenance\.json|dvc\.lock|\.dvc)$/.test(file) && path !== file),
  };
}
