import { bytePlace, quoted } from '../place.ts';
import { defineRule } from '../rule.ts';

export const coremlCustomLayer = defineRule({
  subject: 'graph',
  meta: {
    id: 'coreml/custom-layer',
    title: 'A Core ML model calls a class of the application',
    severity: 'warning',
    description:
      'A layer, or the model as a whole, is custom: Core ML runs a class of the application that has the name in the file.',
    why: 'The model only runs with native code that somebody else wrote, and chooses by name which class that is.',
    howToFix:
      'Find out what the class does. Use it only if you build it, or convert the model again without custom layers.',
    avoid: [
      {
        file: 'model.mlmodel',
        protobuf: [
          [1, 4],
          [2, []],
          [
            500,
            [
              [
                1,
                [
                  [1, 'swish'],
                  [500, [[10, 'MySwish']]],
                ],
              ],
            ],
          ],
        ],
        note: 'Field 500 of the layer is custom, and its field 10 the class.',
      },
    ],
    prefer: [
      {
        file: 'model.mlmodel',
        protobuf: [
          [1, 4],
          [2, []],
          [
            500,
            [
              [
                1,
                [
                  [1, 'softmax'],
                  [175, []],
                ],
              ],
            ],
          ],
        ],
      },
    ],
    references: [
      { title: 'Apple: MLCustomLayer', url: 'https://developer.apple.com/documentation/coreml/mlcustomlayer' },
      { title: 'Core ML model format', url: 'https://apple.github.io/coremltools/mlmodel/index.html' },
    ],
    cwe: [829, 470],
    atlas: ['AML.T0011.000'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(part, report) {
    if (part.format !== 'coreml') return;
    const classes = part.references.filter(({ what }) => what === 'class');
    const [first] = classes;
    if (first === undefined) return;
    const names = [...new Set(classes.map(({ name }) => name))];
    const more = names.length > 3 ? ` and ${names.length - 3} more` : '';
    report({
      message: `Calls the class ${names.slice(0, 3).map(quoted).join(', ')}${more} of the application. Find out what it does before you use the model.`,
      location: bytePlace(part, first.offset),
      evidence: { classes: names.slice(0, 100), layer: first.by },
    });
  },
});
