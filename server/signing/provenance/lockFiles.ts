import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import type { Resource } from './resource.ts';

/** What pins the libraries of a training run, the stricter first. */
const names = [
  'uv.lock',
  'poetry.lock',
  'pdm.lock',
  'pixi.lock',
  'Pipfile.lock',
  'conda-lock.yml',
  'requirements.lock',
  'requirements.txt',
  'environment.yml',
];

const longestFile = 64 << 20;

/** The lock files of the nearest folder that has any, from the model's up to the top of the repository. */
export function lockFiles(folder: string, top: string): Resource[] {
  for (let at = folder; ; at = dirname(at)) {
    const found = names.flatMap((name) => lockFile(join(at, name), top));
    if (found.length > 0 || at === top || dirname(at) === at) return found;
  }
}

function lockFile(path: string, top: string): Resource[] {
  try {
    const stat = statSync(path);
    if (!stat.isFile() || stat.size > longestFile) return [];
    const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex');
    const name = relative(top, path).split(sep).join('/');
    return [{ name, digest: { sha256 }, annotations: { role: 'lock-file', readFrom: name } }];
  } catch {
    return [];
  }
}
