import { bytePlace, quoted } from '../place.ts';
import { defineRule } from '../rule.ts';
import { runsPython } from './operators.ts';

export const pythonOperator = defineRule({
  subject: 'graph',
  meta: {
    id: 'onnx/python-operator',
    title: 'An ONNX model calls Python',
    severity: 'error',
    description:
      'A node is one of the operators that hand tensors to Python code: PyOp of ONNX Runtime, PythonOp of its training build, custom operators of onnxruntime-extensions.',
    why: 'The model names the module and the class, and the runtime imports and calls them: the model decides which code runs.',
    howToFix: 'Do not load it. Export the model without Python in it.',
    avoid: [
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
                  [4, 'PyOp'],
                  [
                    5,
                    [
                      [1, 'module'],
                      [4, 'payload'],
                    ],
                  ],
                  [
                    5,
                    [
                      [1, 'class_name'],
                      [4, 'Run'],
                    ],
                  ],
                  [7, 'pyopmulti_2'],
                ],
              ],
            ],
          ],
        ],
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
                  [4, 'Softmax'],
                ],
              ],
            ],
          ],
        ],
      },
    ],
    references: [
      {
        title: 'ONNX Runtime: Python operator',
        url: 'https://github.com/microsoft/onnxruntime/blob/main/docs/PyOp.md',
      },
    ],
    cwe: [94, 829],
    atlas: ['AML.T0011.000'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(part, report) {
    if (part.format !== 'onnx') return;
    for (const operator of part.operators) {
      if (!runsPython(operator)) continue;
      const { name, domain, offset, where } = operator;
      const code = part.references.find((reference) => reference.what === 'class' && reference.by === name);
      const what = code === undefined ? 'Python code' : `the Python code ${quoted(code.name)}`;
      report({
        message: `Runs ${what} by the operator ${quoted(name)}. Do not load this model.`,
        location: bytePlace(part, offset),
        evidence: { operator: name, domain, where, code: code?.name ?? null },
      });
    }
  },
});
