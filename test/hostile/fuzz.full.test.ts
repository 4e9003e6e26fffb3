import { existsSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { checkMutations } from './checkMutations.ts';
import { runMutations } from './mutationProcess.ts';

const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');
const corpus = existsSync(path.join(repository, '..', 'shared', 'data', 'model-files'));

test('ten minutes of pickles, archives and every other format: no crash, no hang of 5 seconds, no more than 200 MB', async () => {
  const plan = { perSubject: 200, seconds: corpus ? 300 : 600, patienceMs: 5_000 };
  checkMutations(await runMutations({ ...plan, group: 'generated', firstRound: 1_000 }));
  if (corpus) checkMutations(await runMutations({ ...plan, group: 'corpus', perSubject: 30, firstRound: 1_000 }));
});
