import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CodeAction, CodeLens, CompletionItem, Hover, InlayHint, TextEdit } from 'vscode-languageserver/node';
import {
  evaluateGate,
  policyCommands,
  policyTests,
  runPolicyTests,
  type EvaluatePolicyOutcome,
  type PolicyTest,
  type PolicyTestRun,
} from '../../server/lsp/policy/protocol.ts';
import { policy, policyWorkspace } from './policyWorkspace.ts';

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

describe('policies in the editor, by the protocol', () => {
  const { write, uri, start, open, type, shown, saidFirst, ask, run, at } = policyWorkspace();

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
