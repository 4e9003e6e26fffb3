import type { CompilerResponse, PolicyTestResult } from '../../policy/compiler/protocol.ts';
import type { PolicyEngine } from '../../policy/policyEngine.ts';
import { readPolicyData } from '../../policy/policySet.ts';
import { WeighbridgeError } from '../../errors.ts';
import { pathOfUri, uriOfPath } from '../address.ts';
import type { PolicySet, PolicySets } from './policySets.ts';
import type { PolicyFilesParams, PolicyTest, PolicyTestRun, RunPolicyTestsParams } from './protocol.ts';

/** The tests that stand in files: rules whose names begin with `test_`. A file that does not parse has none. */
export async function testsIn(
  engine: PolicyEngine,
  sets: PolicySets,
  { uris }: PolicyFilesParams,
): Promise<PolicyTest[]> {
  const files = pathsOf(uris);
  const tests: PolicyTest[] = [];
  for (const set of sets.ofAll(files)) {
    const modules = set.modules.filter(({ file }) => files.includes(set.pathOf(file)));
    const { packages } = await engine.ask({ operation: 'inspect', modules });
    for (const { file, package: name, rules } of packages ?? []) {
      const uri = uriOfPath(set.pathOf(file));
      for (const rule of rules.filter(({ test }) => test)) {
        tests.push({ uri, package: name, name: rule.name, line: rule.line, endLine: rule.endLine });
      }
    }
  }
  return tests;
}

/** Runs tests with everything that they may call, and tells which lines they evaluated. */
export async function runTests(
  engine: PolicyEngine,
  sets: PolicySets,
  { uris, tests }: RunPolicyTestsParams,
  signal: AbortSignal,
): Promise<PolicyTestRun> {
  const files = pathsOf(uris);
  const run: PolicyTestRun = { results: [], problems: [], coverage: [] };
  for (const set of sets.ofAll(files)) {
    const wanted = tests?.filter(({ uri }) => isOf(set, uri));
    if (wanted?.length === 0) continue;
    const filter = wanted ? `^data\\.(?:${wanted.map(nameOf).join('|')})$` : '';
    try {
      const data = readPolicyData(set.root);
      const request = { operation: 'test', modules: set.modules, filter, ...(data ? { data } : {}) } as const;
      note(run, set, await engine.ask(request, signal));
    } catch (error) {
      if (!(error instanceof WeighbridgeError) || error.code === 'cancelled') throw error;
      for (const file of files) run.problems.push({ uri: uriOfPath(file), line: 1, message: error.message });
    }
  }
  return run;
}

function note(run: PolicyTestRun, set: PolicySet, { tests, diagnostics, coverage }: CompilerResponse): void {
  const uriOf = (file: string) => uriOfPath(set.pathOf(file));
  for (const { file, line, message, severity } of diagnostics) {
    if (severity === 'error') run.problems.push({ uri: uriOf(file), line, message });
  }
  for (const test of tests ?? []) {
    const { package: name, name: rule, outcome, output = '', durationMs } = test;
    const line = test.failedLine ?? test.line;
    run.results.push({
      uri: uriOf(test.file),
      package: name,
      name: rule,
      outcome,
      message: messageOf(test),
      output,
      line,
      durationMs,
    });
  }
  for (const [file, { covered, notCovered }] of Object.entries(coverage?.files ?? {})) {
    run.coverage.push({ uri: uriOf(file), covered, notCovered });
  }
}

function messageOf({ outcome, message }: PolicyTestResult): string {
  if (outcome === 'failed') return message ? `This is not true: ${message}` : 'The test is not true.';
  return message ?? '';
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
const nameOf = (test: { package: string; name: string }): string => escaped(`${test.package}.${test.name}`);

function isOf(set: PolicySet, uri: string): boolean {
  const path = pathOfUri(uri);
  return path !== null && set.modules.some(({ file }) => set.pathOf(file) === path);
}

const pathsOf = (uris: readonly string[]): string[] =>
  uris.map(pathOfUri).filter((path) => path?.endsWith('.rego') === true) as string[];
