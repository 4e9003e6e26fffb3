import { readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { onDisk } from '../../files/diskPath.ts';

/** What the record beside the data (`provenance.json`) says of personal data in it. */
export interface Declaration {
  /** Of the record, relative to the working directory. */
  path: string;
  /** Whether it says that there is personal data, by a classification that means it. */
  classified: boolean;
  /** Whether it names the law's ground, or the consent of those whom the data speaks of. */
  grounded: boolean;
}

const recordName = 'provenance.json';
const longest = 16 << 20;

/**
 * The record of a data file: the nearest `provenance.json` upwards that speaks of it, up to `base`.
 * @returns null where no record speaks of the file.
 */
export function declarationFor(file: string, base: string): Declaration | null {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const found = declarationIn(join(folder, recordName), file);
    if (found) return { ...found, path: relative(base, join(folder, recordName)).split(sep).join('/') };
    const inside = relative(base, folder);
    if (inside === '' || inside.startsWith('..') || dirname(folder) === folder) return null;
  }
}

function declarationIn(record: string, file: string): Omit<Declaration, 'path'> | null {
  const stat = statSync(onDisk(record), { throwIfNoEntry: false });
  if (!stat?.isFile() || stat.size > longest) return null;
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(onDisk(record), 'utf8').replace(/^\uFEFF/, ''));
  } catch {
    return null;
  }
  for (const dataset of listOf(objectOf(value)['datasets'])) {
    const { path, classification } = objectOf(dataset);
    if (typeof path !== 'string') continue;
    const covered = resolve(dirname(record), path);
    if (covered !== file && !file.startsWith(`${covered}${sep}`)) continue;
    const { level, personalData, legalBasis, consent } = objectOf(classification);
    const classified =
      personalData === undefined
        ? level === 'regulated' || level === 'confidential'
        : typeof personalData === 'string' && personalData !== 'none';
    return { classified, grounded: isSaid(legalBasis) || isSaid(consent) };
  }
  return null;
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function isSaid(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '';
}
