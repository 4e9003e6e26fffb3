import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { matrix, type Matrix } from '../statistics/matrix.ts';
import { randomFrom } from '../statistics/random.ts';
import { scoreRows } from './scoreRows.ts';
import { makeWorkspace } from './workspace.fixture.ts';

/** Rows all around, and twelve that lie close together. */
function vectorsWithGroup(rows: number): Matrix {
  const random = randomFrom(7);
  const data = matrix(rows, 8);
  for (let at = 0; at < data.values.length; at++) data.values[at] = random() - 0.5;
  for (let row = 100; row < 112; row++) {
    for (let column = 0; column < 8; column++) data.values[row * 8 + column] = 0.3 + 0.01 * random();
  }
  return data;
}

const jobOf = (rows: number) => ({ vectors: vectorsWithGroup(rows), classes: [], seed: 1 });
const run = (rows: number, signal = new AbortController().signal, onShare: (share: number) => void = () => undefined) =>
  scoreRows(jobOf(rows), signal, onShare);

/** Processes that are started meanwhile find no ONNX Runtime, or one that ends them. */
function withRuntime(context: TestContext, behaviour: string): void {
  const { root } = makeWorkspace(context, {});
  const hook = path.join(root, 'hook.cjs');
  writeFileSync(
    hook,
    `const Module = require('node:module');
    const load = Module._load;
    Module._load = function (request, ...more) {
      if (request === 'onnxruntime-node') { ${behaviour} }
      return load.call(this, request, ...more);
    };`,
  );
  const before = process.env['NODE_OPTIONS'];
  process.env['NODE_OPTIONS'] = `--require ${JSON.stringify(hook)}`;
  context.after(() => {
    if (before === undefined) delete process.env['NODE_OPTIONS'];
    else process.env['NODE_OPTIONS'] = before;
  });
}

describe('scores of rows', () => {
  test('ONNX Runtime and our own arithmetic come to the same, and the result says which it was', async (context) => {
    const shares: number[] = [];
    const theirs = await run(1600, undefined, (share) => shares.push(share));
    assert.equal(theirs.distances.by, 'onnxruntime');
    assert.match(theirs.distances.runtime ?? '', /^\d+\.\d+/);
    assert.ok(shares.length > 1 && shares.every((share) => share >= 0 && share <= 1), shares.join());
    const groups = new Set(theirs.scores.group.subarray(100, 112));
    assert.deepEqual([groups.size, groups.has(-1)], [1, false], 'the twelve are one group');

    withRuntime(
      context,
      `throw Object.assign(new Error("Cannot find module 'onnxruntime-node'"), { code: 'MODULE_NOT_FOUND' });`,
    );
    const ours = await run(1600);
    assert.equal(ours.distances.by, 'weighbridge');
    assert.match(ours.distances.reason ?? '', /onnxruntime-node is not installed/);
    assert.deepEqual(ours.scores.group, theirs.scores.group);
    for (const [row, value] of ours.scores.density.entries()) {
      assert.ok(Math.abs(value - theirs.scores.density[row]!) < 1e-6, `row ${row}`);
    }
  });

  test('are computed here when native code ends its process', async (context) => {
    withRuntime(context, 'process.abort();');
    const { distances, scores } = await run(1600);
    assert.equal(distances.by, 'weighbridge');
    assert.match(distances.reason ?? '', /ended unexpectedly \(signal SIGABRT|ended unexpectedly \(exit code/);
    assert.notEqual(scores.group[105], -1);
  });

  test('are computed here for few rows', async () => {
    const { distances } = await run(300);
    assert.deepEqual([distances.by, distances.runtime], ['weighbridge', null]);
    assert.match(distances.reason ?? '', /300 rows are too few/);
  });

  test('end with the signal, wherever they are computed', async (context) => {
    const controller = new AbortController();
    await assert.rejects(
      run(1600, controller.signal, () => controller.abort()),
      { code: 'cancelled' },
    );
    withRuntime(context, 'process.abort();');
    const other = new AbortController();
    await assert.rejects(
      run(8000, other.signal, () => other.abort()),
      { code: 'cancelled' },
    );
  });
});
