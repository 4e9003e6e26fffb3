// `npm run fuzz -- --minutes 10`: pickles of a grammar and damaged copies of files of every format, for as long as it is told.
// Ends with 1 at the first crash, at a hang of five seconds, or above 200 MB, and names the case.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { checkMutations } from './checkMutations.ts';
import { runMutations } from './mutationProcess.ts';

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, round: { type: 'string', default: '1000' } },
});
const minutes = Number(values.minutes);
const firstRound = Number(values.round);
if (!(minutes > 0) || !Number.isSafeInteger(firstRound)) {
  console.error(
    'Give --minutes a number above 0, and --round a whole number: the first round, which says what is made.',
  );
  process.exit(2);
}
const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');
const corpus = existsSync(path.join(repository, '..', 'shared', 'data', 'model-files'));
const plan = { patienceMs: 5_000, seconds: (minutes * 60) / (corpus ? 2 : 1), firstRound };
checkMutations(await runMutations({ ...plan, group: 'generated', perSubject: 200 }));
if (corpus) checkMutations(await runMutations({ ...plan, group: 'corpus', perSubject: 30 }));
console.log(`No crash, no hang, no more than 200 MB in ${minutes} minutes.`);
