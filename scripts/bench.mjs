// `npm run bench`: speed and memory against picklescan, modelscan, fickling and PyTorch. `-- N` sets the runs a median is of,
// `-- N scan convert` the parts that are measured.
import { run, stopChildrenOnSignals } from './processes.mjs';
import { buildBundles, installPackages, requireNode20 } from './setUp.mjs';
import { provideNeeds } from './systemNeeds.mjs';

requireNode20();
stopChildrenOnSignals();
if (!(await installPackages()) || !(await buildBundles())) process.exit(1);
const parts = process.argv.slice(3);
const measures = (/** @type {string} */ part) => parts.length === 0 || parts.includes(part);
/** @type {import('./systemNeeds.mjs').Need[]} */
const needs = ['python'];
if (measures('fleet')) needs.push('redis', 'postgres');
if (measures('admission')) needs.push('wrk');
const missing = await provideNeeds(needs);
if (missing.size > 0) {
  console.error(`npm run bench ${[...missing.values()].join('; ')}.`);
  process.exit(2);
}
const result = await run(process.execPath, ['--import', 'tsx', 'test/bench/bench.ts', ...process.argv.slice(2)]);
process.exitCode = result.code;
