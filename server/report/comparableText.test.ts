import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { defaultConfiguration } from '../engine/configuration.ts';
import { tensorDigests } from '../engine/tensorDigests.ts';
import { WorkspaceScanner } from '../engine/workspaceScanner.ts';
import { WeighbridgeError } from '../errors.ts';
import { comparableText } from './comparableText.ts';

describe('a description that can be compared', () => {
  const folder = mkdtempSync(join(tmpdir(), 'weighbridge-compare-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** Two float tensors in the order that is given, with metadata. */
  function write(name: string, order: ('a' | 'b')[], values: { a: number; b: number }, by: string): string {
    const header: Record<string, unknown> = { __metadata__: { by } };
    for (const [index, tensor] of order.entries()) {
      header[`${tensor}.weight`] = { dtype: 'F32', shape: [1], data_offsets: [index * 4, index * 4 + 4] };
    }
    const json = Buffer.from(JSON.stringify(header));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(json.length));
    const data = Buffer.alloc(8);
    for (const [index, tensor] of order.entries()) data.writeFloatLE(values[tensor], index * 4);
    const file = join(folder, name);
    writeFileSync(file, Buffer.concat([length, json, data]));
    return file;
  }

  async function describeFile(file: string): Promise<string[]> {
    const scanner = new WorkspaceScanner({ base: folder, configuration: defaultConfiguration(folder), cache: false });
    try {
      const inspected = await scanner.files.inspectFile(file);
      const { parts } = inspected.inspection;
      const digests = await tensorDigests(file, parts, scanner.configuration.limits);
      return comparableText(inspected, digests).split('\n');
    } finally {
      await scanner.dispose();
    }
  }

  it('differs in exactly the lines of what differs, in whatever order the file has it', async () => {
    const one = await describeFile(write('one.safetensors', ['a', 'b'], { a: 1, b: 2 }, 'us'));
    const two = await describeFile(write('two.safetensors', ['b', 'a'], { a: 1, b: 3 }, 'them'));
    const only = (lines: string[], others: string[]) => lines.filter((line) => !others.includes(line));
    assert.deepEqual(
      only(one, two).map((line) => line.replace(/[0-9a-f]{16}$/, '#')),
      ['  by = us', '  b.weight  F32  [1]  #'],
    );
    assert.deepEqual(
      only(two, one).map((line) => line.replace(/[0-9a-f]{16}$/, '#')),
      ['  by = them', '  b.weight  F32  [1]  #'],
    );
    assert.ok(
      one.some((line) => /^ {2}a\.weight {2}F32 {2}\[1\] {2}e00e5eb9444182f3$/.test(line)),
      one.join('\n'),
    );
  });

  it('stops when it is cancelled, and says so when the file ends inside a tensor', async () => {
    const file = write('short.safetensors', ['a', 'b'], { a: 1, b: 2 }, 'us');
    const scanner = new WorkspaceScanner({ base: folder, configuration: defaultConfiguration(folder), cache: false });
    const { inspection } = await scanner.files.inspectFile(file);
    const { limits } = scanner.configuration;
    await scanner.dispose();
    await assert.rejects(
      tensorDigests(file, inspection.parts, limits, { signal: AbortSignal.abort() }),
      (error) => error instanceof WeighbridgeError && error.code === 'cancelled',
    );
    const claimed = inspection.parts.map((part) =>
      'tensors' in part ? { ...part, tensors: part.tensors.map((tensor) => ({ ...tensor, bytes: 1000 })) } : part,
    );
    await assert.rejects(tensorDigests(file, claimed, limits), /ends inside the tensor/);
  });
});
