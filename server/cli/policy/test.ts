import { WeighbridgeError } from '../../errors.ts';
import type { CompilerResponse, PolicyCoverage, PolicyTestResult } from '../../policy/compiler/protocol.ts';
import { PolicyError } from '../../policy/policyEngine.ts';
import { readPolicyData } from '../../policy/policySet.ts';
import type { Colours } from '../../report/colour.ts';
import { jsonText, tool } from '../../report/json.ts';
import { junitReport } from '../../report/junit.ts';
import { count, printable } from '../../report/printable.ts';
import { coloursFor, emit, exitCodes, type Command } from '../io.ts';
import { choice, flag, readArguments, text, type OptionValues } from '../options.ts';
import { outputFile } from '../outputFile.ts';
import { policiesOf, policyPath, withEngine } from './policyArguments.ts';

/** `weighbridge policy test`. */
export const testPolicies: Command['run'] = async (args, io) => {
  const { values, positionals } = readArguments('policy', args, {
    coverage: { type: 'boolean' },
    threshold: { type: 'string' },
    run: { type: 'string' },
  });
  const format = choice(values, 'format', ['text', 'json', 'junit'], 'text');
  const threshold = thresholdOf(values);
  const modules = policiesOf('test', positionals, io.cwd);
  const data = readPolicyData(policyPath('test', positionals, io.cwd));
  const output = await outputFile(values, io.cwd, []);
  const filter = text(values, 'run') ?? '';
  const response = await withEngine(values, (engine) =>
    engine.ask({ operation: 'test', modules, filter, ...(data ? { data } : {}) }),
  );
  const errors = response.diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new PolicyError(errors);
  const tests = response.tests ?? [];
  if (tests.length === 0) {
    throw new WeighbridgeError('bad-input', 'there is no test: a test is a rule whose name begins with test_');
  }
  const coverage = response.coverage ?? { percent: 0, files: {} };
  const isShort = threshold !== null && coverage.percent < threshold;
  if (!flag(values, 'quiet') || output !== undefined) {
    const colours = coloursFor(io, { noColor: flag(values, 'no-color'), output });
    const showCoverage = flag(values, 'coverage') || isShort;
    await emit(io, printed(format, response, tests, coverage, { colours, showCoverage, threshold }), output);
  }
  return isShort || tests.some(isBad) ? exitCodes.findings : exitCodes.ok;
};

function printed(
  format: 'text' | 'json' | 'junit',
  { opa }: CompilerResponse,
  tests: PolicyTestResult[],
  coverage: PolicyCoverage,
  how: { colours: Colours; showCoverage: boolean; threshold: number | null },
): string {
  if (format === 'json') {
    // Durations would make two runs differ.
    const results = tests.map((test) => ({ ...test, durationMs: undefined }));
    return jsonText({ schemaVersion: 1, tool, ...(opa ? { opa } : {}), tests: results, coverage });
  }
  if (format === 'junit') {
    return junitReport(
      'weighbridge policy test',
      tests.map((test) => ({
        className: test.package,
        name: test.name,
        seconds: test.durationMs / 1000,
        skipped: test.outcome === 'skipped',
        ...(isBad(test) ? { failure: failureOf(test) } : {}),
      })),
    );
  }
  return textOf(tests, coverage, how);
}

const isBad = ({ outcome }: PolicyTestResult): boolean => outcome === 'failed' || outcome === 'error';

function failureOf(test: PolicyTestResult) {
  const where = `${test.file}:${test.failedLine ?? test.line}`;
  const message = test.message ?? 'the rule is not true';
  return {
    message,
    text: `${where}: ${message}${test.output ? `\n${test.output}` : ''}`,
    isError: test.outcome === 'error',
  };
}

function textOf(
  tests: readonly PolicyTestResult[],
  coverage: PolicyCoverage,
  { colours, showCoverage, threshold }: { colours: Colours; showCoverage: boolean; threshold: number | null },
): string {
  const lines = tests
    .filter(isBad)
    .flatMap((test) => [
      `${colours.severity('error', test.outcome)}  ${test.package}.${test.name}  ${failureOf(test).text}`,
    ]);
  if (showCoverage) {
    for (const [file, { percent, notCovered }] of Object.entries(coverage.files).sort(([a], [b]) => (a < b ? -1 : 1))) {
      const missing = notCovered.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(', ');
      lines.push(
        `${percent.toFixed(1).padStart(5)} %  ${printable(file)}${missing ? `  not covered: ${missing}` : ''}`,
      );
    }
  }
  const skipped = tests.filter(({ outcome }) => outcome === 'skipped').length;
  const bad = tests.filter(isBad).length;
  lines.push(
    `${count(tests.length - bad - skipped, 'test')} passed, ${bad} failed${skipped > 0 ? `, ${skipped} skipped` : ''}; ${coverage.percent} % of the lines are covered.`,
  );
  if (threshold !== null && coverage.percent < threshold) lines.push(`Less than the threshold of ${threshold} %.`);
  return `${lines.join('\n')}\n`;
}

function thresholdOf(values: OptionValues): number | null {
  const given = text(values, 'threshold');
  if (given === undefined) return null;
  const percent = Number(given);
  if (given.trim() !== '' && percent >= 0 && percent <= 100) return percent;
  throw new WeighbridgeError('bad-usage', `--threshold must be a number from 0 to 100, not "${given}"`);
}
