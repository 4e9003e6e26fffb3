import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runPython } from './python.ts';

const here = path.dirname(fileURLToPath(import.meta.url));
const repository = path.resolve(here, '..', '..');

/** A file with the verdict that it deserves. */
export interface CorpusFile {
  /** Absolute. */
  file: string;
  /** For messages: the corpus and the path in it. */
  name: string;
  /** `any`: no claim but that it is inspected. */
  expected: 'clean' | 'any' | 'suspicious' | 'dangerous';
  what: string;
}

/** The files that make_corpus.py writes with the real libraries, honest ones and dangerous twins. */
export function libraryCorpus(): Promise<CorpusFile[]> {
  return written('make_corpus.py', 'libraries');
}

/** What libraries write of each type of model: all of it ordinary. */
export function libraryModels(): Promise<CorpusFile[]> {
  return written('make_library_models.py', 'models');
}

/** The files that a script writes, kept in `.tools` until the script or a version changes. */
async function written(script: string, prefix: string): Promise<CorpusFile[]> {
  const hash = createHash('sha256');
  for (const input of [script, 'requirements.txt', 'requirements-without-dependencies.txt']) {
    hash.update(readFileSync(path.join(here, input)));
  }
  const folder = path.join(repository, '.tools', 'corpus', hash.digest('hex').slice(0, 12));
  if (!existsSync(path.join(folder, 'manifest.json'))) {
    const scratch = `${folder}.${process.pid}`;
    mkdirSync(path.dirname(folder), { recursive: true });
    await runPython(script, [scratch]);
    try {
      renameSync(scratch, folder);
    } catch {
      // Another test file was faster.
      rmSync(scratch, { recursive: true, force: true });
    }
  }
  const manifest = JSON.parse(readFileSync(path.join(folder, 'manifest.json'), 'utf8')) as {
    path: string;
    expected: CorpusFile['expected'];
    what: string;
  }[];
  return manifest.map(({ path: relative, expected, what }) => ({
    file: path.join(folder, relative),
    name: `${prefix}/${relative}`,
    expected,
    what,
  }));
}

/** The corpus that is shared between clones, when this one has it beside it. */
export function sharedCorpus(): CorpusFile[] {
  const folder = path.join(repository, '..', 'shared', 'data', 'model-files');
  const manifest = path.join(folder, 'manifest.tsv');
  if (!existsSync(manifest)) return [];
  const [, ...rows] = readFileSync(manifest, 'utf8').trimEnd().split('\n');
  return rows.map((row) => {
    const [relative = '', expected = '', what = ''] = row.split('\t');
    return { file: path.join(folder, relative), name: relative, expected: expected as CorpusFile['expected'], what };
  });
}
