import { posix } from 'node:path';
import type { DatasetRegister, RegisteredData } from './facts.ts';
import { isDigest } from './source.ts';

/** What a register says of some data. */
export interface Coverage {
  /** Of the register; paths are all relative to one base. */
  path: string;
  register: DatasetRegister;
  data: RegisteredData;
  /** `same`: it speaks of just this. `around`: of a folder that holds it. `inside`: of a part of it. */
  relation: 'same' | 'around' | 'inside';
  /** Where what it speaks of is. */
  of: string;
}

/** What is asked of the files of a workspace; paths are relative to its base. */
export interface RegisterFiles {
  register(path: string): DatasetRegister | null;
  /** Names in a folder. */
  names(folder: string): readonly string[];
}

/** Names under which registers stand beside data. */
const usual = [
  'provenance.json',
  'dvc.lock',
  'datapackage.json',
  'croissant.json',
  'croissant_metadata.json',
  'metadata.json',
  'dataset_infos.json',
  'dataset-metadata.json',
  'README.md',
];

/** How many folders above data registers are looked for. */
const levels = 64;

/**
 * What the registers beside data, and in the folders above it, say of it. Looking in these places only keeps the answer
 * the same however much of a workspace was read.
 */
export function coverageOf(path: string, isFolder: boolean, files: RegisterFiles): Coverage[] {
  const found: Coverage[] = [];
  const look = (file: string) => {
    const register = files.register(file);
    if (!register) return;
    for (const data of register.data) {
      if (data.path === null) continue;
      const of = posix.isAbsolute(data.path)
        ? data.path
        : posix.normalize(posix.join(posix.dirname(file), data.path)).replace(/(?<=.)\/$/, '');
      const relation = relationOf(path, of);
      if (relation) found.push({ path: file, register, data, relation, of });
    }
  };
  if (isFolder) {
    for (const name of usual) look(posix.join(path, name));
    for (const name of files.names(path)) if (name.endsWith('.dvc') && name !== '.dvc') look(posix.join(path, name));
  }
  let at = path;
  for (let level = 0; level < levels && at !== '.'; level++) {
    const folder = posix.dirname(at);
    const component = posix.basename(at);
    look(posix.join(folder, `${component}.dvc`));
    look(posix.join(folder, `${component.replace(/\.[^.]*$/, '')}.croissant.json`));
    for (const name of usual) look(posix.join(folder, name));
    at = folder;
  }
  return found;
}

function relationOf(path: string, of: string): Coverage['relation'] | null {
  if (of === path) return 'same';
  if (of === '.' || path.startsWith(`${of}/`)) return 'around';
  return path === '.' || of.startsWith(`${path}/`) ? 'inside' : null;
}

/** Whether it says what the data is, so that a change would show. */
export function holdsDigest({ data }: Pick<Coverage, 'data'>): boolean {
  return data.digests.some(isDigest);
}
