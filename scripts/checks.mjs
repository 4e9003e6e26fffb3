// The checks behind `npm run check`: how the code looks, whether its types hold, what is unused, which way it imports,
// and whether everything that is generated is up to date. Each runs to its end, so that one run names all there is to do.
import { duration, run } from './processes.mjs';

const node = process.execPath;

/** @type {{ name: string, args: string[] }[]} */
const checks = [
  { name: 'format (prettier)', args: ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.'] },
  { name: 'lint (eslint)', args: ['node_modules/eslint/bin/eslint.js', '.', '--max-warnings=0'] },
  { name: 'types (tsc)', args: ['node_modules/@typescript/native/bin/tsc', '-b'] },
  { name: 'unused code and packages (knip)', args: ['node_modules/knip/bin/knip.js', '--no-progress'] },
  { name: 'import floors', args: ['scripts/floors.mjs'] },
  { name: 'generated files', args: ['scripts/generate.mjs', '--check'] },
];

/**
 * Expects the bundles to be built.
 * @returns {Promise<{ name: string, passed: boolean }[]>}
 */
export async function runChecks() {
  const results = [];
  for (const { name, args } of checks) {
    const started = performance.now();
    const result = await run(node, args, { quiet: true });
    const passed = result.code === 0;
    if (!passed) console.log(result.output.trimEnd());
    console.log(`${passed ? 'ok    ' : 'FAILED'}  ${name} (${duration(performance.now() - started)})`);
    results.push({ name, passed });
  }
  return results;
}
