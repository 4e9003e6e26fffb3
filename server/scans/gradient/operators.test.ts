import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ModelBuilder, writeModelFile } from '../onnx/modelBuilder.fixture.ts';
import { sizeOf } from '../onnx/readTensor.ts';
import { ModelFile } from '../runtime/modelFile.ts';
import { loadOnnxRuntime } from '../runtime/onnxRuntime.ts';
import { SeededRandom } from '../seededRandom.ts';
import { openGradient, type GradientSession } from './openGradient.ts';
import { operatorCases, type OperatorCase } from './operatorCases.fixture.ts';
import { differentiableOperators } from './rules.ts';

const runtime = loadOnnxRuntime();

function modelOf({ opset, domains, shape, build }: OperatorCase): ModelFile {
  const builder = new ModelBuilder(7);
  const output = build(builder, 'x');
  return new ModelFile(writeModelFile(builder.build(output, shape, { opset, ...(domains && { domains }) })));
}

function inputOf({ shape, positive }: OperatorCase, random: SeededRandom): Float32Array {
  return Float32Array.from({ length: sizeOf(shape) }, () => (positive ? 0.5 + 1.5 * random.next() : random.normal()));
}

async function gradientOf(test: OperatorCase, portable: boolean): Promise<GradientSession> {
  const random = new SeededRandom(3);
  const feeds = { x: { shape: test.shape, data: inputOf(test, random) } };
  const opened = await openGradient(runtime, modelOf(test), {
    ...{ from: 'x', type: 1, scores: 'y', loss: 'seed', feeds, provider: 'cpu', portable, threads: 1 },
  });
  if ('reason' in opened) assert.fail(opened.reason);
  return opened;
}

/** Compares slopes along random directions, which the gradient gives, with those that two runs of the model give. */
async function check(test: OperatorCase, portable: boolean): Promise<void> {
  const { session, graph } = await gradientOf(test, portable);
  const random = new SeededRandom(3);
  const x = inputOf(test, random);
  const value = async (input: Float32Array): Promise<ArrayLike<number>> =>
    (await session.run({ x: { shape: test.shape, data: input }, [graph.input]: seed }, ['y']))['y']!.data;
  const shape = session.inputShape(graph.input);
  const seed = { shape, data: Float32Array.from({ length: sizeOf(shape) }, () => random.normal()) };
  const gradient = (await session.run({ x: { shape: test.shape, data: x }, [graph.input]: seed }))[graph.gradient]!;
  assert.deepEqual(gradient.shape, test.shape);
  const size = Math.sqrt(Array.from(gradient.data).reduce((sum, each) => sum + each * each, 0));
  assert.ok(size > 0, 'the gradient is zero');
  const step = test.estimate ? 0.3 : 5e-4;
  for (let repeat = 0; repeat < 4; repeat++) {
    const direction = Float32Array.from(x, () => random.normal());
    const ahead = await value(x.map((each, index) => each + step * direction[index]!));
    const behind = await value(x.map((each, index) => each - step * direction[index]!));
    let measured = 0;
    seed.data.forEach((weight, index) => (measured += (weight * (ahead[index]! - behind[index]!)) / (2 * step)));
    const given = direction.reduce((sum, each, index) => sum + each * gradient.data[index]!, 0);
    const allowed = test.estimate ? 0.25 : 0.02;
    assert.ok(
      Math.abs(given - measured) <= allowed * size,
      `the gradient says ${given}, the model ${measured}; a slope of this gradient is about ${size}`,
    );
  }
  await session.close();
}

describe('the gradient of an operator', () => {
  for (const test of operatorCases) {
    it(`${test.name} is what the operator does`, () => check(test, false));
  }
  it('is the same of the operators that other providers have', async () => {
    for (const test of operatorCases) if (/^(?:MaxPool|AveragePool|Conv)/.test(test.name)) await check(test, true);
  });
  it('is tested of every operator that has a rule', () => {
    const tested = new Set<string>();
    for (const test of operatorCases) {
      const builder = new ModelBuilder();
      test.build(builder, 'x');
      for (const { operator, domain = '' } of builder.nodes)
        tested.add(domain === '' ? operator : `${domain}.${operator}`);
    }
    // It has a rule that says why it has no gradient, and Swish is not in the runtime yet.
    const without = differentiableOperators().filter(
      (name) => !tested.has(name) && name !== 'ReduceProd' && name !== 'Swish',
    );
    assert.deepEqual(without, []);
  });
});
