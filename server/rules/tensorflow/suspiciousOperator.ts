import { bytePlace, quoted } from '../place.ts';
import { defineRule } from '../rule.ts';
import { isTensorflow, listed, reach, suspicious } from './operators.ts';

export const suspiciousOperator = defineRule({
  subject: 'graph',
  meta: {
    id: 'tensorflow/suspicious-operator',
    title: 'A TensorFlow graph reaches beyond its model',
    severity: 'warning',
    description:
      'A node lists files, opens databases or connections, or reads a table or records from a path outside the folder of the model. Honest training graphs do that; a model that is only to be run does not.',
    why: 'Such operators find, carry off and plant files just as well as the ones that are always refused, if less directly.',
    howToFix: 'Ask why the model needs it. Export it again for serving, without its input pipeline.',
    avoid: [
      {
        file: 'frozen.pb',
        protobuf: [
          [
            1,
            [
              [1, 'find'],
              [2, 'MatchingFiles'],
              [3, 'pattern'],
            ],
          ],
        ],
      },
    ],
    prefer: [
      {
        file: 'frozen.pb',
        protobuf: [
          [
            1,
            [
              [1, 'classes'],
              [2, 'Softmax'],
              [3, 'logits'],
            ],
          ],
        ],
      },
    ],
    references: [
      {
        title: 'TensorFlow: models are programs',
        url: 'https://github.com/tensorflow/tensorflow/blob/master/SECURITY.md',
      },
    ],
    cwe: [73, 829],
    atlas: ['AML.T0011.000'],
    owasp: ['ML06:2023'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(part, report) {
    for (const operator of part.operators) {
      const { name, offset, where, count } = operator;
      const does = listed(suspicious, part.format, operator);
      if (does === undefined) continue;
      report({
        message: `Has the operator ${name}, which ${does}. Ask why the model needs it.`,
        location: bytePlace(part, offset),
        evidence: { operator: name, count, where },
      });
    }
    if (!isTensorflow(part.format)) return;
    for (const reference of part.references) {
      const { by, name, offset } = reference;
      const reached = reach(reference);
      if (reached?.severity !== 'warning') continue;
      report({
        message: `Has the operator ${by}, which ${reached.does} ${quoted(name)}: the name ${reached.how}. Ask why the model needs it.`,
        location: bytePlace(part, offset),
        evidence: { operator: by, argument: name },
      });
    }
  },
});
