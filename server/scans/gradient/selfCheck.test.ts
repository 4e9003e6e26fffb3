import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { Classifier } from '../classifier.ts';
import { ModelBuilder, writeModelFile } from '../onnx/modelBuilder.fixture.ts';
import { ModelFile } from '../runtime/modelFile.ts';
import { loadOnnxRuntime } from '../runtime/onnxRuntime.ts';
import type { SampleSet } from '../samples/sampleSet.ts';
import { SeededRandom } from '../seededRandom.ts';
import { checkGradient, leastCorrelation } from './selfCheck.ts';

const size = 24;
const random = new SeededRandom(3);
const samples: SampleSet = {
  x: Float32Array.from({ length: 20 * size }, () => random.next()),
  y: null,
  count: 20,
  shape: [size],
  layout: 'features',
  low: new Float32Array(size),
  high: new Float32Array(size).fill(1),
  notes: [],
};

test('a gradient agrees with what the model does, and one with a part missing, scaled by element or turned does not', async () => {
  const m = new ModelBuilder(7);
  const hidden = m.node('Relu', [m.node('Gemm', ['x', m.weights([size, 16], 0.5), m.weights([16])])]);
  const file = writeModelFile(m.build(m.node('Gemm', [hidden, m.weights([16, 5])]), ['n', size]));
  const model = new ModelFile(file);
  const classifier = await Classifier.open(loadOnnxRuntime(), model, [size], { provider: 'cpu', batch: 16 });
  try {
    const right = await checkGradient(classifier, samples, 1);
    assert.ok(right!.correlation > 0.999, `${right!.correlation}`);
    assert.deepEqual(await checkGradient(classifier, samples, 1), right);
    const whole = classifier.gradient.bind(classifier);
    const wrongs: Record<string, (value: number, at: number) => number> = {
      'half of it is missing': (value, at) => (at % 2 === 0 ? value : 0),
      'it is nothing': () => 0,
      'every second element is turned': (value, at) => (at % 2 === 0 ? value : -value),
    };
    for (const [what, change] of Object.entries(wrongs)) {
      classifier.gradient = async (...args) => {
        const { scores, gradient } = await whole(...args);
        return { scores, gradient: gradient.map(change) };
      };
      const wrong = await checkGradient(classifier, samples, 1);
      assert.ok(wrong!.correlation < leastCorrelation, `${what}: ${wrong!.correlation}`);
    }
  } finally {
    await classifier.close();
    model.close();
    rmSync(dirname(file), { recursive: true });
  }
});
