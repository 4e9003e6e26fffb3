import { posix } from 'node:path';
import { directoriesOf } from './directories.ts';
import { signatureCandidates, type SignatureCandidate } from './signatureFiles.ts';
import { compare } from './verdicts.ts';

/** One part of a scan that several machines share. */
export interface Shard {
  /** From 1 to `count`. */
  index: number;
  count: number;
}

/** A file that a scan found. */
export interface SizedPath {
  /** Relative to the scan's base, with `/`. */
  path: string;
  /** Bytes. */
  size: number;
}

/** What one shard is to do. All paths are relative to the base. */
export interface ShardWork {
  /** Files that are this shard's own. */
  files: Set<string>;
  /** Folders that this shard judges as folders. */
  folders: Set<string>;
  /** Files of those folders that other shards examine: only what they are is asked here. */
  companions: string[];
}

/** What opening a file costs, as bytes: many small files are work, too. */
const opening = 64 << 10;

/** More would be more parts than a job engine starts. */
export const mostShards = 10_000;

interface Unit {
  path: string;
  weight: number;
  files: string[];
  /** Folders that are judged with the unit. */
  folders: string[];
  /** It holds signatures, and verifying them takes what they cover. */
  signed: boolean;
}

/**
 * Splits the files of a scan so that all shards have about the same number of bytes, and so that no shard needs to know what
 * another one found: the files of a folder stay together, and so does everything below a folder that a signature covers. A folder
 * without signatures that is larger than a fair share is split by files; one shard judges it as a folder. The same files give the same split on
 * every machine (longest first, each to the shard that has least; Graham 1969).
 * @param base absolute.
 */
export function workOfShard(base: string, found: readonly SizedPath[], { index, count }: Shard): ShardWork {
  const units = unitsOf(base, found);
  const share = units.reduce((sum, { weight }) => sum + weight, 0) / count;
  const sizes = new Map(found.map(({ path, size }) => [path, size + opening]));
  const pieces: Unit[] = [];
  /** Folders that are split, with all their files. */
  const split = new Map<string, string[]>();
  for (const unit of units) {
    if (unit.weight <= share || unit.files.length === 1 || unit.signed) {
      pieces.push(unit);
      continue;
    }
    split.set(unit.path, unit.files);
    const ordered = [...unit.files].sort((a, b) => (sizes.get(b) ?? 0) - (sizes.get(a) ?? 0) || compare(a, b));
    for (const [at, path] of ordered.entries())
      pieces.push({
        path,
        weight: sizes.get(path) ?? 0,
        files: [path],
        folders: at === 0 ? unit.folders : [],
        signed: false,
      });
  }
  const own = assign(pieces, count)[index - 1] ?? [];
  const files = new Set(own.flatMap((piece) => piece.files));
  const folders = new Set(own.flatMap((piece) => piece.folders));
  const companions = [...folders].flatMap((folder) => split.get(folder) ?? []).filter((path) => !files.has(path));
  return { files, folders, companions };
}

/** Files that have to stay together, by folder; sorted by path. */
function unitsOf(base: string, found: readonly SizedPath[]): Unit[] {
  const byFolder = new Map<string, SizedPath[]>();
  for (const file of found) {
    const folder = posix.dirname(file.path);
    byFolder
      .set(folder, byFolder.get(folder) ?? [])
      .get(folder)
      ?.push(file);
  }
  const signatures = new Map<string, SignatureCandidate[]>();
  for (const [folder, files] of byFolder) {
    const names = files.map(({ path }) => posix.basename(path));
    const candidates = signatureCandidates(posix.join(base, folder), names);
    if (candidates.length > 0) signatures.set(folder, candidates);
  }
  const covering = new Set(
    [...signatures].filter(([, candidates]) => candidates.some(({ file }) => file === null)).map(([folder]) => folder),
  );
  const units = new Map<string, Unit>();
  for (const folder of directoriesOf(found.map(({ path }) => path))) {
    const top = coveredFrom(folder, covering);
    const path = top ?? folder;
    const unit = units.get(path) ?? { path, weight: 0, files: [], folders: [], signed: signatures.has(folder) };
    units.set(path, unit);
    unit.folders.push(folder);
    for (const file of byFolder.get(folder) ?? []) {
      unit.files.push(file.path);
      unit.weight += file.size + opening;
    }
  }
  return [...units.values()].sort((a, b) => compare(a.path, b.path));
}

/** The topmost folder around this one, or it itself, that a signature covers. */
function coveredFrom(folder: string, covering: ReadonlySet<string>): string | undefined {
  let top: string | undefined;
  for (let at = folder; ; at = posix.dirname(at)) {
    if (covering.has(at)) top = at;
    if (at === '.' || at === '/' || at === '..' || at.endsWith('/..')) return top;
  }
}

function assign(pieces: readonly Unit[], count: number): Unit[][] {
  const shards: Unit[][] = Array.from({ length: count }, () => []);
  const loads = new Array<number>(count).fill(0);
  for (const piece of [...pieces].sort((a, b) => b.weight - a.weight || compare(a.path, b.path))) {
    let least = 0;
    for (let at = 1; at < count; at++) if ((loads[at] ?? 0) < (loads[least] ?? 0)) least = at;
    shards[least]?.push(piece);
    loads[least] = (loads[least] ?? 0) + piece.weight;
  }
  return shards;
}
