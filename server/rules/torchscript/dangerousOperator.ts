import { bytePlace } from '../place.ts';
import { defineRule } from '../rule.ts';
import { dangerousOperators } from './operators.ts';
import { torchscriptExample } from './torchscriptExample.ts';

export const torchscriptDangerousOperator = defineRule({
  subject: 'graph',
  meta: {
    id: 'torchscript/dangerous-operator',
    title: 'A TorchScript model that touches files',
    severity: 'error',
    description:
      "The code of a TorchScript archive calls an operator that reads or writes files. The code is read from the archive's `code/` folder, whatever the model's classes are called.",
    why: 'The operator runs when the model does, with the rights of the process: `torch.from_file` maps any file into a tensor and can write to it, and neither `torch.jit.load` nor `weights_only` keeps it from doing so.',
    howToFix: 'Do not run the model. Ask for its weights as safetensors, and build the module from source.',
    avoid: [
      torchscriptExample(
        'class Net(Module):\n  def forward(self: __torch__.net.Net, x: Tensor) -> Tensor:\n    _0 = torch.from_file("/etc/passwd", False, 100, dtype=0)\n    return _0\n',
      ),
    ],
    prefer: [
      torchscriptExample(
        'class Net(Module):\n  def forward(self: __torch__.net.Net, x: Tensor) -> Tensor:\n    return torch.relu(x)\n',
      ),
    ],
    references: [
      { title: 'PyTorch: torch.from_file', url: 'https://docs.pytorch.org/docs/stable/generated/torch.from_file.html' },
    ],
    cwe: [73, 829],
    atlas: ['AML.T0011.000', 'AML.T0018.002'],
    owasp: ['ML06:2023'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(part, report) {
    if (part.format !== 'torchscript') return;
    for (const operator of part.operators) {
      const name = `${operator.domain}.${operator.name}`;
      const does = Object.hasOwn(dangerousOperators, name) ? dangerousOperators[name] : undefined;
      if (does === undefined) continue;
      report({
        message: `Its code calls ${operator.domain}::${operator.name}, which ${does} when the model runs. Do not run this model.`,
        location: bytePlace({ entry: operator.where }, operator.offset),
        evidence: { operator: `${operator.domain}::${operator.name}`, calls: operator.count },
      });
    }
  },
});
