import { readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { onDisk } from '../files/diskPath.ts';
import { entriesOf } from '../files/folderEntries.ts';
import { beginsAsBom } from './folder.ts';
import { isAibomName, usualName } from './names.ts';
import { longestDocument } from './validate/document.ts';

/**
 * The bill of materials beside a model: the usual name first, then any by its name, that is CycloneDX JSON.
 * @returns its absolute path, or null.
 */
export function findAibom(model: string): string | null {
  const absolute = resolve(model);
  const folder = statSync(onDisk(absolute), { throwIfNoEntry: false })?.isDirectory() ? absolute : dirname(absolute);
  let names: string[];
  try {
    names = entriesOf(folder)
      .filter((entry) => !entry.isDirectory())
      .map(({ name }) => name);
  } catch {
    return null;
  }
  const candidates = names.filter((name) => isAibomName(name) && name.toLowerCase().endsWith('.json')).sort();
  const ordered = [
    ...candidates.filter((name) => name === usualName),
    ...candidates.filter((name) => name !== usualName),
  ];
  const fitting = ordered.map((name) => join(folder, name)).filter((path) => isCycloneDx(path));
  // Of several, the one with a model in it; then one under a name of its own.
  const withModel = fitting.find((path) => /"machine-learning-model"/.test(readFileSync(onDisk(path), 'utf8')));
  const named = withModel ?? fitting[0] ?? ordered.map((name) => join(folder, name))[0];
  if (named !== undefined) return named;
  const other = names
    .filter((name) => name.endsWith('.json'))
    .sort()
    .find((name) => beginsAsBom(join(folder, name)));
  return other === undefined ? null : join(folder, other);
}

/** Whether a file is CycloneDX JSON, as far as its text shows. */
export function isCycloneDx(path: string): boolean {
  try {
    const stat = statSync(onDisk(path));
    return (
      stat.isFile() &&
      stat.size <= longestDocument &&
      /"bomFormat"\s*:\s*"CycloneDX"/.test(readFileSync(onDisk(path), 'utf8'))
    );
  } catch {
    return false;
  }
}
