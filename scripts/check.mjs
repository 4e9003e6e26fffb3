// `npm run check`
import { runChecks } from './checks.mjs';
import { stopChildrenOnSignals } from './processes.mjs';
import { buildBundles, installPackages, requireNode20 } from './setUp.mjs';

requireNode20();
stopChildrenOnSignals();
if (!(await installPackages()) || !(await buildBundles())) process.exit(1);
const failed = (await runChecks()).filter((check) => !check.passed);
console.log(failed.length === 0 ? 'All checks passed.' : `Failed: ${failed.map((check) => check.name).join(', ')}.`);
process.exitCode = failed.length === 0 ? 0 : 1;
