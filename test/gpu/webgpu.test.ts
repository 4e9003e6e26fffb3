import './softwareGpu.ts';
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { after, describe, it } from 'node:test';
import { openGradient } from '../../server/scans/gradient/openGradient.ts';
import { operatorCases, type OperatorCase } from '../../server/scans/gradient/operatorCases.fixture.ts';
import { ModelBuilder, writeModelFile } from '../../server/scans/onnx/modelBuilder.fixture.ts';
import { sizeOf } from '../../server/scans/onnx/readTensor.ts';
import { backdoorJob, samplesAt } from '../../server/scans/backdoorJob.fixture.ts';
import { runScan } from '../../server/scans/process/scanProcess.ts';
import { backdoorTarget, writePrototypeFiles } from '../../server/scans/prototypeModel.fixture.ts';
import { openChecked } from '../../server/scans/runtime/checkedSession.ts';
import { ModelFile } from '../../server/scans/runtime/modelFile.ts';
import { loadOnnxRuntime } from '../../server/scans/runtime/onnxRuntime.ts';
import { providerNames, type Provider } from '../../server/scans/runtime/providers.ts';
import { Session } from '../../server/scans/runtime/session.ts';
import { SeededRandom } from '../../server/scans/seededRandom.ts';

const runtime = loadOnnxRuntime();

/** The gradient of a random weighting of the output, and why it did not run where it should. */
async function gradientOn(
  provider: Provider,
  test: OperatorCase,
  model: ModelFile,
): Promise<{ gradient: number[]; refused: string | null }> {
  const random = new SeededRandom(3);
  const draw = (): number => (test.positive ? 0.5 + 1.5 * random.next() : random.normal());
  const x = { shape: test.shape, data: Float32Array.from({ length: sizeOf(test.shape) }, draw) };
  const opened = await openGradient(runtime, model, {
    ...{ from: 'x', type: 1, scores: 'y', loss: 'seed', feeds: { x }, provider, threads: 1 },
  });
  if ('reason' in opened) assert.fail(opened.reason);
  const { session, graph } = opened;
  const { used, failed } = session.provider;
  const shape = session.inputShape(graph.input);
  const seed = { shape, data: Float32Array.from({ length: sizeOf(shape) }, () => random.normal()) };
  const outputs = await session.run({ x, [graph.input]: seed }, [graph.gradient]);
  await session.close();
  return {
    gradient: Array.from(outputs[graph.gradient]!.data),
    refused: used === provider ? null : (failed.at(-1)?.reason ?? 'no reason'),
  };
}

/** WGSL lets sine and cosine be off by this much. */
const tolerance = ({ name }: OperatorCase): number => (/^(?:Sin|Cos)$/.test(name) ? 2 ** -11 : 1e-4);

/** Compares the gradients of both, of every operator. @returns where they differ, and what the provider did not run. */
async function compare(provider: Provider): Promise<{ wrong: string[]; refused: Map<string, string> }> {
  const wrong: string[] = [];
  const refused = new Map<string, string>();
  for (const test of operatorCases) {
    const builder = new ModelBuilder(7);
    const output = test.build(builder, 'x');
    const { opset, domains } = test;
    const file = writeModelFile(builder.build(output, test.shape, { opset, ...(domains && { domains }) }));
    const model = new ModelFile(file);
    try {
      const wanted = (await gradientOn('cpu', test, model)).gradient;
      const got = await gradientOn(provider, test, model);
      if (got.refused !== null) refused.set(test.name, got.refused);
      const largest = wanted.reduce((most, each) => Math.max(most, Math.abs(each)), 0);
      const worst = wanted.reduce((most, each, index) => Math.max(most, Math.abs(each - got.gradient[index]!)), 0);
      // NaN is not at most anything.
      if (!(largest > 0 && worst <= tolerance(test) * largest))
        wrong.push(`${test.name}: off by ${worst} of ${largest}`);
    } finally {
      model.close();
      rmSync(dirname(file), { recursive: true });
    }
  }
  return { wrong, refused };
}

