import { existsSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { checkMutations } from './checkMutations.ts';
import { runMutations } from './mutationProcess.ts';

const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');
/** Loaded machines pause; a hang does not end. */
const patienceMs = 30_000;

test('damaged copies of generated files: no crash, no hang, no silence, bounded memory', async () => {
  checkMutations(await runMutations({ group: 'generated', perSubject: 400, seconds: 0, patienceMs }));
});

if (existsSync(path.join(repository, '..', 'shared', 'data', 'model-files'))) {
  test('damaged copies of every corpus file: no crash, no hang, no silence, bounded memory', async () => {
    checkMutations(await runMutations({ group: 'corpus', perSubject: 40, seconds: 0, patienceMs }));
  });
}
