import { dealias, mappingsIn } from '../../formats/text/configTree.ts';
import type { ConfigLeaf } from '../../formats/text/facts.ts';
import { placeOf, replace } from '../load/place.ts';
import { defineRule } from '../rule.ts';
import { isConfig } from '../text.ts';
import { kindsOf } from '../../formats/text/kinds.ts';

export const yamlTrap = defineRule({
  subject: 'text',
  meta: {
    id: 'cfg/yaml-trap',
    title: 'A value of YAML is read in two ways',
    severity: 'warning',
    description:
      'In a config that Python reads, a number such as `1e-4` has no dot: YAML 1.1 (PyYAML) takes it for a text, YAML 1.2 for a number. Or a language or country is written `no`, which YAML 1.1 takes for false. Only keys that want a number (learning rates, decays, thresholds) or a code are judged.',
    why: 'The learning rate arrives as the text "1e-4": some frameworks convert it, some fail after an hour, some compare it as a text. What a review saw is not what runs.',
    howToFix: 'Write `1.0e-4`, and put `"no"` in quotes.',
    avoid: [{ file: 'train.yaml', text: 'base_model: org/a\nsequence_len: 2048\nlearning_rate: 1e-4\n' }],
    prefer: [
      {
        file: 'torchtune.yaml',
        text: 'output_dir: /tmp/out\ngradient_accumulation_steps: 1\noptimizer:\n  _component_: torch.optim.AdamW\n  lr: 2e-5\n',
        note: 'OmegaConf reads it as a number.',
      },
      { file: 'train.yaml', text: 'base_model: org/a\nsequence_len: 2048\nlearning_rate: 1.0e-4\nweight_decay: 0.1\n' },
    ],
    references: [{ title: 'YAML 1.1: floating-point type', url: 'https://yaml.org/type/float.html' }],
    cwe: [1286],
    atlas: ['AML.T0031'],
    owasp: ['LLM04:2025'],
    nistAiRmf: ['MEASURE 2.1'],
    euAiAct: ['Article 15(1)'],
    since: '0.1.0',
  },
  check(text, report) {
    if (!isConfig(text) || text.language !== 'yaml') return;
    const open: { key: string; leaf: ConfigLeaf }[] = [];
    for (const document of text.documents) {
      const kinds = kindsOf(document, 'yaml', text.path);
      // OmegaConf (Hydra, torchtune) and LLaMA-Factory read such numbers as numbers.
      if (kinds.has('torchtune') || kinds.has('hydra') || kinds.has('llama-factory')) continue;
      if (!kinds.has('axolotl') && !kinds.has('training-arguments') && !kinds.has('accelerate')) continue;
      for (const { node } of mappingsIn(document)) {
        for (const { key, value } of node.entries) {
          const leaf = dealias(value);
          if (leaf?.kind !== 'scalar' || leaf.style !== 'plain') continue;
          if (numeric.test(key) && /^[-+]?\d+e[-+]?\d+$/i.test(leaf.source)) open.push({ key, leaf });
          else if (/^(?:lang|language|country|locale)$/i.test(key) && /^(?:no|NO|No)$/.test(leaf.source)) {
            report({
              message: `\`${key}: ${leaf.source}\` is false to YAML 1.1. Put it in quotes.`,
              location: placeOf(leaf.range),
              evidence: { key, source: leaf.source },
              fixes: ['set-safe-value'],
              edits: [
                {
                  fix: 'set-safe-value',
                  kind: 'fix',
                  title: 'Put it in quotes',
                  changes: [replace(leaf.range, `"${leaf.source}"`)],
                },
              ],
            });
          }
        }
      }
    }
    const [first] = open;
    if (!first) return;
    report({
      message: `\`${first.key}: ${first.leaf.source}\`${open.length > 1 ? ` (and ${open.length - 1} more)` : ''} is a text to PyYAML, because it has no dot. Write ${dotted(first.leaf.source)}.`,
      severity: 'info',
      location: placeOf(first.leaf.range),
      evidence: { key: first.key, source: first.leaf.source },
      fixes: ['set-safe-value'],
      edits: [
        {
          fix: 'set-safe-value',
          kind: 'fix',
          title: 'Write numbers with a dot',
          changes: open.map(({ leaf }) => replace(leaf.range, dotted(leaf.source))),
        },
      ],
    });
  },
});

const numeric =
  /(?:^|_)(?:lr|learning_rate|weight_decay|eps|epsilon|min_lr|beta|betas|threshold|tol|alpha|gamma|decay|clip|norm|coef|coeff|temperature|ratio)(?:_|$|\d)/i;

function dotted(source: string): string {
  return source.replace(/e/i, '.0e');
}
