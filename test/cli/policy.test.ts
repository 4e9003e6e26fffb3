import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import { makeWorkspace } from '../../server/engine/workspace.fixture.ts';
import { weighbridge } from './weighbridge.ts';

const shipped = fileURLToPath(new URL('../../policies', import.meta.url));

/** As it stands in many pages about such gates: Rego v0. */
const example = `package mlsecops.deployment

deny[msg] {
  input.model.signature_verified == false
  msg := "Model must have a verified cryptographic signature before promotion"
}

deny[msg] {
  input.model.format != "safetensors"
  msg := "Only SafeTensors format is permitted in production"
}

deny[msg] {
  input.model.aibom_generated == false
  msg := "AIBOM must be generated before model promotion"
}
`;

const good = { signature_verified: true, format: 'safetensors', aibom_generated: true };

interface Evaluation {
  allow: boolean;
  deny: string[];
  warn: string[];
  reasons: { rule: string; policy: string; line: number }[];
}

test('the example policy, unchanged, blocks and allows', async (context) => {
  const { root } = makeWorkspace(context, {
    'policies/deployment.rego': example,
    'good.json': JSON.stringify({ model: good }),
    'bad.json': JSON.stringify({ model: { signature_verified: false, format: 'pickle', aibom_generated: false } }),
    'one.json': JSON.stringify({ model: { ...good, format: 'torch-zip' } }),
  });
  const evaluate = async (input: string, ...more: string[]) => {
    const { code, stdout } = await weighbridge(root, ['policy', 'eval', 'policies', '--input', input, ...more]);
    return { code, ...(JSON.parse(stdout) as Evaluation) };
  };
  const allowed = await evaluate('good.json');
  assert.deepEqual([allowed.code, allowed.allow, allowed.deny, allowed.warn], [0, true, [], []]);
  const denied = await evaluate('bad.json', '--package', 'mlsecops.deployment');
  assert.deepEqual([denied.code, denied.allow, denied.deny.length], [1, false, 3]);
  const one = await evaluate('one.json', '--package', 'data.mlsecops.deployment');
  assert.deepEqual(one.deny, ['Only SafeTensors format is permitted in production']);
  assert.deepEqual([one.reasons[0]?.policy, one.reasons[0]?.line], ['policies/deployment.rego', 8]);
});

test('the conventions of conftest are understood', async (context) => {
  const { root } = makeWorkspace(context, {
    'p/a.rego': [
      'package main',
      'deny_privileged contains "privileged" if input.privileged',
      'violation contains {"msg": "violated", "details": {"x": 1}} if true',
      'warn contains "careful" if true',
      'exception contains rules if {\n\tinput.trusted\n\trules := ["privileged", ""]\n}',
      '',
    ].join('\n\n'),
    'plain.json': '{"privileged": true}',
    'trusted.json': '{"privileged": true, "trusted": true}',
  });
  const evaluate = async (input: string) => {
    const { stdout } = await weighbridge(root, ['policy', 'eval', 'p', '--input', input]);
    return JSON.parse(stdout) as Evaluation & { excepted: { message: string }[] };
  };
  const plain = await evaluate('plain.json');
  assert.deepEqual([plain.deny.sort(), plain.warn], [['privileged', 'violated'], ['careful']]);
  const trusted = await evaluate('trusted.json');
  assert.deepEqual([trusted.allow, trusted.excepted.length], [true, 2]);
});

test('data documents beside the policies are known to them, each where it stands', async (context) => {
  const { root } = makeWorkspace(context, {
    'p/a.rego':
      'package a\n\ndeny contains "format" if not input.format in data.allowed.formats\n\ndeny contains "x" if data.sub.x != 1\n',
    'p/a_test.rego':
      'package a_test\n\nimport data.a\n\ntest_ok if count(a.deny) == 0 with input as {"format": "onnx"}\n',
    'p/data.json': '{"allowed": {"formats": ["onnx"]}}',
    'p/sub/data.yaml': 'x: 1\n',
    'onnx.json': '{"format": "onnx"}',
    'other.json': '{"format": "pickle"}',
  });
  const code = async (input: string) => (await weighbridge(root, ['policy', 'eval', 'p', '--input', input])).code;
  assert.deepEqual([await code('onnx.json'), await code('other.json')], [0, 1]);
  assert.equal((await weighbridge(root, ['policy', 'test', 'p'])).code, 0);
});

test('an allow rule that is not true denies', async (context) => {
  const { root } = makeWorkspace(context, {
    'p/a.rego': 'package a\n\ndefault allow := false\n\nallow if input.ok == true\n',
    'yes.json': '{"ok": true}',
    'no.json': '{}',
  });
  assert.equal((await weighbridge(root, ['policy', 'eval', 'p', '--input', 'yes.json'])).code, 0);
  assert.equal((await weighbridge(root, ['policy', 'eval', 'p', '--input', 'no.json'])).code, 1);
});

