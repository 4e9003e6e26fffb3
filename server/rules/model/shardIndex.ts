import { parseSafetensorsHeader } from '../../formats/safetensors/header.ts';
import type { ByteSource } from '../../formats/source.ts';
import type { DirectorySubject } from '../directory.ts';

/** Real indexes have a few megabytes at most: one line a tensor. */
const longestIndex = 32 << 20;
const indexesRead = 16;

/** A shard index as transformers and diffusers write it: `model.safetensors.index.json`. */
export interface ShardIndex {
  /** The index file's name. */
  name: string;
  /** Shard by tensor, as the index has it; null when the file is no index that can be read. */
  shards: ReadonlyMap<string, string> | null;
}

/** The indexes that stand in a directory. */
export function indexesIn(directory: DirectorySubject): ShardIndex[] {
  const names = directory.files.filter((name) => /\.index(?:\.\w+)?\.json$/i.test(name)).slice(0, indexesRead);
  return names.map((name) => ({ name, shards: directory.read(name, weightMap) }));
}

function weightMap(source: ByteSource): Map<string, string> | null {
  if (source.size > longestIndex) return null;
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(source.read(0, source.size)).toString('utf8'));
  } catch {
    return null;
  }
  const map = isRecord(parsed) ? parsed['weight_map'] : undefined;
  if (!isRecord(map)) return null;
  return new Map(
    Object.entries(map).flatMap(([tensor, shard]) => (typeof shard === 'string' ? [[tensor, shard]] : [])),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Why a shard's name leads out of the directory; null when it stays inside. */
export function escapeOf(shard: string): string | null {
  if (/^[a-z][a-z\d+.-]+:\/\//i.test(shard)) return 'is an address on the network';
  if (/^[/\\]/.test(shard) || /^[a-z]:/i.test(shard) || shard.startsWith('~')) return 'is an absolute path';
  if (shard.split(/[/\\]/).includes('..')) return 'climbs out of the directory';
  return shard.includes('\0') ? 'holds a NUL character' : null;
}

/** Names of the tensors of a safetensors file; null when it cannot be read whole. */
export function tensorsOf(directory: DirectorySubject, name: string): Set<string> | null {
  return directory.read(name, (source) => {
    const header = parseSafetensorsHeader(source);
    if (header.tensors.length !== header.tensorCount || header.problems.length > 0) return null;
    return new Set(header.tensors.map((tensor) => tensor.name));
  });
}
