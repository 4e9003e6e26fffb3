import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import type {
  CodeAction,
  CodeLens,
  CompletionItem,
  Diagnostic,
  Hover,
  InlayHint,
  TextEdit,
} from 'vscode-languageserver/node';
import {
  auditLogs,
  evaluateGate,
  gates,
  policyCommands,
  policyTests,
  runPolicyTests,
  whoMaySubmit,
  type AuditLogText,
  type EvaluatePolicyOutcome,
  type GateState,
  type JobAnswer,
  type ModelGates,
  type PolicyTest,
  type PolicyTestRun,
  type RecordOutcome,
} from '../../server/lsp/policy/protocol.ts';
import type { Status } from '../../server/lsp/protocol.ts';
import { LanguageClient } from './languageClient.ts';

/** A safetensors file of one tensor without values. */
const weights = (() => {
  const header = Buffer.from('{"w":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}');
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header]);
})();

const policy = `package mlsecops.deployment

# METADATA
# title: Only safetensors
deny contains msg if {
	input.model.format != "safetensors"
	msg := "Only SafeTensors format is permitted in production"
}

deny contains "Unsigned" if input.model.signature_verified == false

helper := count(input.model.formats)
`;

const v0 = `package old

deny[msg] {
  input.model.signature_verified == false
  msg := "unsigned"
}
`;

const tests = `package mlsecops.deployment_test

import data.mlsecops.deployment

test_format if {
	count(deployment.deny) == 1 with input as {"model": {"format": "onnx"}}
}

test_wrong if {
	print("seen")
	count(deployment.deny) == 7
}
`;

