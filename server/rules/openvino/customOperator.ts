import { bytePlace, quoted } from '../place.ts';
import { defineRule } from '../rule.ts';
import { isKnownLayer } from './operators.ts';

export const openvinoCustomOperator = defineRule({
  subject: 'graph',
  meta: {
    id: 'openvino/custom-operator',
    title: 'An OpenVINO model needs an extension',
    severity: 'warning',
    description:
      'A layer belongs to an operator set that OpenVINO does not define, and is none of openvino_tokenizers either. One finding a file.',
    why: 'Such a model only runs once somebody adds a shared library (`core.add_extension`), which is native code in the process.',
    howToFix:
      'Find out whose extension it is. Use it only if you build it, or trust who did; or convert the model with standard operators.',
    avoid: [
      {
        file: 'model.xml',
        text: '<?xml version="1.0"?>\n<net name="m" version="11"><layers><layer id="0" name="d" type="Decode" version="my_extension"/></layers></net>\n',
      },
    ],
    prefer: [
      {
        file: 'model.xml',
        text: '<?xml version="1.0"?>\n<net name="m" version="11"><layers><layer id="0" name="r" type="Relu" version="opset1"/></layers></net>\n',
      },
    ],
    references: [
      {
        title: 'OpenVINO: extensibility',
        url: 'https://docs.openvino.ai/2025/documentation/openvino-extensibility.html',
      },
    ],
    cwe: [829, 114],
    atlas: ['AML.T0011.000'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(part, report) {
    if (part.format !== 'openvino') return;
    const custom = part.operators.filter((operator) => !isKnownLayer(operator));
    const [first] = custom;
    if (first === undefined) return;
    const names = custom.map(({ domain, name }) => `${domain}.${name}`);
    const more = names.length > 3 ? ` and ${names.length - 3} more` : '';
    report({
      message: `Needs a native extension that brings the layers ${names.slice(0, 3).map(quoted).join(', ')}${more}. Find out whose it is before you load one.`,
      location: bytePlace(part, first.offset),
      evidence: { layers: names.slice(0, 100) },
    });
  },
});
