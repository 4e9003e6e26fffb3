import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { after, afterEach, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { commands, type ModelScanReport, type Status } from '../../server/lsp/protocol.ts';
import { backdoorTarget, writePrototypeFiles } from '../../server/scans/prototypeModel.fixture.ts';
import { CancellationTokenSource } from 'vscode-languageserver/node';
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

const execute = (on: LanguageClient, argument: object, command: string = commands.scanBackdoors): Promise<unknown> =>
  on.request('workspace/executeCommand', { command, arguments: [argument] });
const uri = (file: string): string => pathToFileURL(file).href;
const samples = { samples: uri(files.samples), range: [0, 1] };

/** What is said of a model by the rule of recorded scans. */
const said = (on: LanguageClient, file: string): string =>
  (on.diagnostics.get(uri(file)) ?? [])
    .filter(({ code }) => code === 'model/backdoor')
    .map(({ severity, message }) => `${severity} ${typeof message === 'string' ? message : message.value}`)
    .join();

describe('scanning for backdoors, by the protocol', () => {
  it('gives a page, keeps the result for gates, and tells of it at the model, in the next session, too, until it changes', async () => {
    const on = await open({ settings: { onnx: { provider: 'cpu' } } });
    const report = (await execute(on, { uri: uri(files.backdoored), ...samples })) as ModelScanReport;
    assert.match(report.content, new RegExp(`A trigger for class ${backdoorTarget} is far smaller`));
    assert.match(report.content, /<h1>Backdoor scan: backdoored.onnx<\/h1>/);
    assert.equal(readFileSync(report.evidence, 'utf8'), report.json);
    const { verdict, provider } = JSON.parse(report.json) as { verdict: string; provider: string };
    assert.deepEqual([verdict, provider], ['backdoor', 'cpu']);
    const found = new RegExp(`^1 A trigger for class ${backdoorTarget} .* Do not use this model\\.`);
    const isFound = (client: LanguageClient): boolean => found.test(said(client, files.backdoored));
    await on.until('a finding at the model', () => isFound(on));
    on.kill();
    const later = await open();
    await later.until('the same finding', () => isFound(later));
    appendFileSync(files.backdoored, new Uint8Array([0x1a, 1, 0x31]));
    await later.notify('workspace/didChangeWatchedFiles', { changes: [{ uri: uri(files.backdoored), type: 2 }] });
    await later.until('a stale record', () => /^3 .*about other bytes/.test(said(later, files.backdoored)));
  });

  it('is not done in a workspace that nobody trusts, and says what is wrong with what it is given', async () => {
    const untrusted = await open({ trusted: false });
    const argument = { uri: uri(files.clean), ...samples };
    for (const command of [commands.scanBackdoors, commands.testRobustness])
      await assert.rejects(execute(untrusted, argument, command), /trust/i);
    assert.ok(!existsSync(`${files.clean}.backdoor.json`));
    untrusted.kill();
    const on = await open();
    await assert.rejects(execute(on, { ...argument, range: [1, 0] }), /two numbers, the lower one first/);
    await assert.rejects(execute(on, { ...argument, uri: uri(files.samples) }), /cannot be scanned as an ONNX model/);
    await assert.rejects(execute(on, argument, commands.compareBehaviour), /production/);
  });

  it('is one clear error when its process is killed, and the server goes on', async () => {
    const on = await open({ settings: { onnx: { provider: 'cpu' } } });
    const argument = { uri: uri(files.clean), ...samples };
    const killed = on.request('workspace/executeCommand', {
      ...{ command: commands.scanBackdoors, arguments: [argument], workDoneToken: 'killed' },
    });
    killed.catch(() => undefined);
    await on.until('a scan that runs', () =>
      on.heard.some(
        ({ method, params }) => method === '$/progress' && /Smallest triggers/.test(JSON.stringify(params)),
      ),
    );
    process.kill(childOf(on.processId!, 'scanner.cjs'), 'SIGKILL');
    await assert.rejects(killed, /ended unexpectedly \(signal SIGKILL\): nothing was decided/);
    const report = (await execute(on, argument)) as ModelScanReport;
    assert.equal((JSON.parse(report.json) as { verdict: string }).verdict, 'clean');
  });

  it('goes on where it was cancelled, and comes to the same result', async () => {
    const on = await open({ settings: { onnx: { provider: 'cpu' } } });
    const argument = { uri: uri(files.clean), ...samples };
    const whole = norms((await execute(on, argument)) as ModelScanReport);
    // From another server: nothing is known there of the whole scan.
    on.kill();
    const again = await open({ settings: { onnx: { provider: 'cpu' } } });
    const source = new CancellationTokenSource();
    const cancelled = again.request(
      'workspace/executeCommand',
      { command: commands.scanBackdoors, arguments: [argument], workDoneToken: 'scan' },
      source.token,
    );
    cancelled.catch(() => undefined);
    await again.until('two classes', () =>
      again.heard.some(
        ({ method, params }) => method === '$/progress' && /Smallest triggers: [2-5] of/.test(JSON.stringify(params)),
      ),
    );
    source.cancel();
    await assert.rejects(cancelled, /cancelled/);
    const resumed = (await execute(again, argument)) as ModelScanReport;
    assert.match(resumed.json, /classes were taken from an interrupted scan/);
    assert.deepEqual(norms(resumed), whole);
  });
});

describe('robustness and regression, by the protocol', () => {
  it('give a page, and keep the result for gates', async () => {
    const on = await open({ settings: { onnx: { provider: 'cpu' } } });
    const argument = { uri: uri(files.clean), ...samples };
    const strong = (await execute(on, argument, commands.testRobustness)) as ModelScanReport;
    assert.equal(strong.kind, 'robustness');
    assert.match(strong.content, /<svg role="img"[^>]*aria-label="Accuracy by the largest change of an element/);
    assert.equal(readFileSync(`${files.clean}.robustness.json`, 'utf8'), strong.json);
    const compared = (await execute(
      on,
      { ...argument, production: uri(files.backdoored) },
      commands.compareBehaviour,
    )) as ModelScanReport;
    assert.match(compared.content, /<h1>Regression: clean.onnx against backdoored.onnx<\/h1>/);
    const { candidate, production } = JSON.parse(compared.json) as Record<string, { path: string; digest: string }>;
    assert.deepEqual([candidate!.path, production!.path], ['clean.onnx', 'backdoored.onnx']);
    assert.notEqual(candidate!.digest, production!.digest);
    assert.equal(readFileSync(`${files.clean}.regression.json`, 'utf8'), compared.json);
  });
});

/** A process that another one started, by its program. Slim images of Linux have no `ps`, and other systems no `/proc`. */
function childOf(parent: number, program: string): number {
  const processes = existsSync('/proc')
    ? readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name))
        .map((id) => {
          try {
            const [, above = ''] = readFileSync(`/proc/${id}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
            return { id, above, command: readFileSync(`/proc/${id}/cmdline`, 'utf8') };
          } catch {
            // It has ended meanwhile.
            return { id, above: '', command: '' };
          }
        })
    : execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' })
        .split('\n')
        .map((line) => line.trim().split(/\s+/))
        .map(([id = '', above = '', ...command]) => ({ id, above, command: command.join(' ') }));
  const found = processes.find(({ above, command }) => above === String(parent) && command.includes(program));
  assert.ok(found, `${parent} has no process of ${program}`);
  return Number(found.id);
}

function norms({ json }: ModelScanReport): unknown {
  const { neuralCleanse, maximumMargin, untargeted, strip, verdict } = JSON.parse(json) as Record<string, unknown>;
  return { neuralCleanse, maximumMargin, untargeted, strip, verdict };
}