describe('WebGPU, on a GPU in software', { timeout: 900_000 }, () => {
  const files = writePrototypeFiles();
  after(() => rmSync(files.folder, { recursive: true }));

  it('gives the gradients of the CPU, of every operator, and the CPU takes over what it cannot run', async () => {
    const { wrong, refused } = await compare('webgpu');
    assert.deepEqual(wrong, []);
    assert.deepEqual([...refused.keys()], ['Conv three axes', 'Softmax of operator set 11']);
    assert.match(refused.get('Conv three axes')!, /Only Conv2d or Conv1d are supported/);
  });

  it('runs the model itself there, node by node', async () => {
    const file = new ModelFile(files.clean);
    const options = { provider: 'webgpu', profiled: true } as const;
    const session = await Session.open(runtime, () => file.with(null), options);
    assert.deepEqual([session.provider.used, session.provider.failed], ['webgpu', []]);
    await session.run({ x: { shape: [1, 1, 8, 8], data: new Float32Array(64) } });
    const placement = session.placement()!;
    await session.close();
    file.close();
    assert.ok(placement['WebGpuExecutionProvider']!.nodes >= 2, JSON.stringify(placement));
  });

  it('is not believed where it computes something else than the CPU', async () => {
    // Two groups of six output channels each: ONNX Runtime 1.30 gets them wrong, without a word.
    const m = new ModelBuilder(7);
    const bytes = m.build(m.node('Conv', ['x', m.weights([12, 1, 3, 3])], { group: 2 }), [1, 2, 6, 6]);
    const x = { shape: [1, 2, 6, 6], data: Float32Array.from({ length: 72 }, () => m.random.normal()) };
    const trial = () => ({ feeds: { x }, fetches: ['y'] });
    const session = await openChecked(runtime, () => bytes, { provider: 'webgpu' }, trial);
    assert.equal(session.provider.used, 'cpu');
    assert.match(session.provider.failed[0]!.reason, /gives other results than the CPU/);
    await session.close();
  });

  it('comes to the verdict of the CPU, and the report names it', async (context) => {
    const samples = samplesAt(files.samples, { range: [0, 1] });
    const job = backdoorJob(files.backdoored, samples, { methods: ['neural-cleanse'] });
    const scan = await runScan('backdoor', { ...job, provider: 'webgpu' });
    context.diagnostic(`${scan.provider.used}: ${(scan.durationMs / 1000).toFixed(1)} s`);
    assert.deepEqual([scan.provider.used, scan.provider.failed], ['webgpu', []]);
    assert.doesNotMatch(scan.notes.join(), /ran on/);
    assert.deepEqual([scan.verdict, scan.neuralCleanse!.flaggedClasses], ['backdoor', [backdoorTarget]]);
    const again = await runScan('backdoor', { ...job, provider: 'webgpu', classes: [backdoorTarget] });
    const norm = ({ neuralCleanse }: typeof scan) =>
      neuralCleanse!.classes.find((each) => each.class === backdoorTarget)!.maskNorm;
    assert.equal(norm(again), norm(scan));
  });
});

describe('an accelerator of this machine', { timeout: 900_000 }, () => {
  const others = providerNames.filter(
    (name): name is Exclude<Provider, 'cpu'> => !['auto', 'cpu', 'webgpu'].includes(name),
  );
  for (const provider of others) {
    it(`${provider} gives the gradients of the CPU, where there is one`, async (context) => {
      const m = new ModelBuilder(7);
      const bytes = m.build(m.node('Relu', ['x']), [1, 2]);
      const session = await Session.open(runtime, () => bytes, { provider });
      await session.close();
      const { used, failed } = session.provider;
      if (used !== provider) {
        context.diagnostic(`${provider} is not here: ${failed[0]!.reason}`);
        assert.equal(used, 'cpu');
        return;
      }
      const { wrong, refused } = await compare(provider);
      for (const [name, reason] of refused) context.diagnostic(`${name} runs on the CPU: ${reason}`);
      assert.deepEqual(wrong, []);
    });
  }
});
