import { bytePlace, quoted } from '../place.ts';
import { defineRule } from '../rule.ts';

export const opaqueEngine = defineRule({
  subject: 'graph',
  meta: {
    id: 'tensorrt/opaque-engine',
    title: 'A TensorRT engine is compiled code',
    severity: 'info',
    description:
      'A TensorRT engine is machine code for one kind of GPU in a format that is not documented. It is searched for code for the processor and for names of shared libraries; when there are any, it is a warning. The first 512 MiB are searched.',
    why: 'Nobody can say what an engine computes, and an engine can bring plugin libraries, which are native code in the process. NVIDIA advises to load engines from trusted sources only.',
    howToFix: 'Build the engine yourself, from the ONNX model that it was made of.',
    avoid: [
      {
        file: 'model.plan',
        hex: '66747274 00000000 2f746d702f706c7567696e732f6c69626576696c2e736f00',
        note: 'It names a plugin library.',
      },
    ],
    prefer: [
      {
        file: 'model.onnx',
        protobuf: [
          [1, 8],
          [
            7,
            [
              [
                1,
                [
                  [1, 'x'],
                  [2, 'y'],
                  [4, 'Relu'],
                ],
              ],
            ],
          ],
        ],
      },
    ],
    references: [
      {
        title: 'NVIDIA TensorRT: plugin shared libraries in engines',
        url: 'https://docs.nvidia.com/deeplearning/tensorrt/latest/inference-library/extending-custom-layers.html',
      },
    ],
    cwe: [829, 494],
    atlas: ['AML.T0011.000'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(part, report) {
    if (part.format !== 'tensorrt') return;
    const libraries = part.references.filter(({ what }) => what === 'library');
    const [first] = libraries;
    if (first === undefined) {
      report({
        message:
          'This is compiled code for a GPU, which cannot be looked into. Build it yourself from the ONNX model, or trust who did.',
        location: { entry: part.entry === '' ? null : part.entry },
      });
      return;
    }
    const what = first.by === 'name' ? `names the shared library ${quoted(first.name)}` : `carries ${first.name}`;
    report({
      severity: 'warning',
      message: `The engine ${what}: native code that may be loaded with it. Build the engine yourself from the ONNX model.`,
      location: bytePlace(part, first.offset),
      evidence: { libraries: libraries.slice(0, 20).map(({ by, name, offset }) => ({ by, name, offset })) },
    });
  },
});
