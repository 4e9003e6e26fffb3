import type { OperatorFact } from '../../formats/graph/facts.ts';
import { bytePlace, quoted } from '../place.ts';
import { defineRule } from '../rule.ts';
import { needsLibrary } from './operators.ts';
import { torchscriptExample } from './torchscriptExample.ts';

export const torchscriptCustomOperator = defineRule({
  subject: 'graph',
  meta: {
    id: 'torchscript/custom-operator',
    title: 'A TorchScript model needs a library of custom operators',
    severity: 'warning',
    description:
      'The code of a TorchScript archive calls operators of a namespace that neither PyTorch nor its domain libraries register. One finding a namespace.',
    why: 'Such a model only runs once somebody loads a shared library (`torch.ops.load_library`), which is native code in the process: whoever made you load the model makes you load it, too.',
    howToFix:
      'Find out whose operators they are. Use the library only if you build it, or trust who did; or export the model with standard operators.',
    avoid: [torchscriptExample('def forward(x: Tensor) -> Tensor:\n  return ops.mylab.decode(x)\n')],
    prefer: [
      torchscriptExample('def forward(x: Tensor, y: Tensor) -> Tensor:\n  return ops.torchvision.nms(x, y, 0.5)\n'),
    ],
    references: [
      {
        title: 'PyTorch: extending TorchScript with custom operators',
        url: 'https://docs.pytorch.org/tutorials/advanced/torch_script_custom_ops.html',
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
    if (part.format !== 'torchscript') return;
    const namespaces = new Map<string, OperatorFact[]>();
    for (const operator of part.operators) {
      if (needsLibrary(operator))
        namespaces.set(operator.domain, [...(namespaces.get(operator.domain) ?? []), operator]);
    }
    for (const [namespace, operators] of namespaces) {
      const [first] = operators;
      if (first === undefined) continue;
      const names = operators.map(({ name }) => name);
      const more = names.length > 3 ? ` and ${names.length - 3} more` : '';
      report({
        message: `Needs a native library that brings the operators of ${quoted(namespace)} (${names.slice(0, 3).map(quoted).join(', ')}${more}). Find out whose they are before you load one.`,
        location: bytePlace({ entry: first.where }, first.offset),
        evidence: { namespace, operators: names.slice(0, 100) },
      });
    }
  },
});
