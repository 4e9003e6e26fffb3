import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { WeighbridgeError } from '../errors.ts';
import { writeAtomically } from './atomicWrite.ts';

function folderOf(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'weighbridge-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const systemError = (code: string, syscall: string) =>
  Object.assign(new Error(`${code}: ${syscall}`), { code, syscall });

test('a disk that is full is told as such, wherever it shows, and nothing is left behind', async (context) => {
  const folder = folderOf(context);
  const target = join(folder, 'o.safetensors');
  for (const [code, why] of [
    ['ENOSPC', /the disk is full/],
    ['EFBIG', /larger than the file system allows/],
  ] as const) {
    const expected = { code: 'unwritable', message: why };
    const fails = () => Promise.reject(systemError(code, 'write'));
    await assert.rejects(writeAtomically(target, {}, fails), expected);
    const check = () => Promise.reject(systemError(code, 'read'));
    await assert.rejects(
      writeAtomically(target, { check }, (file) => file.writeFile('x')),
      expected,
    );
    assert.deepEqual(readdirSync(folder), []);
  }
});

test('what the source says, and a mistake of ours, stay what they are', async (context) => {
  const target = join(folderOf(context), 'o');
  const source = new WeighbridgeError('unreadable', 'in.pt cannot be read');
  await assert.rejects(
    writeAtomically(target, {}, () => Promise.reject(source)),
    source,
  );
  const mistake = Object.assign(new RangeError('out of range'), { code: 'ERR_OUT_OF_RANGE' });
  await assert.rejects(
    writeAtomically(target, {}, () => Promise.reject(mistake)),
    mistake,
  );
});

test('what a killed process left of the same target goes, and nothing else', async (context) => {
  const folder = folderOf(context);
  const old = '.o.safetensors.0123456789ab.partial';
  const kept = [
    '.o.safetensors.ba9876543210.partial', // Somebody may be writing it.
    '.o.safetensors.0123456789AB.partial',
    '.o.safetensors.partial',
    '.other.safetensors.0123456789ab.partial',
    'o.safetensors.0123456789ab.partial',
  ];
  for (const name of [old, ...kept]) writeFileSync(join(folder, name), '');
  const aFolder = '.o.safetensors.aaaaaaaaaaaa.partial';
  mkdirSync(join(folder, aFolder));
  for (const name of [old, ...kept.slice(1), aFolder]) utimesSync(join(folder, name), 1, 1);
  await writeAtomically(join(folder, 'o.safetensors'), {}, (file) => file.writeFile('x'));
  assert.deepEqual(readdirSync(folder).sort(), [...kept, aFolder, 'o.safetensors'].sort());
});
