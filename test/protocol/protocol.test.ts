import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { LanguageClient, type ClientOptions } from './languageClient.ts';
import { matches, parseScenario, writeFile, type Block, type Scenario } from './scenario.ts';

const here = path.dirname(fileURLToPath(import.meta.url));

/** What a scenario's blocks act on. */
class Run {
  readonly #folder: string;
  readonly #client: LanguageClient;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(folder: string, client: LanguageClient) {
    this.#folder = folder;
    this.#client = client;
  }

  static async play(scenario: Scenario, folder: string): Promise<void> {
    const options: ClientOptions = { capabilities: {}, folders: [folder] };
    for (const block of scenario.given) {
      if (block.kind !== 'json' || block.words[0] !== 'client') writeFile(block, folder);
      else {
        const { folders, ...given } = fill(block, folder) as Partial<ClientOptions>;
        Object.assign(options, given);
        if (folders) options.folders = folders.map((name) => path.join(folder, name));
      }
    }
    const { client } = await LanguageClient.start(options);
    try {
      const run = new Run(folder, client);
      for (const block of scenario.steps) await run.#step(block);
      await client.stop();
    } catch (error) {
      client.kill();
      throw error;
    }
  }

  async #step(block: Block): Promise<void> {
    const [verb = '', argument = ''] = block.words;
    if (block.kind !== 'json') {
      writeFile(block, this.#folder);
      return;
    }
    const at = `line ${block.line}`;
    switch (verb) {
      case 'notification':
        return this.#client.notify(argument, fill(block, this.#folder));
      case 'request':
        this.#last = this.#client.request(argument, fill(block, this.#folder));
        this.#last.catch(() => undefined);
        return;
      case 'request-and-cancel':
        this.#last = this.#client.requestAndCancel(argument, fill(block, this.#folder));
        this.#last.catch(() => undefined);
        return;
      case 'run-action':
        return this.#runAction(block.words.slice(1).join(' '));
      case 'response':
        return this.#expect(await this.#last, block);
      case 'response-with': {
        // Some of a long list.
        const actual = (await this.#last) as unknown[];
        for (const expected of fill(block, this.#folder) as unknown[])
          assert.ok(
            actual.some((each) => matches(each, expected)),
            `${at}: ${JSON.stringify(expected)} is not in ${JSON.stringify(actual)}`,
          );
        return;
      }
      case 'error': {
        const error: unknown = await this.#last.then(
          () => assert.fail(`${at}: the request should have failed`),
          (reason: unknown) => reason,
        );
        const { code, message } = error as { code: number; message: string };
        return this.#expect({ code, message }, block);
      }
      case 'diagnostics': {
        const expected = fill(block, this.#folder);
        const uri = pathToFileURL(path.join(this.#folder, argument)).href;
        return this.#client.until(`${at}: diagnostics of ${argument}: ${JSON.stringify(expected)}`, () =>
          matches(this.#client.diagnostics.get(uri) ?? [], expected),
        );
      }
      case 'heard': {
        const expected = fill(block, this.#folder);
        const isIt = ({ method, params }: { method: string; params: unknown }) =>
          method === argument && matches(params ?? {}, expected);
        return this.#client.until(`${at}: ${argument}`, () => this.#client.heard.some(isIt));
      }
      case 'never-heard':
        assert.ok(!this.#client.heard.some(({ method }) => method === argument), `${at}: ${argument} came`);
        return;
      case 'file': {
        const file = path.join(this.#folder, argument);
        const expected = fill(block, this.#folder) as { exists: boolean; text?: string };
        assert.equal(existsSync(file), expected.exists, `${at}: ${argument}`);
        if (expected.text !== undefined) assert.equal(readFileSync(file, 'utf8'), expected.text, at);
        return;
      }
      case 'remove':
        return rmSync(path.join(this.#folder, argument), { recursive: true });
      default:
        assert.fail(`${at}: nothing is called ${verb}`);
    }
  }

  /** Runs the command of one of the code actions that came last, as an editor does. */
  async #runAction(title: string): Promise<void> {
    const actions = (await this.#last) as {
      title: string;
      command?: { command: string; arguments: unknown[] };
    }[];
    const command = actions.find((action) => action.title === title)?.command;
    assert.ok(command, `${title} is not offered`);
    this.#last = this.#client.request('workspace/executeCommand', command);
    await this.#last;
  }

  #expect(actual: unknown, block: Block): void {
    const expected = fill(block, this.#folder);
    const said = `line ${block.line}: ${JSON.stringify(actual, null, 2)}\n${this.#client.describe()}`;
    assert.ok(matches(actual, expected), said);
  }
}

/** A block's JSON; `{workspace}` is the address of the folder. */
function fill(block: Block, folder: string): unknown {
  const text = block.text.trim() === '' ? '{}' : block.text;
  return JSON.parse(text.replaceAll('{workspace}', pathToFileURL(folder).href)) as unknown;
}

describe('the language server', () => {
  const scratch = mkdtempSync(path.join(tmpdir(), 'weighbridge-protocol-'));
  after(() => rmSync(scratch, { recursive: true, force: true }));
  const files = readdirSync(here).filter((name) => name.endsWith('.md') && name !== 'README.md');
  for (const file of files.sort()) {
    const scenario = parseScenario(readFileSync(path.join(here, file), 'utf8'));
    it(scenario.title, { timeout: 120_000 }, async () => {
      const folder = path.join(scratch, path.basename(file, '.md'));
      mkdirSync(folder, { recursive: true });
      await Run.play(scenario, folder);
    });
  }
});
