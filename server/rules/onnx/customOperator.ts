import type { OperatorFact } from '../../formats/graph/facts.ts';
import { bytePlace, quoted } from '../place.ts';
import { defineRule } from '../rule.ts';
import { isCustom } from './operators.ts';

export const customOperator = defineRule({
  subject: 'graph',
  meta: {
    id: 'onnx/custom-operator',
    title: 'An ONNX model needs a library of custom operators',
    severity: 'warning',
    description:
      'A node belongs to an operator domain that neither ONNX nor the common runtimes define, and the model does not define the operator as a function. One finding a domain.',
    why: 'Such a model only runs once somebody registers a shared library (`register_custom_ops_library`), which is native code in the process: whoever made you load the model makes you load it, too.',
    howToFix:
      'Find out whose operators they are. Use the library only if you build it, or trust who did; or export the model with standard operators.',
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
                  [4, 'Decode'],
                  [7, 'my.custom'],
                ],
              ],
            ],
          ],
        ],
        note: 'Field 7 of the node is its domain.',
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
        title: 'ONNX Runtime: custom operators',
        url: 'https://onnxruntime.ai/docs/reference/operators/add-custom-op.html',
      },
    ],
    cwe: [829, 114],
    atlas: ['AML.T0011.000', 'AML.T0010'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['MAP 4.1'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(part, report) {
    if (part.format !== 'onnx') return;
    const domains = new Map<string, OperatorFact[]>();
    for (const operator of part.operators) {
      if (!isCustom(operator)) continue;
      const same = domains.get(operator.domain);
      if (same) same.push(operator);
      else domains.set(operator.domain, [operator]);
    }
    for (const [domain, operators] of domains) {
      const [first] = operators;
      if (first === undefined) continue;
      const names = operators.map(({ name }) => name);
      const more = names.length > 3 ? ` and ${names.length - 3} more` : '';
      report({
        message: `Needs a native library that brings the operators of ${quoted(domain)} (${names.slice(0, 3).map(quoted).join(', ')}${more}). Find out whose they are before you load one.`,
        location: bytePlace(part, first.offset),
        evidence: { domain, operators: names.slice(0, 100), where: first.where },
      });
    }
  },
});
