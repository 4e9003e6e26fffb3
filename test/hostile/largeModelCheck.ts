import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { Classifier } from '../../server/scans/classifier.ts';
import { largeInputs, writeLargeModel } from '../../server/scans/runtime/largeModel.fixture.ts';
import { ModelFile } from '../../server/scans/runtime/modelFile.ts';
import { loadOnnxRuntime } from '../../server/scans/runtime/onnxRuntime.ts';

/** Memory that is this process's own and no file's, in bytes; null where the system does not tell. */
function ownMemory(): number | null {
  try {
    const line = /^Anonymous:\s+(\d+) kB/m.exec(readFileSync('/proc/self/smaps_rollup', 'utf8'));
    return line ? 1024 * Number(line[1]) : null;
  } catch {
    return null;
  }
}

/**
 * Differentiates a model whose weights are beside it or in it, and holds the gradient to the one by hand, and the memory to what it was before.
 * @returns what was measured, for people.
 */
export async function checkLargeModel(side: number, where: 'beside' | 'inside' = 'beside'): Promise<string> {
  const { folder, file, weights, gradient } = writeLargeModel(side, where);
  const before = ownMemory();
  try {
    const model = new ModelFile(file);
    const classifier = await Classifier.open(loadOnnxRuntime(), model, [largeInputs], { provider: 'cpu', batch: 4 });
    assert.ok(await classifier.differentiable('cross-entropy'), classifier.whyNoGradient ?? '');
    const x = Float32Array.from({ length: 4 * largeInputs }, (_, index) => 0.05 * Math.sin(3 * index));
    const targets = [0, 1, 2, 0];
    const found = (await classifier.gradient('cross-entropy', x, targets)).gradient;
    const wanted = gradient(x, targets);
    const largest = wanted.reduce((most, each) => Math.max(most, Math.abs(each)), 0);
    const worst = wanted.reduce((most, each, index) => Math.max(most, Math.abs(each - found[index]!)), 0);
    assert.ok(worst < 1e-3 * largest, `off by ${worst} of ${largest}`);
    const after = ownMemory();
    await classifier.close();
    model.close();
    if (before === null || after === null)
      return `${gigabytes(weights)} of weights; this system does not tell whose memory is whose`;
    // Two sessions are open, for scores and for gradients. Neither has a copy of the weights: both use those that the system maps.
    assert.ok(after - before < 0.3 * weights, `${gigabytes(after - before)} for ${gigabytes(weights)} of weights`);
    return `${gigabytes(weights)} of weights, ${gigabytes(after - before)} of memory beside them with scores and gradients`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(2)} GB`;
