import assert from 'node:assert/strict';
import { it } from 'node:test';
import { machineCode } from './machineCode.ts';
import { headerOf } from './machineCode.fixture.ts';
import { MemorySource } from './source.ts';

const told = (bytes: Uint8Array) => machineCode(new MemorySource(bytes));

it('tells machine code and its architecture by the headers of each format', () => {
  for (const format of ['elf', 'pe', 'mach-o'] as const)
    for (const architecture of ['x64', 'arm64'] as const)
      assert.deepEqual(told(headerOf(format, architecture)), { format, architecture });
  const fat = Buffer.from('cafebabe00000002'.padEnd(64, '0'), 'hex');
  assert.deepEqual(told(fat), { format: 'mach-o', architecture: null });
  const bigEndian = headerOf('elf', 'x64');
  bigEndian[5] = 2;
  assert.deepEqual(told(bigEndian), { format: 'elf', architecture: null });
});

it('takes nothing else for it, and believes no offset', () => {
  const javaClass = Buffer.from('cafebabe00000034'.padEnd(64, '0'), 'hex');
  const windows = headerOf('pe', 'x64');
  windows.writeUInt32LE(0xffffffff, 60);
  for (const bytes of [javaClass, windows, Buffer.from('MZ'), Buffer.from('MZ in a text, and nothing else'.repeat(4))])
    assert.equal(told(bytes), null);
  assert.deepEqual(told(headerOf('elf', 'x64').subarray(0, 16)), { format: 'elf', architecture: null });
});
