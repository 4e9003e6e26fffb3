import { dealias, leafAt, mappingsIn } from '../../formats/text/configTree.ts';
import { isTrue } from '../../formats/text/dynamicValue.ts';
import { placeOf } from '../load/place.ts';
import { defineRule } from '../rule.ts';
import { documentsOf } from '../text.ts';

export const noSeed = defineRule({
  subject: 'text',
  meta: {
    id: 'repro/no-seed',
    title: 'A training run cannot be repeated',
    severity: 'info',
    description:
      'A training config of torchtune, axolotl, LLaMA-Factory, Hugging Face arguments or Hydra sets the seed to nothing (`seed: null`), or leaves out where the data was when it goes on (`ignore_data_skip: true`). A seed that is not mentioned has a default, and is not reported.',
    why: 'What was found in a review, a poisoned row or a backdoor among it, cannot be shown to come from the data and the code if the run gives another model each time.',
    howToFix: 'Set a seed, and record it with the model.',
    avoid: [{ file: 'tune.yaml', text: 'model:\n  _component_: torchtune.models.llama3_2.llama3_2_1b\nseed: null\n' }],
    prefer: [{ file: 'tune.yaml', text: 'model:\n  _component_: torchtune.models.llama3_2.llama3_2_1b\nseed: 1234\n' }],
    references: [
      {
        title: 'PyTorch documentation: reproducibility',
        url: 'https://docs.pytorch.org/docs/stable/notes/randomness.html',
      },
    ],
    cwe: [1188],
    atlas: ['AML.T0020'],
    owasp: ['LLM04:2025'],
    nistAiRmf: ['MEASURE 2.1'],
    euAiAct: ['Article 15(1)'],
    since: '0.1.0',
  },
  check(text, report) {
    for (const document of documentsOf(text, 'torchtune', 'axolotl', 'llama-factory', 'training-arguments', 'hydra')) {
      for (const { node, path } of mappingsIn(document)) {
        const entry = node.entries.find(({ key }) => key === 'seed');
        const seed = dealias(entry?.value);
        if (path.length <= 1 && entry && seed?.kind === 'scalar' && (seed.value === null || seed.value === -1)) {
          report({
            message: 'Sets no seed: the run cannot be repeated. Set one, and record it with the model.',
            location: placeOf(entry.keyRange),
            evidence: { option: 'seed' },
          });
        }
      }
      const skip = leafAt(document, 'ignore_data_skip');
      if (skip && isTrue(skip.value)) {
        report({
          message:
            'Goes on from a checkpoint with the data from its beginning (`ignore_data_skip: true`): rows count twice, and the run cannot be repeated. Set it to false.',
          location: placeOf(skip.range),
          evidence: { option: 'ignore_data_skip' },
        });
      }
    }
  },
});
