import type { ConfigMapping } from '../../formats/text/facts.ts';
import { mappingsWhere } from '../../formats/text/configTree.ts';
import { placeOf } from '../load/place.ts';
import { defineRule } from '../rule.ts';
import { isConfig } from '../text.ts';

export const duplicateKey = defineRule({
  subject: 'text',
  meta: {
    id: 'cfg/duplicate-key',
    title: 'A key is written twice',
    severity: 'warning',
    description:
      'A mapping of a YAML or JSON file, or a properties file, holds the same key twice. Which one counts depends on who reads it: PyYAML and most JSON readers silently take the last, others the first or none. Files with templates, where only one of the two may come to stand there, are left out.',
    why: 'A reviewer reads the first, the loader takes the second: `trust_remote_code: false` at the top, and `true` further down.',
    howToFix: 'Keep one of the two.',
    avoid: [
      { file: 'train.yaml', text: 'base_model: org/a\ntrust_remote_code: false\nlr: 0.1\ntrust_remote_code: false\n' },
    ],
    prefer: [
      { file: 'train.yaml', text: 'a: {x: 1}\nb: {x: 1}\n<<: &m {c: 1}\n' },
      {
        file: 'chart.yaml',
        text: '{{ if .gpu }}\nimage: a:1\n{{ else }}\nimage: b:1\n{{ end }}\n',
        note: 'One of the two.',
      },
    ],
    references: [{ title: 'YAML 1.2.2, 3.2.1.3: keys are unique', url: 'https://yaml.org/spec/1.2.2/#nodes' }],
    cwe: [1286],
    atlas: ['AML.T0010'],
    owasp: ['LLM03:2025'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(text, report) {
    if (!isConfig(text) || text.language === 'textproto' || text.language === 'toml') return;
    if (/\{\{-?\s*(?:if|else|end|range|with)|\{%/.test(text.text)) return;
    for (const document of text.documents) {
      for (const { node } of mappingsWhere(document, repeats)) {
        const seen = new Map<string, number>();
        for (const { key, keyRange } of node.entries) {
          const first = seen.get(key);
          // Keys that are no scalars are not told apart, and `<<` may stand twice.
          if (key === '?' || key === '<<') continue;
          if (first === undefined) seen.set(key, keyRange.line);
          else {
            report({
              message: `${JSON.stringify(key)} stands on line ${first}, too: which one counts depends on who reads it. Keep one.`,
              location: placeOf(keyRange),
              evidence: { key, first },
            });
          }
        }
      }
    }
  },
});

/** Whether any key may stand twice: in short mappings, which most are, that is told without a table. */
function repeats({ entries }: ConfigMapping): boolean {
  if (entries.length > 12) return new Set(entries.map(({ key }) => key)).size < entries.length;
  return entries.some(({ key }, index) => entries.findIndex((each) => each.key === key) !== index);
}
