import { callsTo } from '../../formats/text/pythonCalls.ts';
import { defineRule } from '../rule.ts';
import { placeOf, replace } from './place.ts';

const safe = /(?:^|\.)(?:C?SafeLoader|C?BaseLoader)$/;
const restricted = /(?:^|\.)(?:FullLoader)$/;

export const yamlUnsafe = defineRule({
  subject: 'text',
  meta: {
    id: 'load/yaml-unsafe',
    title: 'YAML is loaded with a loader that builds Python objects',
    severity: 'warning',
    description:
      '`yaml.load` or `yaml.load_all` without `SafeLoader`, `BaseLoader` or their C twins, or `yaml.unsafe_load`. With `FullLoader` it is information. A loader that the file computes is not judged.',
    why: 'A tag such as `!!python/object/apply:os.system` calls the function that it names while the file is loaded.',
    howToFix: 'Use `yaml.safe_load`.',
    avoid: [
      { file: 'config.py', text: "import yaml\n\nconfig = yaml.load(open('config.yaml'), Loader=yaml.Loader)\n" },
      { file: 'old.py', text: "import yaml\n\nconfig = yaml.load(open('config.yaml'))\n" },
    ],
    prefer: [
      {
        file: 'handler.py',
        text: 'from project.files import YAMLHandler\n\nyaml = YAMLHandler()\nconfig = yaml.load(text)\n',
      },
      { file: 'config.py', text: "import yaml\n\nconfig = yaml.safe_load(open('config.yaml'))\n" },
      { file: 'fast.py', text: "import yaml\n\nconfig = yaml.load(open('config.yaml'), Loader=yaml.CSafeLoader)\n" },
      { file: 'own.py', text: 'import yaml\n\nconfig = yaml.load(stream, Loader=make_loader())\n' },
      {
        file: 'round.py',
        text: "from ruamel.yaml import YAML\n\nyaml = YAML(typ='safe')\nconfig = yaml.load(open('c.yaml'))\n",
      },
    ],
    references: [
      { title: 'PyYAML documentation: loading YAML', url: 'https://pyyaml.org/wiki/PyYAMLDocumentation' },
      { title: 'CVE-2020-14343', url: 'https://nvd.nist.gov/vuln/detail/CVE-2020-14343' },
    ],
    cwe: [502],
    atlas: ['AML.T0011.000'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(text, report) {
    if (text.language !== 'python') return;
    if (isAnObject(text.text)) return;
    for (const call of callsTo(text.calls, /^yaml\.(?:unsafe_)?load(?:_all)?$/)) {
      if (/^yaml\.unsafe_load(?:_all)?$/.test(call.callee)) {
        report({
          message: `Builds any Python object that the YAML names (\`${call.callee}\`). Use yaml.safe_load.`,
          location: placeOf(call.range),
          evidence: { call: call.callee },
        });
        continue;
      }
      if (!/^yaml\.load(?:_all)?$/.test(call.callee)) continue;
      const loader = call.keywords['Loader'] ?? call.positional[1];
      if (loader === undefined && call.spread === true) continue;
      const name = loader?.name ?? '';
      // A class of the project's own, or one that is computed: what it does stands elsewhere.
      if (loader !== undefined && (safe.test(name) || !/(?:^|\.)(?:C?(?:Unsafe|Full)?Loader)$/.test(name))) continue;
      const full = restricted.test(name);
      report({
        message: full
          ? `Loads YAML with FullLoader, which PyYAML before 5.4 could be made to run code through. Use yaml.safe_load.`
          : `Builds any Python object that the YAML names (\`${call.callee}\`${loader === undefined ? ' without a loader' : `, ${name}`}). Use yaml.safe_load.`,
        severity: full ? 'info' : 'warning',
        location: placeOf(loader?.range ?? call.range),
        evidence: { call: call.callee, loader: name },
        ...(loader?.name !== undefined && name.startsWith('yaml.')
          ? {
              fixes: ['use-safe-loader'],
              edits: [
                {
                  fix: 'use-safe-loader',
                  kind: 'suggestion',
                  title: 'Use yaml.SafeLoader',
                  changes: [replace(loader.range, 'yaml.SafeLoader')],
                },
              ],
            }
          : {}),
      });
    }
  },
});

/** `yaml = YAML(typ="safe")` of ruamel.yaml, `yaml = YAMLHandler()`: the name of the module stands for a loader that the file makes itself. */
function isAnObject(text: string): boolean {
  return /^[ \t]*yaml\s*=\s*(?:\w+\.)*\w*YAML\w*\(/m.test(text) && !/^[ \t]*import\s+yaml\b/m.test(text);
}
