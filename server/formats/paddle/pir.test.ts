import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from '../inspect.ts';
import { MemorySource } from '../source.ts';

/** A program as Paddle 3 writes it: keys sorted, dialects as digits. */
function program(...ops: object[]): Uint8Array {
  const blocks = [{ '#': 'block_0', args: [], ops }];
  return Buffer.from(
    JSON.stringify({
      base_code: { magic: 'pir', trainable: false, version: 1 },
      program: { regions: [{ '#': 'region_0', blocks }] },
    }),
  );
}

const read = (bytes: Uint8Array) => inspect(new MemorySource(bytes), 'inference.json');

describe('a program of Paddle 3', () => {
  it('is read for its operators, in inner regions, too', () => {
    const inner = { '#': '3.my_op', A: [], I: [{ '%': 1 }], O: [] };
    const bytes = program(
      { '#': '1.matmul', A: [], I: [{ '%': 1 }], O: [{ '%': 2 }] },
      { '#': '2.if', A: [], I: [], O: [], regions: [{ '#': 'r', blocks: [{ '#': 'b', args: [], ops: [inner] }] }] },
    );
    const { format, parts, problems } = read(bytes);
    const graph = parts.find((part) => part.kind === 'graph');
    assert.deepEqual([format, problems], ['paddle', []]);
    assert.deepEqual(graph?.kind === 'graph' && graph.operators.map(({ domain, name }) => `${domain}:${name}`), [
      ':matmul',
      'cf:if',
      'custom_op:my_op',
    ]);
  });

  it('is read for paths in attributes', () => {
    const path = [{ AT: { '#': '0.a_str', D: '../../etc/passwd' }, N: 'file_path' }];
    const { parts } = read(program({ '#': '1.load_combine', A: path, I: [], O: [] }));
    const graph = parts.find((part) => part.kind === 'graph');
    assert.deepEqual(graph?.kind === 'graph' && graph.references.map(({ by, name }) => [by, name]), [
      ['load_combine', '../../etc/passwd'],
    ]);
  });

  it('is told when it breaks off', () => {
    const bytes = program({ '#': '1.relu', A: [], I: [], O: [] });
    assert.deepEqual(
      read(bytes.subarray(0, bytes.length - 5)).problems.map(({ code, incomplete }) => [code, incomplete]),
      [['malformed', true]],
    );
  });
});
