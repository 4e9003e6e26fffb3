import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { after, afterEach, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { commands, type BackdoorReport, type Status } from '../../server/lsp/protocol.ts';
import { backdoorTarget, writePrototypeFiles } from '../../server/scans/prototypeModel.fixture.ts';
import { LanguageClient } from './languageClient.ts';

const files = writePrototypeFiles();
let client: LanguageClient | undefined;
afterEach(() => {
  client?.kill();
  client = undefined;
});
after(() => rmSync(files.folder, { recursive: true }));

async function open(options: Record<string, unknown> = {}): Promise<LanguageClient> {
  const initializationOptions = { status: true, ...options };
  const started = await LanguageClient.start({ capabilities: {}, initializationOptions, folders: [files.folder] });
  client = started.client;
  await client.until('a finished scan', () => {
    const last = client!.heard.findLast(({ method }) => method === 'weighbridge/status');
    return (last?.params as Status | undefined)?.state === 'ready';
  });
  return client;
}

const execute = (on: LanguageClient, argument: object): Promise<unknown> =>
  on.request('workspace/executeCommand', { command: commands.scanBackdoors, arguments: [argument] });
const uri = (file: string): string => pathToFileURL(file).href;

describe('scanning for backdoors, by the protocol', () => {
  it('gives a page, and keeps the result for gates', async () => {
    const on = await open({ settings: { onnx: { provider: 'cpu' } } });
    const report = (await execute(on, {
      uri: uri(files.backdoored),
      samples: uri(files.samples),
      range: [0, 1],
    })) as BackdoorReport;
    assert.equal(report.verdict, 'backdoor');
    assert.match(report.reasons[0]!, new RegExp(`class ${backdoorTarget}`));
    assert.match(report.content, /<h1>Backdoor scan: backdoored.onnx<\/h1>/);
    assert.equal(readFileSync(report.evidence, 'utf8'), report.json);
    assert.equal((JSON.parse(report.json) as { provider: string }).provider, 'cpu');
  });

  it('is not done in a workspace that nobody trusts, and says what is wrong with what it is given', async () => {
    const untrusted = await open({ trusted: false });
    const argument = { uri: uri(files.clean), samples: uri(files.samples), range: [0, 1] };
    await assert.rejects(execute(untrusted, argument), /trust/i);
    assert.ok(!existsSync(`${files.clean}.backdoor.json`));
    untrusted.kill();
    const on = await open();
    await assert.rejects(execute(on, { ...argument, range: [1, 0] }), /two numbers, the lower one first/);
    await assert.rejects(execute(on, { ...argument, uri: uri(files.samples) }), /cannot be scanned as an ONNX model/);
  });
});