describe('policies and gates, by the protocol', () => {
  let folder = '';
  let client: LanguageClient | undefined;
  let version = 1;
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'weighbridge-policies-')));
    write('weighbridge.yaml', 'version: 1\npolicy:\n  folder: policies\n  roles: roles.yaml\n  evidence: evidence\n');
    write('models/a/model.safetensors', weights);
    write('models/a/config.json', '{}\n');
    write('policies/deployment.rego', policy);
    write('roles.yaml', 'roles:\n  data-scientist: [ana]\n  ml-ops: [omar]\n');
  });
  afterEach(() => {
    client?.kill();
    client = undefined;
    rmSync(folder, { recursive: true, force: true });
  });

  function write(name: string, content: string | Uint8Array): void {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), content);
  }

  const uri = (name: string) => pathToFileURL(path.join(folder, name)).href;
  const lastStatus = () =>
    client?.heard.filter(({ method }) => method === 'weighbridge/status').at(-1)?.params as Status | undefined;

  async function start(options: object = {}, capabilities: Record<string, unknown> = {}): Promise<LanguageClient> {
    const initializationOptions = { status: true, gates: true, ...options };
    const started = await LanguageClient.start({ capabilities, initializationOptions, folders: [folder] });
    client = started.client;
    await client.until('a finished scan', () => lastStatus()?.state === 'ready');
    return client;
  }

  async function open(name: string, text = readFileSync(path.join(folder, name), 'utf8')): Promise<void> {
    const textDocument = { uri: uri(name), languageId: 'rego', version: ++version, text };
    await client?.notify('textDocument/didOpen', { textDocument });
  }

  async function type(name: string, text: string): Promise<void> {
    const textDocument = { uri: uri(name), version: ++version };
    await client?.notify('textDocument/didChange', { textDocument, contentChanges: [{ text }] });
  }

  async function changed(...names: string[]): Promise<void> {
    const changes = names.map((name) => ({ uri: uri(name), type: 2 }));
    await client?.notify('workspace/didChangeWatchedFiles', { changes });
  }

  const shown = (name: string): Diagnostic[] => client?.diagnostics.get(uri(name)) ?? [];
  const text = (diagnostic: Diagnostic | undefined): string =>
    typeof diagnostic?.message === 'string' ? diagnostic.message : '';
  const saidFirst = (name: string) => text(shown(name)[0]);
  const ask = async <R>(method: string, params: object): Promise<R> => (await client?.request(method, params)) as R;
  const run = <R>(command: string, argument: object) =>
    ask<R>('workspace/executeCommand', { command, arguments: [argument] });
  const at = (name: string, line: number, character: number) => ({
    textDocument: { uri: uri(name) },
    position: { line, character },
  });

  it('tells errors while a policy is typed, and forgets them when they are gone', async () => {
    const server = await start();
    await open('policies/deployment.rego');
    await type('policies/deployment.rego', policy.replace('msg := ', 'mgs := '));
    await server.until('an unsafe variable', () => /msg is unsafe/.test(saidFirst('policies/deployment.rego')));
    const [error] = shown('policies/deployment.rego');
    assert.deepEqual([error?.severity, error?.code, error?.range.start.line], [1, 'rego_unsafe_var_error', 4]);
    // Many versions in one burst: the last one counts, whatever became of the checks of the others.
    for (let each = 0; each < 20; each++)
      await type('policies/deployment.rego', `${policy}\nx${each} := http.send({})\n`);
    await server.until('the last version', () => {
      const [last, ...others] = shown('policies/deployment.rego');
      return (
        others.length === 0 && last?.message === 'undefined function http.send' && last.range.start.character === 7
      );
    });
    assert.equal(shown('policies/deployment.rego')[0]?.range.start.line, 13);
    await type('policies/deployment.rego', policy);
    await server.until('no errors', () => shown('policies/deployment.rego').length === 0);
  });

  it('names a field that the evidence does not have, at the field', async () => {
    const server = await start();
    await open(
      'policies/deployment.rego',
      `package p\n\ndeny contains "é" if { input.model.formt == "é"; input.other.x }\n`,
    );
    await server.until('the field', () => shown('policies/deployment.rego').length === 1);
    const [told] = shown('policies/deployment.rego');
    assert.equal(told?.code, 'policy/unknown-field');
    assert.deepEqual(told?.range, { start: { line: 2, character: 35 }, end: { line: 2, character: 40 } });
    assert.match(saidFirst('policies/deployment.rego'), /no field formt in input\.model/);
  });

  it('calls functions of other files of the folder, unsaved ones, too', async () => {
    const server = await start();
    write('policies/call.rego', 'package call\n\nx := data.lib.double(2)\n');
    await open('policies/call.rego');
    await server.until('an undefined function', () => shown('policies/call.rego').length === 1);
    await open('policies/lib.rego', 'package lib\n\ndouble(n) := n * 2\n');
    await type('policies/call.rego', 'package call\n\nx := data.lib.double(3)\n');
    await server.until('a defined one', () => shown('policies/call.rego').length === 0);
  });

  it('offers v0 a way to v1, and lays policies out', async () => {
    write('policies/old.rego', v0);
    const server = await start();
    await open('policies/old.rego');
    await server.until('the warning', () => shown('policies/old.rego')[0]?.code === 'rego_v0');
    const [warning] = shown('policies/old.rego');
    assert.equal(warning?.severity, 2);
    const actions = await ask<CodeAction[]>('textDocument/codeAction', {
      textDocument: { uri: uri('policies/old.rego') },
      range: warning?.range,
      context: { diagnostics: [warning] },
    });
    const rewrite = actions.find(({ title }) => title === 'Rewrite this policy in Rego v1');
    assert.match(rewrite?.edit?.changes?.[uri('policies/old.rego')]?.[0]?.newText ?? '', /deny contains msg if \{/);

    await open('policies/deployment.rego', policy.replace('\tinput.model', '        input.model'));
    const format = {
      textDocument: { uri: uri('policies/deployment.rego') },
      options: { tabSize: 2, insertSpaces: true },
    };
    const [edit, ...more] = await ask<TextEdit[]>('textDocument/formatting', format);
    assert.deepEqual([edit?.newText, more.length], ['\tinput.model.format != "safetensors"\n', 0]);
    assert.deepEqual(edit?.range, { start: { line: 5, character: 0 }, end: { line: 6, character: 0 } });
    await open('models/a/config.json');
    assert.deepEqual(
      await ask('textDocument/formatting', { ...format, textDocument: { uri: uri('models/a/config.json') } }),
      [],
    );
  });

  it('explains a field of the input with the value of the current model, and completes fields', async () => {
    await start({}, { textDocument: { hover: { contentFormat: ['markdown'] } } });
    await open('policies/deployment.rego');
    await ask(evaluateGate, { uri: uri('models/a'), gate: 'dev-to-staging' });
    const hover = await ask<Hover>('textDocument/hover', at('policies/deployment.rego', 5, 15));
    const { value } = hover.contents as { value: string };
    assert.match(value, /^\*\*`input\.model\.format`\*\* · string/);
    assert.match(value, /The format of all weights/);
    assert.match(value, /models\/a:\n\n```json\n"safetensors"\n```$/);
    const whole = await ask<Hover>('textDocument/hover', at('policies/deployment.rego', 5, 8));
    assert.match((whole.contents as { value: string }).value, /The model that is judged/);

    const text =
      'package p\n\ndeny contains "x" if {\n\tsome entry in input.model.formats\n\tentry.\n}\n\nx := input.model.sig\n';
    await type('policies/deployment.rego', text);
    const items = await ask<CompletionItem[]>('textDocument/completion', at('policies/deployment.rego', 4, 7));
    assert.deepEqual(
      items.map(({ label }) => label),
      ['path', 'format', 'size', 'complete'],
    );
    assert.match(JSON.stringify(items[1]?.documentation), /safetensors/);
    const typed = await ask<CompletionItem[]>('textDocument/completion', at('policies/deployment.rego', 7, 20));
    assert.ok(typed.some(({ label, detail }) => label === 'signature_verified' && detail === 'boolean'));
    assert.deepEqual(await ask('textDocument/completion', at('policies/deployment.rego', 0, 9)), []);
  });

  it('shows what each rule comes to for a model, beside the rule, also while it is changed', async () => {
    const server = await start();
    await open('policies/deployment.rego');
    const textDocument = { uri: uri('policies/deployment.rego') };
    const lenses = await ask<CodeLens[]>('textDocument/codeLens', { textDocument });
    assert.deepEqual(
      lenses.map(({ range, command }) => [range.start.line, command?.title]),
      [
        [4, 'Evaluate against model...'],
        [9, 'Evaluate against model...'],
      ],
    );
    assert.deepEqual(lenses[0]?.command?.arguments, [textDocument]);
    const { model, decision, deny } = await run<EvaluatePolicyOutcome>(policyCommands.evaluatePolicy, {
      uri: textDocument.uri,
      model: uri('models/a'),
    });
    assert.deepEqual([model, decision, deny], ['models/a', 'deny', ['Unsigned']]);
    const range = { start: { line: 0, character: 0 }, end: { line: 50, character: 0 } };
    const hints = async () =>
      (await ask<InlayHint[]>('textDocument/inlayHint', { textDocument, range })).map(({ position, label }) => [
        position.line,
        label,
      ]);
    assert.deepEqual(await hints(), [
      [4, '✓ says nothing'],
      [9, '✗ denies: Unsigned'],
      [11, '= 1'],
    ]);
    await type('policies/deployment.rego', policy.replace('!= "safetensors"', '!= "onnx"'));
    assert.deepEqual((await hints())[0], [4, '✗ denies: Only SafeTensors format is permitted in production']);
    await type('policies/deployment.rego', 'package broken\n\ndeny contains {');
    assert.deepEqual(await hints(), []);
    await server.until('the error', () => shown('policies/deployment.rego').length > 0);
  });

  it('finds tests, runs those that are wanted, and tells which lines they reached', async () => {
    write('policies/deployment_test.rego', tests);
    await start();
    const uris = [uri('policies/deployment_test.rego'), uri('policies/deployment.rego')];
    const found = await ask<PolicyTest[]>(policyTests, { uris });
    assert.deepEqual(
      found.map((test) => [test.uri === uris[0], test.package, test.name, test.line]),
      [
        [true, 'mlsecops.deployment_test', 'test_format', 5],
        [true, 'mlsecops.deployment_test', 'test_wrong', 9],
      ],
    );
    const all = await ask<PolicyTestRun>(runPolicyTests, { uris });
    assert.deepEqual(
      all.results.map(({ name, outcome }) => [name, outcome]),
      [
        ['test_format', 'passed'],
        ['test_wrong', 'failed'],
      ],
    );
    assert.equal(all.results[1]?.output, 'seen\n');
    const [coverage] = all.coverage;
    assert.equal(coverage?.uri, uris[1]);
    assert.ok(coverage?.covered.some(([from, to]) => from <= 6 && to >= 6));
    assert.ok(coverage?.notCovered.some(([from, to]) => from <= 12 && to >= 12));
    const [first] = found;
    const one = await ask<PolicyTestRun>(runPolicyTests, { uris, tests: [first] });
    assert.deepEqual(
      one.results.map(({ name }) => name),
      ['test_format'],
    );
    write('policies/deployment.rego', 'package broken {');
    const broken = await ask<PolicyTestRun>(runPolicyTests, { uris });
    assert.equal(broken.problems[0]?.uri, uris[1]);
    await assert.rejects(ask(runPolicyTests, { uris: 'all' }), /a list of strings as "uris"/);
  });

  it('evaluates gates, tells denials at the model with the line of the policy, and follows what changes', async () => {
    const server = await start({}, { textDocument: { publishDiagnostics: { relatedInformation: true } } });
    write(
      'policies/gates.rego',
      'package gates.canary\n\n# METADATA\n# title: A canary is named\ndeny contains "no canary" if not input.functional\n',
    );
    await changed('policies/gates.rego');
    const [before] = await ask<ModelGates[]>(gates, {});
    assert.equal(before?.label, 'models/a');
    assert.deepEqual(
      before?.gates.map(({ gate, state }) => [gate, state]),
      [
        ['dev-to-staging', 'not-evaluated'],
        ['staging-to-production', 'not-evaluated'],
        ['hotfix', 'not-evaluated'],
        ['canary', 'not-evaluated'],
      ],
    );
    const params = { uri: uri('models/a'), gate: 'dev-to-staging' };
    const state = await ask<GateState>(evaluateGate, params);
    assert.equal(state.state, 'deny');
    assert.match(state.text, /^Denied: \d of \d+ rules not met\.$/);
    const rows = new Map(state.rows.map((row) => [row.id, row]));
    assert.equal(rows.get('gate/format')?.state, 'met');
    assert.match(rows.get('gate/format')?.evidenceUri ?? '', /models\/a\/model\.safetensors$/);
    assert.equal(rows.get('gate/signature')?.state, 'not-met');
    const functional = rows.get('gate/functional');
    assert.deepEqual([functional?.state, functional?.missing[0]?.field], ['no-evidence', 'functional']);
    const policyFile = new URL(functional?.policyUri ?? '');
    assert.match(
      readFileSync(policyFile, 'utf8').split('\n')[(functional?.line ?? 0) - 1] ?? '',
      /evidence\.functional/,
    );

    const denial = () => shown('models/a/model.safetensors').find(({ code }) => code === 'gate/signature');
    await server.until('a denial at the model', () => denial() !== undefined);
    assert.match(text(denial()), /^dev-to-staging: The model has no verified signature/);
    assert.match(denial()?.relatedInformation?.[0]?.location.uri ?? '', /gates\/dev_to_staging\.rego$/);
    await ask<GateState>(evaluateGate, { ...params, gate: 'hotfix' });
    await server.until('both gates in one', () => /^dev-to-staging, hotfix: /.test(text(denial())));

    // What was missing arrives, and is seen without anybody asking.
    write(
      'evidence/datasets.json',
      '{"kind":"datasets","datasets":[{"name":"train","registered":true,"verified":true}]}',
    );
    await changed('evidence/datasets.json');
    const datasets = () => shown('models/a/model.safetensors').some(({ code }) => code === 'gate/dataset-provenance');
    await server.until('the datasets are known', () => !datasets());
    const [after] = await ask<ModelGates[]>(gates, {});
    assert.equal(after?.gates[0]?.rows.find(({ id }) => id === 'gate/dataset-provenance')?.state, 'met');

    const canary = await ask<GateState>(evaluateGate, { ...params, gate: 'canary' });
    assert.deepEqual(
      canary.rows.map(({ title, state: of }) => [title, of]),
      [
        ['A canary is named', 'not-met'],
        ['Only safetensors', 'met'],
        ['deny (deployment.rego, line 10)', 'not-met'],
      ],
    );
  });

  it('records a decision only when it is asked to, and shows the log', async () => {
    await start();
    const log = path.join(folder, '.weighbridge', 'decisions.jsonl');
    const params = { uri: uri('models/a'), gate: 'dev-to-staging' };
    await run<GateState>(policyCommands.evaluateGate, params);
    assert.ok(!existsSync(log));
    const [empty] = await ask<AuditLogText[]>(auditLogs, {});
    assert.match(empty?.text ?? '', /No decision was recorded yet/);
    const recorded = await run<RecordOutcome>(policyCommands.recordDecision, params);
    assert.deepEqual([recorded.decision, recorded.sequence], ['deny', 1]);
    const [text] = await ask<AuditLogText[]>(auditLogs, {});
    assert.match(text?.text ?? '', new RegExp(`Intact: 1 entry, head ${recorded.hash}`));
    assert.match(text?.text ?? '', /#1 {2}\S+ {2}DENY {2}dev-to-staging {2}models\/a/);
    writeFileSync(log, readFileSync(log, 'utf8').replace('"deny"', '"allow"'));
    const [damaged] = await ask<AuditLogText[]>(auditLogs, {});
    assert.equal(damaged?.intact, false);
    assert.match(damaged?.text ?? '', /DAMAGED[^]*line 1: the line was changed/);
    await changed('.weighbridge/decisions.jsonl');
    await assert.rejects(run(policyCommands.recordDecision, params), /damaged/);
  });

  it('says who may submit a job', async () => {
    write('job.yaml', 'environment: production\nchanges_training_config: true\n');
    await start();
    const answers = await ask<JobAnswer[]>(whoMaySubmit, { uri: uri('job.yaml') });
    assert.deepEqual(
      answers.map(({ subject, roles, decision }) => [subject, roles, decision]),
      [
        ['ana', ['data-scientist'], 'deny'],
        ['omar', ['ml-ops'], 'allow'],
      ],
    );
    assert.deepEqual(
      answers[0]?.reasons.map(({ rule }) => rule),
      ['authorize/submit', 'authorize/training-config'],
    );
    write('job.yaml', '- no job\n');
    await assert.rejects(ask(whoMaySubmit, { uri: uri('job.yaml') }), /is no job/);
  });

  it('evaluates no policy of a workspace that is not trusted, and still tells its errors', async () => {
    write('policies/gates.rego', 'package gates.canary\n\ndeny contains "no canary" if true\n');
    const server = await start({ trusted: false });
    await open('policies/deployment.rego', policy.replace('msg := ', 'mgs := '));
    await server.until('an error', () => shown('policies/deployment.rego').length > 0);
    const textDocument = { uri: uri('policies/deployment.rego') };
    assert.deepEqual(await ask('textDocument/codeLens', { textDocument }), []);
    const notTrusted = /not trusted/;
    await assert.rejects(run(policyCommands.evaluatePolicy, textDocument), notTrusted);
    await assert.rejects(ask(runPolicyTests, { uris: [textDocument.uri] }), notTrusted);
    await assert.rejects(run(policyCommands.recordDecision, { uri: uri('models/a'), gate: 'hotfix' }), notTrusted);
    const [model] = await ask<ModelGates[]>(gates, {});
    assert.deepEqual(
      model?.gates.map(({ gate }) => gate),
      ['dev-to-staging', 'staging-to-production', 'hotfix'],
    );
    const state = await ask<GateState>(evaluateGate, { uri: uri('models/a'), gate: 'dev-to-staging' });
    assert.ok(state.rows.every(({ policyUri }) => !policyUri.startsWith(uri('policies'))));
  });

  it('is asked for policies alone where a client can be told so', async () => {
    const dynamicRegistration = true;
    const features = ['formatting', 'inlayHint'];
    const textDocument = Object.fromEntries(features.map((name) => [name, { dynamicRegistration }]));
    const server = await start({}, { textDocument });
    const registered = server.heard
      .filter(({ method }) => method === 'client/registerCapability')
      .flatMap(
        ({ params }) => (params as { registrations: { method: string; registerOptions: object }[] }).registrations,
      );
    for (const name of features) {
      const found = registered.find(({ method }) => method === `textDocument/${name}`);
      assert.match(JSON.stringify(found?.registerOptions), /\*\*\/\*\.rego/, name);
    }
  });
});
