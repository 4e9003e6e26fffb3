import { dealias, itemsAt, leafAt, mappingsIn, nodeAt } from '../../formats/text/configTree.ts';
import type { ConfigNode } from '../../formats/text/facts.ts';
import { isFalse, isTrue } from '../../formats/text/dynamicValue.ts';
import { placeOf } from '../load/place.ts';
import { quoted } from '../place.ts';
import { defineRule } from '../rule.ts';
import { documentsOf } from '../text.ts';

export const noSeed = defineRule({
  subject: 'text',
  meta: {
    id: 'repro/no-seed',
    title: 'A training run cannot be repeated',
    severity: 'info',
    description:
      'A training config of torchtune, axolotl, LLaMA-Factory, Hugging Face arguments or Hydra sets the seed to nothing (`seed: null`), or leaves out where the data was when it goes on (`ignore_data_skip: true`). A stage of DVC that always counts as changed (`always_changed: true`) and writes what DVC keeps reads something that no lock file records. `frozen` stages are not reported: `dataset/stale-lock` sees where they differ from their lock. A seed that is not mentioned has a default, and is not reported.',
    why: 'What was found in a review, a poisoned row or a backdoor among it, cannot be shown to come from the data and the code if the run gives another model each time.',
    howToFix:
      'Set a seed, and record it with the model. Name what a stage of DVC reads in `deps` (files, addresses, params) in place of `always_changed`.',
    avoid: [
      { file: 'tune.yaml', text: 'model:\n  _component_: torchtune.models.llama3_2.llama3_2_1b\nseed: null\n' },
      {
        file: 'dvc.yaml',
        text: 'stages:\n  rows:\n    cmd: python export.py\n    always_changed: true\n    outs: [rows.csv]\n',
        note: 'What the export read is in no lock file.',
      },
    ],
    prefer: [
      { file: 'tune.yaml', text: 'model:\n  _component_: torchtune.models.llama3_2.llama3_2_1b\nseed: 1234\n' },
      {
        file: 'dvc.yaml',
        text: 'stages:\n  notify:\n    cmd: python notify.py\n    always_changed: true\n    deps: [metrics.json]\n  environment:\n    cmd: python check.py\n    always_changed: true\n    outs:\n      - environment-lock.yml: {cache: false}\n',
        note: 'One writes nothing, and the other nothing that DVC keeps.',
      },
      {
        file: 'dvc.yaml',
        text: 'stages:\n  rows:\n    cmd: python export.py snapshot.db\n    always_changed: false\n    deps: [export.py, snapshot.db]\n    outs: [rows.csv]\n',
      },
    ],
    references: [
      {
        title: 'PyTorch documentation: reproducibility',
        url: 'https://docs.pytorch.org/docs/stable/notes/randomness.html',
      },
      {
        title: 'DVC documentation: dvc.yaml, stage entries',
        url: 'https://dvc.org/doc/user-guide/project-structure/dvcyaml-files#stage-entries',
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
    for (const document of documentsOf(text, 'dvc-stages')) {
      const stages = nodeAt(document, 'stages');
      for (const { key, value } of stages?.kind === 'mapping' ? stages.entries : []) {
        const always = leafAt(value, 'always_changed');
        if (!always || !isTrue(always.value) || !keepsOutput(value)) continue;
        report({
          message: `The stage ${quoted(key)} always counts as changed (\`always_changed: true\`): what it reads beside its deps is in no lock file, and cannot be had again. Name it there.`,
          location: placeOf(always.range),
          evidence: { option: 'always_changed', stage: key },
        });
      }
    }
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

/** A stage that writes nothing that DVC keeps (it serves, it tells somebody, it checks an environment) changes no model. */
function keepsOutput(stage: ConfigNode): boolean {
  return itemsAt(stage, 'outs').some((item) => {
    const out = dealias(item);
    const cached =
      out?.kind === 'mapping' ? out.entries.map(({ value }) => leafAt(value, 'cache')?.value) : [undefined];
    return cached.some((value) => !isFalse(value));
  });
}