test('check tells errors with their place, and what is still v0', async (context) => {
  const { root } = makeWorkspace(context, { 'p/old.rego': example });
  const old = await weighbridge(root, ['policy', 'check', 'p']);
  assert.equal(old.code, 0);
  assert.match(old.stdout, /^p\/old\.rego:3:1 {2}warning .*\[rego_v0\]/);
  const broken = makeWorkspace(context, { 'p/a.rego': 'package a\n\ndeny contains x if y == 1\n' });
  const { code, stdout } = await weighbridge(broken.root, ['policy', 'check', 'p', '--format', 'sarif']);
  assert.equal(code, 1);
  const { runs } = JSON.parse(stdout) as { runs: { results: { level: string }[] }[] };
  assert.ok(runs[0]?.results.every(({ level }) => level === 'error'));
});

test('the shipped policies pass their tests, and every line of them is covered', async (context) => {
  const { root } = makeWorkspace(context, {});
  const { code, stdout } = await weighbridge(root, ['policy', 'test', shipped, '--threshold', '100']);
  assert.equal(code, 0, stdout);
  assert.match(stdout, /^\d+ tests passed, 0 failed; 100 % of the lines are covered\.$/m);
  const format = await weighbridge(root, ['policy', 'format', shipped]);
  assert.equal(format.code, 0, format.stdout);
});

test('a failing test and missing coverage are told', async (context) => {
  const { root } = makeWorkspace(context, {
    'p/a.rego': 'package a\n\ndeny contains "x" if input.x\n\ndeny contains "y" if input.y\n',
    'p/a_test.rego':
      'package a_test\n\nimport data.a\n\ntest_x if count(a.deny) == 1 with input as {"x": true}\n\ntest_no if {\n\tcount(a.deny) == 7\n}\n',
  });
  const { code, stdout } = await weighbridge(root, ['policy', 'test', 'p', '--coverage']);
  assert.equal(code, 1);
  assert.match(stdout, /failed {2}a_test\.test_no {2}p\/a_test\.rego:7/);
  assert.match(stdout, /not covered: 5$/m);
  assert.match(stdout, /1 test passed, 1 failed/);
  const junit = await weighbridge(root, ['policy', 'test', 'p', '--format', 'junit']);
  assert.match(junit.stdout, /<testsuite name="weighbridge policy test" tests="2" failures="1"/);
});

test('v0 is rewritten to v1, and means the same', async (context) => {
  const { root, path } = makeWorkspace(context, { 'p/a.rego': example, 'e.json': '{"model": {"format": "x"}}' });
  const before = await weighbridge(root, ['policy', 'eval', 'p', '--input', 'e.json']);
  assert.equal((await weighbridge(root, ['policy', 'format', 'p', '--to-v1'])).code, 1);
  assert.equal((await weighbridge(root, ['policy', 'format', 'p', '--to-v1', '--write'])).code, 0);
  assert.match(readFileSync(path('p/a.rego'), 'utf8'), /^deny contains msg if \{$/m);
  assert.doesNotMatch((await weighbridge(root, ['policy', 'check', 'p'])).stdout, /rego_v0/);
  const after = await weighbridge(root, ['policy', 'eval', 'p', '--input', 'e.json']);
  assert.deepEqual((JSON.parse(after.stdout) as Evaluation).deny, (JSON.parse(before.stdout) as Evaluation).deny);
});

test('a bundle holds the compiled policy, and the same bytes every time', async (context) => {
  const { root, path } = makeWorkspace(context, { 'p/a.rego': example });
  for (const name of ['one', 'two']) await weighbridge(root, ['policy', 'build', 'p', '--out', `${name}.tar.gz`]);
  const bundle = readFileSync(path('one.tar.gz'));
  assert.deepEqual(bundle, readFileSync(path('two.tar.gz')));
  const archive = gunzipSync(bundle).toString('latin1');
  for (const name of ['/.manifest', '/policy.wasm', '\0asm']) assert.ok(archive.includes(name), name);
});

test('wrong usage is one line and 2', async (context) => {
  const { root } = makeWorkspace(context, {
    'p/a.rego': 'package a\n\nx := 1\n',
    'bad/a.rego': 'package a\n\ndeny contains\n',
    'empty/x.txt': '',
    'e.json': '{}',
  });
  const cases: [args: string[], message: RegExp][] = [
    [[], /say what to do with the policies/],
    [['evl', 'p'], /did you mean "eval"/],
    [['eval', 'p'], /--input FILE/],
    [['eval', 'p', '--input', 'e.json'], /nothing can be decided/],
    [['eval', 'bad', '--input', 'e.json'], /bad\/a\.rego:\d+:\d+: /],
    [['eval', 'empty', '--input', 'e.json'], /there is no policy in/],
    [['eval', 'none', '--input', 'e.json'], /there is no such file or folder/],
    [['test', 'p'], /there is no test/],
    [['audit'], /there is no audit log/],
    [['close-audit'], /say which audit/],
  ];
  for (const [args, message] of cases) {
    const { code, stdout, stderr } = await weighbridge(root, ['policy', ...args]);
    assert.deepEqual([code, stdout], [2, ''], args.join(' '));
    assert.match(stderr, message);
    assert.equal(stderr.split('\n').length, 2);
  }
});
