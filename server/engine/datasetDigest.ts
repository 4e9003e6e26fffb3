import { createHash, type Hash } from 'node:crypto';
import { type BigIntStats, closeSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { onDisk } from '../files/diskPath.ts';
import { entriesOf } from '../files/folderEntries.ts';

type FileAlgorithm = 'md5' | 'md5-dos2unix' | 'sha256';

export type DigestAlgorithm = FileAlgorithm | 'md5-dir';

const blockSize = 1 << 20;

/** How many files one dataset folder may hold before it is not hashed. */
const mostFiles = 1_000_000;

/**
 * Hex digest of a file, or of a folder (`md5-dir`, as DVC does it), read in blocks of 1 MiB.
 * Undefined when it is not there, cannot be read, or is not what the algorithm hashes.
 * @param beat is called for each block, so that who waits knows that work goes on.
 */
export function datasetDigest(path: string, algorithm: DigestAlgorithm, beat?: () => void): string | undefined {
  try {
    const stat = statSync(onDisk(path), { throwIfNoEntry: false, bigint: true });
    if (!stat) return undefined;
    if (algorithm === 'md5-dir') return stat.isDirectory() ? folderDigest(path, beat) : undefined;
    return stat.isFile() ? remembered(path, stat, algorithm, beat) : undefined;
  } catch {
    return undefined;
  }
}

/** Digests of unchanged files: an editor judges a manifest again with every change of its text. */
const known = new Map<string, string>();
const mostKnown = 10_000;

function remembered(path: string, stat: BigIntStats, algorithm: FileAlgorithm, beat?: () => void): string {
  const key = `${algorithm} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs} ${stat.ino} ${path}`;
  let digest = known.get(key);
  if (digest === undefined) {
    digest = fileDigest(path, algorithm, beat);
    if (known.size >= mostKnown) known.clear();
    known.set(key, digest);
  }
  return digest;
}

function fileDigest(path: string, algorithm: FileAlgorithm, beat?: () => void): string {
  const hash = createHash(algorithm === 'sha256' ? 'sha256' : 'md5');
  const add = algorithm === 'md5-dos2unix' ? unixLines(hash) : (block: Uint8Array) => void hash.update(block);
  const block = new Uint8Array(blockSize);
  const descriptor = openSync(onDisk(path), 'r');
  try {
    for (let length = readSync(descriptor, block); length > 0; length = readSync(descriptor, block)) {
      add(block.subarray(0, length));
      beat?.();
    }
  } finally {
    closeSync(descriptor);
  }
  return hash.digest('hex');
}

/**
 * DVC's digest of a folder: the MD5 of Python's `json.dumps` of its files, sorted by path in code-point order
 * (dvc_data/hashfile/tree.py).
 */
function folderDigest(folder: string, beat?: () => void): string | undefined {
  const files: string[] = [];
  const open = [''];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const entry of entriesOf(join(folder, at))) {
      const path = at === '' ? entry.name : `${at}/${entry.name}`;
      if (entry.isDirectory()) open.push(path);
      else if (entry.name !== '.dvcignore') files.push(path);
      if (files.length > mostFiles) return undefined;
    }
  }
  files.sort(byCodePoint);
  const items = files.map((path) => {
    const md5 = fileDigest(join(folder, path), 'md5', beat);
    return `{"md5": "${md5}", "relpath": ${pythonString(path)}}`;
  });
  return createHash('md5')
    .update(`[${items.join(', ')}]`)
    .digest('hex');
}

/** JavaScript compares UTF-16 units, which puts astral characters before U+E000..U+FFFF; UTF-8 bytes sort as code points do. */
function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** As Python's `json.dumps` writes it: everything outside ASCII escaped. */
function pythonString(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\uffff]/g, (unit) =>
    unit === '\u007f' ? unit : `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

const textCharacters = new Uint8Array(256);
for (const code of [8, 9, 10, 12, 13]) textCharacters[code] = 1;
for (let code = 32; code < 127; code++) textCharacters[code] = 1;

/**
 * The legacy `md5-dos2unix`: each chunk of 1 MiB is taken for text, and its CRLF for LF, when its first 512 bytes hold no
 * NUL and at most 30 % other bytes (dvc_data/hashfile/istextfile.py).
 */
function unixLines(hash: Hash): (block: Uint8Array) => void {
  return (block) => {
    const head = block.subarray(0, 512);
    let strange = 0;
    for (const byte of head) strange += textCharacters[byte] ? 0 : 1;
    const isText = !head.includes(0) && strange <= head.length * 0.3;
    hash.update(isText ? withoutCarriageReturns(block) : block);
  };
}

function withoutCarriageReturns(block: Uint8Array): Uint8Array {
  const kept = new Uint8Array(block.length);
  let length = 0;
  for (let index = 0; index < block.length; index++) {
    if (block[index] === 13 && block[index + 1] === 10) continue;
    kept[length++] = block[index] ?? 0;
  }
  return kept.subarray(0, length);
}
