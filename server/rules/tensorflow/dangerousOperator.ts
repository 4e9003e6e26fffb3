import { bytePlace, quoted } from '../place.ts';
import { defineRule } from '../rule.ts';
import { dangerous, isTensorflow, listed, reach } from './operators.ts';

export const dangerousOperator = defineRule({
  subject: 'graph',
  meta: {
    id: 'tensorflow/dangerous-operator',
    title: 'A TensorFlow graph reads or writes files, or runs code',
    severity: 'error',
    description:
      'A node of the graph, of a function in its library or of a graph that is packed into a text of it is an operator that reads or writes any file or calls Python; or an ordinary operator (saving, restoring, printing, debugging) that the model itself sends to a place outside its folder. Saving and restoring by themselves are in every SavedModel and are not reported.',
    why: 'A TensorFlow model is a program. `ReadFile` takes keys and passwords into a tensor, `WriteFile` leaves a start-up script or a Python module behind, `PyFunc` calls into the process; all of it while the model loads or predicts.',
    howToFix: 'Do not load it. Ask for the weights in safetensors, or for a model exported for serving.',
    avoid: [
      {
        file: 'saved_model.pb',
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
                      [1, 'leak'],
                      [2, 'ReadFile'],
                      [3, 'path'],
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
        file: 'saved_model.pb',
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
                      [1, 'dense'],
                      [2, 'MatMul'],
                      [3, 'x'],
                    ],
                  ],
                  [
                    1,
                    [
                      [1, 'save'],
                      [2, 'SaveV2'],
                      [3, 'prefix'],
                    ],
                  ],
                ],
              ],
            ],
          ],
        ],
        note: 'Every SavedModel has SaveV2 and RestoreV2.',
      },
    ],
    references: [
      {
        title: 'TensorFlow: models are programs',
        url: 'https://github.com/tensorflow/tensorflow/blob/master/SECURITY.md',
      },
      {
        title: 'modelscan: TensorFlow SavedModel attacks',
        url: 'https://github.com/protectai/modelscan/blob/main/docs/model_serialization_attacks.md',
      },
    ],
    cwe: [94, 73, 829],
    atlas: ['AML.T0011.000'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(part, report) {
    for (const operator of part.operators) {
      const { name, offset, where, count } = operator;
      const does = listed(dangerous, part.format, operator);
      if (does === undefined) continue;
      const given = part.references.find(({ what, by }) => what === 'argument' && by === name);
      const path = given === undefined ? '' : `, given ${quoted(given.name)}`;
      const inside = where === '' ? '' : ` (in ${where})`;
      report({
        message: `Has the operator ${name}${inside}, which ${does}${path}. Do not load this model.`,
        location: bytePlace(part, offset),
        evidence: { operator: name, count, where, argument: given?.name ?? null },
      });
    }
    if (!isTensorflow(part.format)) return;
    for (const reference of part.references) {
      const { by, name, offset } = reference;
      const reached = reach(reference);
      if (reached?.severity !== 'error') continue;
      report({
        message: `Has the operator ${by}, which ${reached.does} ${quoted(name)}: the name ${reached.how}. Do not load this model.`,
        location: bytePlace(part, offset),
        evidence: { operator: by, argument: name },
      });
    }
  },
});
