import { bytePlace, quoted } from '../place.ts';
import { defineRule } from '../rule.ts';
import { isKnownCustom } from './operators.ts';

export const tfliteCustomOperator = defineRule({
  subject: 'graph',
  meta: {
    id: 'tflite/custom-operator',
    title: 'A TensorFlow Lite model needs a library of custom operators',
    severity: 'warning',
    description:
      'The model has operators that are neither built in nor those of TensorFlow, MediaPipe, the Edge TPU or TensorFlow Text. One finding a file.',
    why: 'Such a model only runs with native code that the application registers under these names: whoever made you load the model makes you load that, too.',
    howToFix: 'Find out whose operators they are. Use the code only if you build it, or trust who did.',
    avoid: [
      {
        file: 'model.tflite',
        hex: '1200000054464c330a001000040008000c000a00000003000000080000002f00000001000000100000000c000d0004000500000009000c000000200800000020000000060000004576696c4f7001000000100000000c00080000000000000004000c00000004000000010000000a0000000600080004000600000000000000',
      },
    ],
    prefer: [
      {
        file: 'detector.tflite',
        hex: '1200000054464c330a001000040008000c000a00000003000000080000004500000001000000100000000c000d0004000500000009000c0000002008000000200000001c00000054464c6974655f446574656374696f6e5f506f737450726f6365737301000000100000000c00080000000000000004000c00000004000000010000000a0000000600080004000600000000000000',
        note: 'Object detectors have a custom operator that comes with the runtime.',
      },
    ],
    references: [{ title: 'LiteRT: custom operators', url: 'https://ai.google.dev/edge/litert/models/ops_custom' }],
    cwe: [829, 114],
    atlas: ['AML.T0011.000'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(part, report) {
    if (part.format !== 'tflite') return;
    const custom = part.operators.filter(({ domain, name }) => domain === 'custom' && !isKnownCustom(name));
    const [first] = custom;
    if (first === undefined) return;
    const names = custom.map(({ name }) => name);
    const more = names.length > 3 ? ` and ${names.length - 3} more` : '';
    report({
      message: `Needs native code for the operators ${names.slice(0, 3).map(quoted).join(', ')}${more}. Find out whose they are before you load it.`,
      location: bytePlace(part, first.offset),
      evidence: { operators: names.slice(0, 100) },
    });
  },
});
