import assert from 'node:assert/strict';
import { readFileSync, symlinkSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';
import { dangerousPickle, emptySafetensors, makeWorkspace } from '../engine/workspace.fixture.ts';
import { buildTorchZip, floats, stateDictPickle, type BuildTensor } from '../formats/torch/torchBuilder.fixture.ts';
import { runCommandLine } from './commandLine.ts';

async function run(cwd: string, ...args: string[]) {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const said = Promise.all([text(stdout), text(stderr)]);
  const code = await runCommandLine(args, {
    stdout,
    stderr,
    cwd,
    environment: {},
    signal: new AbortController().signal,
  });
  stdout.end();
  stderr.end();
  const [out, err] = await said;
  return { code, out, err };
}

const tensor: BuildTensor = { name: 'w', key: '0', elements: 1, shape: [1] };
const checkpoint = buildTorchZip(stateDictPickle([tensor]), { '0': floats(1) });

function workspace(context: TestContext) {
  return makeWorkspace(context, {
    'in.pkl': dangerousPickle,
    'other.safetensors': emptySafetensors,
    'plain.json': '{"a": 1}',
    'train.yaml': 'a: 1\n',
    'weighbridge.yaml': 'version: 1\n',
    'm.pt': checkpoint,
  });
}

test('a report replaces neither what the command reads nor a model, a configuration or code', async (context) => {
  const { root, path } = workspace(context);
  symlinkSync('in.pkl', path('link.txt'));
  for (const args of [
    ['scan', 'in.pkl', '--output', 'in.pkl'],
    ['scan', 'plain.json', '--output', './plain.json'],
    ['scan', '--output', 'in.pkl'],
    ['scan', '--output', 'link.txt'],
    ['scan', '--output', 'other.safetensors'],
    ['scan', '--output', 'train.yaml'],
    ['scan', '--output', 'weighbridge.yaml'],
    ['inspect', 'in.pkl', '--output', 'in.pkl'],
    ['convert', 'm.pt', '--output', 'm.pt'],
    ['convert', 'm.pt', '--output', 'm.safetensors'],
    ['convert', 'm.pt', '--out', 'n.safetensors', '--output', 'n.safetensors'],
  ]) {
    const name = args.at(-1) ?? '';
    const before = readIfThere(path(name));
    const { code, err } = await run(root, ...args);
    assert.equal(code, 2, args.join(' '));
    assert.match(err, /--output would replace .*: name another file\n$/, args.join(' '));
    assert.deepEqual(readIfThere(path(name)), before, args.join(' '));
  }
});

test('a report replaces an older report', async (context) => {
  const { root, path } = workspace(context);
  for (const format of ['text', 'json', 'sarif']) {
    for (let round = 0; round < 2; round++) {
      assert.equal((await run(root, 'scan', '--no-cache', '--format', format, '--output', `report.${format}`)).code, 1);
    }
    assert.match(readFileSync(path(`report.${format}`), 'utf8'), /os\.system/);
  }
});

test('an empty PATH, as an unset variable leaves it, is wrong usage', async (context) => {
  const { root } = workspace(context);
  for (const command of ['scan', 'convert', 'inspect']) {
    const { code, out } = await run(root, command, '');
    assert.deepEqual({ code, out }, { code: 2, out: '' }, command);
  }
});

test('of a path that is not there no verdict is given', async (context) => {
  const { root } = workspace(context);
  const { code, out, err } = await run(root, 'scan', 'gone');
  assert.equal(code, 2);
  assert.equal(out, 'Looked at 0 files, 0 artifacts: 1 path could not be read.\n');
  assert.match(err, /cannot read gone/);
});

function readIfThere(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch {
    return null;
  }
}
