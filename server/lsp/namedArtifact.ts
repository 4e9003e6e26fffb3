import { statSync } from 'node:fs';
import path from 'node:path';
import { isWithin } from './address.ts';
import type { Folder } from './folder.ts';
import type { NamedPath } from './namedPath.ts';

/** Names that are looked up on the disk when no scan has seen them yet. */
const modelName =
  /\.(?:pkl|pickle|pt|pth|ckpt|joblib|dill|npy|npz|safetensors|gguf|ggml|onnx|h5|hdf5|keras|pb|tflite|bin|pdparams|mlmodel|pte|nemo|mar)$/i;

export interface NamedArtifact {
  /** Absolute. */
  path: string;
  kind: 'file' | 'directory';
}

/**
 * The model file, or the folder with models, that a text means by a path: beside the text, or below any folder above it
 * up to the workspace folder, because jobs are started from the root of their repository.
 *
 * @param from absolute path of the text.
 */
export function namedArtifact(folder: Folder, from: string, { text, bare }: NamedPath): NamedArtifact | null {
  const mayBeFolder = !bare || text.includes('/');
  for (const candidate of candidates(folder.path, from, text)) {
    if (folder.result(candidate)?.artifact) return { path: candidate, kind: 'file' };
    if (mayBeFolder && folder.artifactsBelow(candidate).length > 0) return { path: candidate, kind: 'directory' };
    if (modelName.test(candidate) && statSync(candidate, { throwIfNoEntry: false })?.isFile() === true) {
      return { path: candidate, kind: 'file' };
    }
  }
  return null;
}

function candidates(base: string, from: string, written: string): string[] {
  const plain = written.replace(/^file:\/\//, '').replaceAll('\\', '/');
  if (plain.length > 1024 || plain.includes('\0') || /^[a-z][a-z0-9+.-]+:\/\//i.test(plain)) return [];
  // `.` and `/` are the folder itself, which no one asks about.
  if (/^[./]*$/.test(plain)) return [];
  if (path.isAbsolute(plain)) return isWithin(base, plain) ? [path.normalize(plain)] : [];
  const found = new Set<string>();
  for (let around = path.dirname(from); isWithin(base, around); around = path.dirname(around)) {
    const candidate = path.join(around, plain);
    if (isWithin(base, candidate) && candidate !== base) found.add(candidate);
    if (around === base || path.dirname(around) === around) break;
  }
  return [...found];
}
