import * as vscode from 'vscode';
import {
  policyTests,
  runPolicyTests,
  type PolicyFilesParams,
  type PolicyTest,
  type PolicyTestRun,
  type RunPolicyTestsParams,
} from '../../server/lsp/policy/protocol.ts';
import type { LanguageServer } from '../languageServer.ts';

/** The tests of policies in the Testing view. */
export class PolicyTesting implements vscode.Disposable {
  readonly #server: LanguageServer;
  readonly #controller = vscode.tests.createTestController('weighbridge.policies', vscode.l10n.t('Rego Policies'));
  readonly #profile: vscode.TestRunProfile;
  readonly #watcher = vscode.workspace.createFileSystemWatcher('**/*.rego');
  readonly #tests = new WeakMap<vscode.TestItem, PolicyTest>();
  readonly #details = new WeakMap<vscode.FileCoverage, vscode.StatementCoverage[]>();
  #looking: Promise<void> | undefined;
  #again = false;

  constructor(server: LanguageServer) {
    this.#server = server;
    const { Run, Coverage } = vscode.TestRunProfileKind;
    this.#profile = this.#controller.createRunProfile(
      vscode.l10n.t('Run'),
      Run,
      (request, token) => this.#run(request, token),
      true,
    );
    const coverage = this.#controller.createRunProfile(
      vscode.l10n.t('Coverage'),
      Coverage,
      (request, token) => this.#run(request, token, true),
      true,
    );
    coverage.loadDetailedCoverage = (_, file) => Promise.resolve(this.#details.get(file) ?? []);
    this.#controller.resolveHandler = () => this.#look();
    this.#controller.refreshHandler = () => this.#look();
    const look = () => void this.#look();
    this.#watcher.onDidChange(look);
    this.#watcher.onDidCreate(look);
    this.#watcher.onDidDelete(look);
  }

  /** Runs all tests, as the palette's command does. */
  async runAll(): Promise<void> {
    await this.#look();
    if (this.#controller.items.size === 0) {
      await vscode.window.showInformationMessage(
        vscode.l10n.t(
          'There is no policy test in this workspace: a test is a rule of a .rego file whose name begins with test_.',
        ),
      );
      return;
    }
    await vscode.commands.executeCommand('workbench.view.testing.focus');
    const source = new vscode.CancellationTokenSource();
    await this.#run(new vscode.TestRunRequest(undefined, undefined, this.#profile), source.token);
  }

  dispose(): void {
    this.#watcher.dispose();
    this.#controller.dispose();
  }

  /** Looks for tests; who asks meanwhile gets what a second look finds. */
  #look(): Promise<void> {
    this.#again = true;
    this.#looking ??= (async () => {
      try {
        while (this.#again) {
          this.#again = false;
          await this.#find();
        }
      } finally {
        this.#looking = undefined;
      }
    })();
    return this.#looking;
  }

  async #find(): Promise<void> {
    const files = await vscode.workspace.findFiles('**/*.rego', '**/node_modules/**');
    const params: PolicyFilesParams = { uris: files.map((uri) => uri.toString()) };
    const found = files.length === 0 ? [] : await this.#server.ask<PolicyTest[]>(policyTests, params);
    if (!found) return;
    const byFile = new Map<string, PolicyTest[]>();
    for (const test of found) byFile.set(test.uri, [...(byFile.get(test.uri) ?? []), test]);
    this.#controller.items.replace(
      [...byFile].map(([address, tests]) => {
        const uri = vscode.Uri.parse(address);
        const file = this.#controller.createTestItem(address, vscode.workspace.asRelativePath(uri), uri);
        file.children.replace(
          tests.map((test) => {
            const item = this.#controller.createTestItem(`${address}#${test.package}.${test.name}`, test.name, uri);
            item.range = lines(test.line, test.endLine);
            item.description = test.package;
            this.#tests.set(item, test);
            return item;
          }),
        );
        return file;
      }),
    );
  }

  async #run(request: vscode.TestRunRequest, token: vscode.CancellationToken, withCoverage = false): Promise<void> {
    const run = this.#controller.createTestRun(request);
    const items = this.#wanted(request);
    for (const item of items) run.started(item);
    try {
      const tests = items.flatMap((item) => this.#tests.get(item) ?? []);
      const files = await vscode.workspace.findFiles('**/*.rego', '**/node_modules/**');
      const params: RunPolicyTestsParams = { uris: files.map((uri) => uri.toString()), tests };
      const outcome = await this.#server.request<PolicyTestRun>(runPolicyTests, params, token);
      for (const item of items) this.#tell(run, item, outcome);
      if (withCoverage) for (const each of outcome.coverage) run.addCoverage(this.#coverageOf(each));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      for (const item of items) {
        if (token.isCancellationRequested) run.skipped(item);
        else run.errored(item, new vscode.TestMessage(message));
      }
    } finally {
      run.end();
    }
  }

  /** The tests that a request is about. */
  #wanted({ include, exclude = [] }: vscode.TestRunRequest): vscode.TestItem[] {
    const found: vscode.TestItem[] = [];
    const collect = (item: vscode.TestItem) => {
      if (exclude.includes(item)) return;
      if (this.#tests.has(item)) found.push(item);
      item.children.forEach(collect);
    };
    if (include) include.forEach(collect);
    else this.#controller.items.forEach(collect);
    return found;
  }

  #tell(run: vscode.TestRun, item: vscode.TestItem, { results, problems }: PolicyTestRun): void {
    const test = this.#tests.get(item);
    const result = results.find(
      ({ uri, package: name, name: rule }) => uri === test?.uri && name === test.package && rule === test.name,
    );
    if (!result) {
      const problem = problems[0];
      run.errored(
        item,
        messageAt(problem?.message ?? vscode.l10n.t('The test is gone: look for tests again.'), problem),
      );
      return;
    }
    const { outcome, message, output, durationMs } = result;
    if (output !== '') run.appendOutput(output.replaceAll('\n', '\r\n'), undefined, item);
    if (outcome === 'passed') run.passed(item, durationMs);
    else if (outcome === 'skipped') run.skipped(item);
    else if (outcome === 'failed') run.failed(item, messageAt(message, result), durationMs);
    else run.errored(item, messageAt(message, result), durationMs);
  }

  #coverageOf({ uri, covered, notCovered }: PolicyTestRun['coverage'][number]): vscode.FileCoverage {
    const statements = [
      ...covered.flatMap(([from, to]) => statementsIn(from, to, true)),
      ...notCovered.flatMap(([from, to]) => statementsIn(from, to, false)),
    ];
    const file = vscode.FileCoverage.fromDetails(vscode.Uri.parse(uri), statements);
    this.#details.set(file, statements);
    return file;
  }
}

/** One statement a line, as OPA counts them. */
function statementsIn(from: number, to: number, executed: boolean): vscode.StatementCoverage[] {
  return Array.from({ length: to - from + 1 }, (_, index) => {
    return new vscode.StatementCoverage(executed, lines(from + index, from + index));
  });
}

/** Whole lines, counted from 1. */
function lines(from: number, to: number): vscode.Range {
  return new vscode.Range(from - 1, 0, to - 1, Number.MAX_SAFE_INTEGER);
}

function messageAt(message: string, place: { uri: string; line: number } | undefined): vscode.TestMessage {
  const told = new vscode.TestMessage(message);
  if (place) told.location = new vscode.Location(vscode.Uri.parse(place.uri), lines(place.line, place.line));
  return told;
}
