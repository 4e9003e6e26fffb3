import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeExample } from '../exampleFiles.fixture.ts';
import type { Example } from '../rule.ts';

async function told(file: string, ...zip: NonNullable<Example['zip']>): Promise<string[]> {
  const findings = await judgeExample({ file, zip });
  return findings
    .filter(({ ruleId }) => ruleId.startsWith('archive/'))
    .map(({ severity, ruleId }) => `${severity} ${ruleId}`);
}

const runs = 'import os\nos.system("echo probe")\n';

test('code of torch.package is read, and is no part of a checkpoint', async () => {
  const records = { name: 'net/.data/extern_modules', text: 'os\n' };
  assert.deepEqual(await told('net.pt', records, { name: 'net/hook.py', text: runs }), [
    'warning archive/bundled-code',
    'error archive/handler-calls',
  ]);
});

test('a library in a file of torch.export is told', async () => {
  const format = { name: 'm/archive_format', text: 'pt2' };
  const library = { name: 'm/data/aotinductor/model/net.so', text: '\u007fELF' };
  assert.deepEqual(await told('net.pt2', format, library), ['warning archive/bundled-code']);
  assert.deepEqual(await told('net.pt2', format, { name: 'm/models/model.json', text: '{}' }), []);
});

test('commands are an error where TorchScript prints its models, too, and what it prints itself is none', async () => {
  const data = { name: 'm/data.pkl', pickle: 'PROTO 2\nEMPTY_DICT\nSTOP' };
  const printed = (text: string) => told('net.pt', data, { name: 'm/code/__torch__/net.py', text });
  assert.deepEqual(await printed(runs), ['error archive/handler-calls']);
  const forward = 'class Net(Module):\n  def forward(self: Net, x: Tensor) -> Tensor:\n';
  assert.deepEqual(await printed(`${forward}    return ops.prim.eval(torch.relu(x))\n`), []);
});
