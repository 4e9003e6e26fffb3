import { resolve } from 'node:path';
import { defaultMarksFile } from '../datasets/review/marks.ts';
import type { Plain } from './configurationCheck.ts';
import { record } from './plain.ts';

/** Where a repository keeps what it knows of its data; absolute paths. */
export interface DatasetSettings {
  /** Digests of files and records that are known to be clean; null where nothing is said. */
  knownClean: string | null;
  /** Marks of people; the file need not be there. */
  marks: string;
  /** Folder of the model that texts are compared by; null for hashed words. */
  embeddingModel: string | null;
}

/** The settings of a section that was checked against its shape. */
export function datasetSettingsOf(section: Plain, folder: string): DatasetSettings {
  const fields = record(section);
  const path = (key: string): string | null => {
    const value = fields[key];
    return typeof value === 'string' && value !== '' ? resolve(folder, value) : null;
  };
  return {
    knownClean: path('known-clean'),
    marks: path('marks') ?? resolve(folder, defaultMarksFile),
    embeddingModel: path('embedding-model'),
  };
}
