import { leadsOutside } from '../../formats/graph/outsidePath.ts';
import { bytePlace, quoted } from '../place.ts';
import { defineRule } from '../rule.ts';

/** Sources: Paddle, py_func_op.cc, py_layer_op.cc; save_op.cc, load_op.cc and their combined forms. */
const python = new Set(['py_func', 'pyfunc', 'py_layer', 'pylayer']);
const files = /^(?:save|load|save_combine|load_combine|sparse_tensor_load|checkpoint_notify)$/;

export const paddleDangerousOperator = defineRule({
  subject: 'graph',
  meta: {
    id: 'paddle/dangerous-operator',
    title: 'A PaddlePaddle program calls Python or reaches files',
    severity: 'error',
    description:
      'An operator of the program calls a Python function (`py_func`), or saves or loads at a path outside the folder of the model that stands in the program itself; or (a warning) it is none of Paddle’s own, and needs a library.',
    why: 'The program decides what runs and which files are read or overwritten when it is executed.',
    howToFix: 'Do not load it. Ask for a program exported for inference.',
    avoid: [
      {
        file: 'inference.pdmodel',
        protobuf: [
          [
            1,
            [
              [1, 0],
              [2, 0],
              [4, [[3, 'py_func']]],
            ],
          ],
        ],
        note: 'Field 3 of the operator is its type.',
      },
      {
        file: 'overwrite.pdmodel',
        protobuf: [
          [
            1,
            [
              [1, 0],
              [2, 0],
              [
                4,
                [
                  [
                    4,
                    [
                      [1, 'file_path'],
                      [2, 2],
                      [5, '/root/.bashrc'],
                    ],
                  ],
                  [3, 'save'],
                ],
              ],
            ],
          ],
        ],
      },
    ],
    prefer: [
      {
        file: 'inference.pdmodel',
        protobuf: [
          [
            1,
            [
              [1, 0],
              [2, 0],
              [4, [[3, 'relu']]],
            ],
          ],
        ],
      },
    ],
    references: [
      {
        title: 'PaddlePaddle: py_func',
        url: 'https://www.paddlepaddle.org.cn/documentation/docs/en/api/paddle/static/py_func_en.html',
      },
      {
        title: 'PaddlePaddle security advisories',
        url: 'https://github.com/PaddlePaddle/Paddle/blob/develop/security/README.md',
      },
    ],
    cwe: [94, 73],
    atlas: ['AML.T0011.000'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(part, report) {
    if (part.format !== 'paddle') return;
    for (const { domain, name, offset, where, count } of part.operators) {
      if (domain === 'custom_op') {
        report({
          severity: 'warning',
          message: `Has the operator ${name}, which Paddle does not have: it needs a native library. Make sure that you trust who built that.`,
          location: bytePlace(part, offset),
          evidence: { operator: name, count, where },
        });
      }
      if (!python.has(name)) continue;
      report({
        message: `Has the operator ${name}, which calls a Python function. Do not load this model.`,
        location: bytePlace(part, offset),
        evidence: { operator: name, count, where },
      });
    }
    for (const { by, name, offset } of part.references) {
      const how = files.test(by) ? leadsOutside(name) : null;
      if (how === null) continue;
      report({
        message: `Has the operator ${by} with the path ${quoted(name)}, which ${how}. Do not load this model.`,
        location: bytePlace(part, offset),
        evidence: { operator: by, path: name },
      });
    }
  },
});
