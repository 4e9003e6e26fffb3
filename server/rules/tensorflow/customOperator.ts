import { bytePlace, quoted } from '../place.ts';
import { defineRule } from '../rule.ts';
import { isCustom, isTensorflow } from './operators.ts';

export const tensorflowCustomOperator = defineRule({
  subject: 'graph',
  meta: {
    id: 'tensorflow/custom-operator',
    title: 'The TensorFlow graph needs an operator that TensorFlow does not have',
    severity: 'warning',
    description:
      'A SavedModel, a meta graph or a frozen graph has operators that TensorFlow does not register, and that are no functions of the graph. One finding names them all.',
    why: 'Such operators come from a native library that has to be loaded beside the model (`tf.load_op_library`), and that runs with your rights.',
    howToFix:
      'Find out which library has the operator, and load it only from where you trust it. Otherwise export the model without it.',
    avoid: [
      {
        file: 'm/saved_model.pb',
        protobuf: [
          [1, 1],
          [
            2,
            [
              [
                2,
                [
                  [
                    1,
                    [
                      [1, 'n'],
                      [2, 'MyOperator'],
                    ],
                  ],
                ],
              ],
            ],
          ],
        ],
      },
    ],
    prefer: [
      {
        file: 'm/saved_model.pb',
        protobuf: [
          [1, 1],
          [
            2,
            [
              [
                2,
                [
                  [
                    1,
                    [
                      [1, 'n'],
                      [2, 'MatMul'],
                    ],
                  ],
                ],
              ],
            ],
          ],
        ],
      },
    ],
    references: [
      { title: 'TensorFlow: create an op', url: 'https://www.tensorflow.org/guide/create_op' },
      {
        title: 'TensorFlow: models are programs',
        url: 'https://github.com/tensorflow/tensorflow/blob/master/SECURITY.md',
      },
    ],
    cwe: [829],
    atlas: ['AML.T0010.001', 'AML.T0011.000'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['MAP 4.1', 'MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(part, report) {
    if (!isTensorflow(part.format)) return;
    const custom = part.operators.filter(isCustom);
    const [first] = custom;
    if (first === undefined) return;
    const names = custom.map(({ domain, name }) => (domain === '' ? name : `${domain}>${name}`));
    const more = names.length > 3 ? ` and ${names.length - 3} more` : '';
    report({
      message: `Needs the operator${names.length > 1 ? 's' : ''} ${names.slice(0, 3).map(quoted).join(', ')}${more}, which TensorFlow does not have: a library must bring them. Find out which before you load the model.`,
      location: bytePlace(part, first.offset),
      evidence: { operators: names.slice(0, 50) },
    });
  },
});
