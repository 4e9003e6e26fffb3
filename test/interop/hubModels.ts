import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createHash } from 'node:crypto';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runPython } from './python.ts';

const here = path.dirname(fileURLToPath(import.meta.url));
const corpus = path.resolve(here, '..', '..', '.tools', 'corpus');

/** Model folders as `make_hub_models.py` makes them, by their names. */
export const hubModels = [
  'bert-sentiment',
  'gpt-shards',
  'llama-lora',
  'nb-whisper',
  'pointers-only',
  'vit-labels',
] as const;

/** Makes the folders once, and again when the script changes. @returns where they stand. */
export async function hubModelFolder(): Promise<string> {
  const script = readFileSync(path.join(here, 'make_hub_models.py'));
  const folder = path.join(corpus, `hub-${createHash('sha256').update(script).digest('hex').slice(0, 12)}`);
  if (existsSync(folder)) return folder;
  mkdirSync(corpus, { recursive: true });
  const unfinished = `${folder}.${process.pid}`;
  mkdirSync(unfinished);
  await runPython('make_hub_models.py', [unfinished]);
  try {
    renameSync(unfinished, folder);
  } catch {
    // Another test file was quicker.
    rmSync(unfinished, { recursive: true, force: true });
  }
  return folder;
}
