import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { dangerousPickle, makeWorkspace } from '../../server/engine/workspace.fixture.ts';
import { weighbridge } from './weighbridge.ts';

const example = (name: string) =>
  readFileSync(fileURLToPath(new URL(`../../examples/models/${name}`, import.meta.url)));

test('inspect says what a file is', async (context) => {
  const { root } = makeWorkspace(context, { 'm.bin': example('downloaded/pytorch_model.bin') });
  const { code, stdout } = await weighbridge(root, ['inspect', 'm.bin']);
  assert.equal(code, 0);
  assert.match(stdout, /^m\.bin: torch-zip, /);
  assert.match(stdout, /os\.system\(/);
  const { stdout: text } = await weighbridge(root, ['inspect', 'm.bin', '--format', 'json', '--disassemble']);
  const json = JSON.parse(text) as { format: string; parts: unknown[]; disassembly: { rows: { opcode: string }[] }[] };
  assert.equal(json.format, 'torch-zip');
  assert.ok(json.parts.length > 1);
  assert.ok(json.disassembly.some(({ rows }) => rows.some(({ opcode }) => opcode === 'REDUCE')));
});

test('the opcodes of a pickle are listed with their offsets', async (context) => {
  const { root } = makeWorkspace(context, { 'm.pkl': dangerousPickle });
  const { stdout } = await weighbridge(root, ['inspect', 'm.pkl', '--disassemble']);
  assert.match(stdout, /^ +0 {2}GLOBAL os system +; os\.system$/m);
  assert.match(stdout, /^ +\d+ {2}REDUCE +; os\.system\('/m);
});

test('what cannot be inspected is one line and 2', async (context) => {
  const { root } = makeWorkspace(context, { 'folder/x': '', 'a.pkl': '', 'b.pkl': '' });
  const cases: [args: string[], message: RegExp][] = [
    [['none.pkl'], /there is no such file or folder/],
    [['folder'], /is not a regular file/],
    [[], /name the file to inspect/],
    [['a.pkl', 'b.pkl'], /inspect takes one file, and 2 were named/],
  ];
  for (const [args, message] of cases) {
    const { code, stdout, stderr } = await weighbridge(root, ['inspect', ...args]);
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr, message);
    assert.equal(stderr.split('\n').length, 2);
  }
});

test('a checkpoint is converted beside itself, and the original stays', async (context) => {
  const original = example('legacy/pytorch_model.bin');
  const { root, path } = makeWorkspace(context, { 'pytorch_model.bin': original });
  const { code, stdout } = await weighbridge(root, ['convert', 'pytorch_model.bin']);
  assert.equal(code, 0);
  assert.match(stdout, /^pytorch_model\.bin -> model\.safetensors: \d+ tensors?, /);
  assert.deepEqual(readFileSync(path('pytorch_model.bin')), original);
  const again = await weighbridge(root, ['convert', 'pytorch_model.bin']);
  assert.equal(again.code, 2);
  assert.equal((await weighbridge(root, ['convert', 'pytorch_model.bin', '--overwrite', '-q'])).code, 0);
  assert.equal((await weighbridge(root, ['scan', 'model.safetensors', '-q'])).code, 0);
});

test('one refusal does not keep the others from being converted, and leaves nothing behind', async (context) => {
  const { root, path } = makeWorkspace(context, {
    'a/bad.bin': example('downloaded/pytorch_model.bin'),
    'a/broken.pt': dangerousPickle,
    'a/good.bin': example('legacy/pytorch_model.bin'),
  });
  const args = ['convert', 'a/bad.bin', 'a/broken.pt', 'none.pt', 'a/good.bin', '--format', 'json'];
  const { code, stdout, stderr } = await weighbridge(root, args);
  assert.equal(code, 2);
  assert.equal(stderr.trimEnd().split('\n').length, 3);
  const { conversions } = JSON.parse(stdout) as {
    conversions: { input: string; output: string | null; error: { code: string } | null }[];
  };
  assert.deepEqual(
    conversions.map(({ input, output, error }) => [input, output, error?.code ?? null]),
    [
      ['a/bad.bin', null, 'refused'],
      ['a/broken.pt', null, conversions[1]?.error?.code],
      ['none.pt', null, 'not-found'],
      ['a/good.bin', 'a/good.safetensors', null],
    ],
  );
  assert.deepEqual(readdirSync(path('a')).sort(), ['bad.bin', 'broken.pt', 'good.bin', 'good.safetensors']);
});

test('tensors alone can be taken from a checkpoint that holds more', async (context) => {
  const { root, path } = makeWorkspace(context, { 'bad.bin': example('downloaded/pytorch_model.bin') });
  const { code, stdout } = await weighbridge(root, [
    'convert',
    'bad.bin',
    '--tensors-only',
    '--out',
    'out/clean.safetensors',
  ]);
  if (code === 0) {
    assert.match(stdout, /left out: /);
    assert.ok(existsSync(path('out/clean.safetensors')));
  } else {
    assert.equal(code, 2);
    assert.ok(!existsSync(path('out')));
  }
});

test('version, help and what is not known', async (context) => {
  const { root } = makeWorkspace(context);
  assert.match((await weighbridge(root, ['--version'])).stdout, /^weighbridge \d+\.\d+\.\d+\n$/);
  const overview = await weighbridge(root, ['--help']);
  assert.equal(overview.code, 0);
  const listed = [...overview.stdout.matchAll(/^ {2}([a-z-]+) {2,}\S/gm)].map(([, command]) => command ?? '');
  assert.ok(
    ['scan', 'convert', 'sign', 'gate', 'lsp'].every((command) => listed.includes(command)),
    listed.join(),
  );
  for (const command of listed) {
    const { code, stdout } = await weighbridge(root, [command, '--help']);
    assert.equal(code, 0);
    assert.match(stdout, /^Usage: weighbridge /);
    assert.match(stdout, /Example/);
    assert.match(overview.stdout, new RegExp(`^  ${command} `, 'm'));
  }
  assert.equal((await weighbridge(root, [])).code, 2);
});
