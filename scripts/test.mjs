// `npm test`: all that continuous integration runs, from a bare clone. Ends in the line `N passed, N failed`.
//
//   --full            also the long tests (*.full.test.ts)
//   --only a,b        these suites: check, unit, cli, protocol, interop, peers, gpu, hostile, monitoring, servers, sources, fleet, outages, hardware, neovim, editor
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { runChecks } from './checks.mjs';
import { duration, run, stopChildrenOnSignals } from './processes.mjs';
import { buildBundles, installPackages, requireNode20 } from './setUp.mjs';
import { filesOf, orphanedFiles, suites } from './suites.mjs';
import { canInstall, provideNeeds } from './systemNeeds.mjs';

requireNode20();
stopChildrenOnSignals();

const { only, full } = options();
const started = performance.now();
/** @type {{ name: string, passed: number, failed: number, skipped: number, ms: number, notRun?: string }[]} */
const results = [];

if (!(await step('npm ci', installPackages)) || !(await step('build', buildBundles))) end();

if (wanted('check')) {
  heading('check', 'format, lint, types, unused code, import floors, generated files');
  const begun = performance.now();
  const checks = await runChecks();
  const passed = checks.filter((check) => check.passed).length;
  add('check', { passed, failed: checks.length - passed, skipped: 0 }, begun);
}

const chosen = suites.filter((suite) => wanted(suite.name) && (full || !suite.fullOnly));
const missing = await provideNeeds([...new Set(chosen.flatMap((suite) => suite.needs))]);
for (const suite of chosen) {
  const files = filesOf(suite, full);
  const reasons = suite.needs.flatMap((need) => missing.get(need) ?? []);
  if (reasons.length > 0 && !canInstall()) {
    results.push({ name: suite.name, passed: 0, failed: 0, skipped: 0, ms: 0, notRun: reasons.join('; ') });
    continue;
  }
  heading(suite.name, suite.what);
  const begun = performance.now();
  if (reasons.length > 0 || files.length === 0) {
    console.error(
      reasons.length > 0 ? `FAILED  ${reasons.join('; ')}` : `FAILED  no test in ${suite.folders.join(', ')}`,
    );
    add(suite.name, { passed: 0, failed: 1, skipped: 0 }, begun);
    continue;
  }
  add(suite.name, await runSuite(suite, files), begun);
}
if (only === null) {
  for (const file of orphanedFiles()) {
    console.error(`FAILED  ${file} belongs to no suite: give its folder to one in scripts/suites.mjs.`);
    add(file, { passed: 0, failed: 1, skipped: 0 }, performance.now());
  }
}
end();

/** @param {import('./suites.mjs').Suite} suite @param {string[]} files */
async function runSuite(suite, files) {
  const scratch = mkdtempSync(path.join(tmpdir(), 'weighbridge-test-'));
  const record = path.join(scratch, 'outcomes.jsonl');
  try {
    const result = await run(
      process.execPath,
      [
        ...['--import', 'tsx', '--test', `--test-concurrency=${suite.concurrency ?? 2}`],
        ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
        ...['--test-reporter=./scripts/countReporter.mjs', `--test-reporter-destination=${record}`],
        ...files,
      ],
      { timeoutMs: suite.minutes * 60_000, environment: full ? { WEIGHBRIDGE_TEST_FULL: '1' } : {} },
    );
    const count = { passed: 0, failed: 0, skipped: 0 };
    for (const outcome of outcomesIn(record)) count[outcome]++;
    if (result.timedOut) console.error(`FAILED  ${suite.name} was stopped after ${suite.minutes} minutes.`);
    // A suite that crashed, hung or said nothing has failed, whatever it counted before.
    if (count.failed === 0 && (result.code !== 0 || count.passed === 0)) count.failed = 1;
    return count;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** @param {string} record @returns {('passed' | 'failed' | 'skipped')[]} */
function outcomesIn(record) {
  try {
    return readFileSync(record, 'utf8')
      .split('\n')
      .filter((line) => line.endsWith('}'))
      .map((line) => JSON.parse(line).outcome);
  } catch {
    return [];
  }
}

/** @param {string} name @param {() => Promise<boolean>} action */
async function step(name, action) {
  const begun = performance.now();
  const done = await action();
  console.log(`${done ? 'ok    ' : 'FAILED'}  ${name} (${duration(performance.now() - begun)})`);
  if (!done) add(name, { passed: 0, failed: 1, skipped: 0 }, begun);
  return done;
}

/** @param {string} name @param {{ passed: number, failed: number, skipped: number }} count @param {number} begun */
function add(name, count, begun) {
  results.push({ name, ...count, ms: performance.now() - begun });
}

/** @param {string} name @param {string} what */
function heading(name, what) {
  console.log(`\n=== ${name}: ${what}`);
}

/** @param {string} name */
function wanted(name) {
  return only === null || only.includes(name);
}

/** @returns {{ only: string[] | null, full: boolean }} */
function options() {
  const names = ['check', ...suites.map((suite) => suite.name)];
  try {
    const { values } = parseArgs({ options: { full: { type: 'boolean' }, only: { type: 'string' } } });
    const chosen = values.only?.split(',') ?? null;
    const unknown = chosen?.find((name) => !names.includes(name));
    if (unknown !== undefined) throw new Error(`there is no suite ${unknown}; there are ${names.join(', ')}`);
    return { only: chosen, full: values.full ?? false };
  } catch (error) {
    console.error(`npm test: ${/** @type {Error} */ (error).message}`);
    process.exit(2);
  }
}

/** @returns {never} */
function end() {
  console.log('\n=== summary');
  for (const { name, passed, failed, skipped, ms, notRun } of results) {
    if (notRun !== undefined) console.log(`${name.padEnd(10)} not run: ${notRun}`);
    else {
      const counts = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
      console.log(`${name.padEnd(10)} ${counts} (${duration(ms)})`);
    }
  }
  const total = (key) => results.reduce((sum, result) => sum + result[key], 0);
  console.log(`${duration(performance.now() - started)} in all`);
  console.log(`${total('passed')} passed, ${total('failed')} failed`);
  process.exit(total('failed') > 0 ? 1 : 0);
}
