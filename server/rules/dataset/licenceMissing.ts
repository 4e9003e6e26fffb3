import { placeOf } from '../load/place.ts';
import { defineRule } from '../rule.ts';
import { registerNames } from '../../datasets/registers/facts.ts';
import { provenanceMappings } from './mappings.ts';
import { registerIn } from './registersIn.ts';

export const licenceMissing = defineRule({
  subject: 'text',
  meta: {
    id: 'dataset/licence-missing',
    title: 'Nobody said under which licence the data may be used',
    severity: 'info',
    description:
      'A Croissant file, a data package, a dataset card, `dataset_infos.json`, Kaggle metadata or a `provenance.json` names no licence, or one that says that it is not known.',
    why: 'What a model was trained with has to be told later (Article 53 of Regulation (EU) 2024/1689), and whether it was allowed. Data without a licence is data that nobody gave permission for.',
    howToFix: 'Ask the source, and write the SPDX id of the licence. Where there is none, do not train with it.',
    avoid: [
      {
        file: 'README.md',
        text: '---\npretty_name: Reviews\ntask_categories:\n- text-classification\n---\n\n# Reviews\n',
      },
    ],
    prefer: [
      {
        file: 'README.md',
        text: '---\nlicense: cc-by-4.0\npretty_name: Reviews\ntask_categories:\n- text-classification\n---\n\n# Reviews\n',
      },
    ],
    references: [
      { title: 'SPDX licence list', url: 'https://spdx.org/licenses/' },
      { title: 'Hugging Face: dataset cards', url: 'https://huggingface.co/docs/hub/datasets-cards' },
    ],
    ...provenanceMappings,
    cwe: [1059],
    atlas: ['AML.T0010.002'],
    owasp: ['LLM03:2025'],
    nistAiRmf: ['MAP 4.1', 'GOVERN 6.1'],
    euAiAct: ['Article 10(2)', 'Article 53(1)'],
  },
  check(text, report) {
    const register = registerIn(text);
    if (!register?.licence) return;
    const { found, place } = register.licence;
    const unknown = found !== null && /^(?:unknown|other|n\/?a|none|tbd|todo|-|\?)$/i.test(found.value.trim());
    if (found && !unknown) return;
    report({
      message: found
        ? `The licence is "${found.value}", which permits nothing that anybody could rely on. Ask the source, and write its SPDX id.`
        : `This ${registerNames[register.kind]} names no licence. Ask the source, and write its SPDX id.`,
      location: placeOf(found?.range ?? place),
      evidence: { register: register.kind },
    });
  },
});
