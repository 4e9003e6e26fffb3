/** Digests of one file. `md5-dos2unix` is that of DVC before 3.0: text with its CRLF turned into LF. */
export type FileAlgorithm = 'md5' | 'md5-dos2unix' | 'sha1' | 'sha256' | 'sha512';

/**
 * Digests of a folder. `md5-dir` and `md5-dos2unix-dir` are DVC's. `sha256-tree` is SHA-256 of what `sha256sum` prints for all
 * files, sorted by the bytes of their paths: anybody can compute it without this tool.
 */
export type FolderAlgorithm = 'md5-dir' | 'md5-dos2unix-dir' | 'sha256-tree';

export type DatasetAlgorithm = FileAlgorithm | FolderAlgorithm;

/** What is hashed in the files of a folder. */
export const filesHashedBy: Record<FolderAlgorithm, FileAlgorithm> = {
  'md5-dir': 'md5',
  'md5-dos2unix-dir': 'md5-dos2unix',
  'sha256-tree': 'sha256',
};

/** Length of each digest in hexadecimal digits. */
export const digestLengths: Record<DatasetAlgorithm, number> = {
  md5: 32,
  'md5-dos2unix': 32,
  'md5-dir': 32,
  'md5-dos2unix-dir': 32,
  sha1: 40,
  sha256: 64,
  'sha256-tree': 64,
  sha512: 128,
};

/** What collisions are known for, or are cheap. */
export const weakAlgorithms: ReadonlySet<DatasetAlgorithm> = new Set([
  'md5',
  'md5-dos2unix',
  'md5-dir',
  'md5-dos2unix-dir',
  'sha1',
]);

export function isFolderAlgorithm(algorithm: DatasetAlgorithm): algorithm is FolderAlgorithm {
  return Object.hasOwn(filesHashedBy, algorithm);
}

/** What a file or folder is, measured. Plain data that can be sent to a worker. */
export interface Measured {
  /** Hexadecimal, lower case. */
  digest: string;
  /** Bytes; of a folder, of all files that count. */
  size: number;
  /** 1 for a file. */
  files: number;
}
