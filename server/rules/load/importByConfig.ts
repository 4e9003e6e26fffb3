import { defineRule, type Report } from '../rule.ts';
import { bytePlace, quoted } from '../place.ts';
import type { NamesFacts } from '../../formats/names/facts.ts';
import { pythonTags } from '../../formats/names/yamlNames.ts';
import { LineIndex } from '../../formats/text/lineIndex.ts';
import { classifyImport, type KnownImport } from '../pickle/knownImports.ts';
import { isConfig } from '../text.ts';
import { importedNames } from './importedNames.ts';
import { namesInCode, namesInCommands } from './namesInCode.ts';
import { placeOf } from './place.ts';

export const importByConfig = defineRule({
  subject: 'names',
  meta: {
    id: 'load/import-by-config',
    title: 'A configuration has code imported by name',
    severity: 'error',
    description:
      'A `_target_` of a Hydra or NeMo configuration, a `_component_` of torchtune, a plugin of axolotl, a `!!python/` tag of YAML, a tag of HyperPyYAML (`!new:`, `!apply:`), a tag of jsonpickle, a component of a diffusers pipeline, a node of the graph of a Rasa model, a `type` of AllenNLP, a `class_path` of Lightning, a module of Sentence Transformers, or a type in a skops file names a function that runs commands, executes code, or loads further files. The same in Python: dictionaries, texts and overrides that Hydra or OmegaConf are given (`OmegaConf.create({"_target_": ...})`, `instantiate`), `hydra.utils.get_method`; and overrides of a command line. In an archive, names that are on no list of ours are information (a warning in a skops file, which asks for trust in them).',
    why: 'The loader imports what the name says and calls it with the values that stand beside it: `_target_: subprocess.Popen` in a NeMo archive runs a command when the model is restored (CVE-2025-23304).',
    howToFix:
      'Do not restore the model. In a configuration of your own, name a function of your project that does only what is needed.',
    avoid: [
      {
        file: 'conf/train.yaml',
        text: 'callback:\n  _target_: subprocess.Popen\n  args: ["sh", "-c", "id"]\n',
      },
      {
        file: 'run.py',
        text: "import hydra\n\nhydra.utils.instantiate({'_target_': 'os.system', 'command': 'id'})\n",
      },
      {
        file: 'modules.json',
        text: '[{ "idx": 0, "name": "0", "path": "", "type": "os.system" }]\n',
        note: 'Sentence Transformers imports the type.',
      },
      { file: 'hyperparams.yaml', text: 'setup: !apply:os.system ["id"]\n', note: 'HyperPyYAML calls it.' },
      { file: 'state.json', text: '{ "py/reduce": [{ "py/function": "os.system" }, { "py/tuple": ["id"] }] }\n' },
      { file: '2_Dense/config.json', text: '{ "in_features": 768, "activation_function": "os.abort" }\n' },
      {
        file: 'model.skops',
        zip: [
          { name: 'schema.json', text: '{ "__class__": "system", "__module__": "os", "__loader__": "ObjectNode" }' },
        ],
      },
    ],
    prefer: [
      { file: 'conf/train.yaml', text: 'optimizer:\n  _target_: torch.optim.AdamW\n  lr: 0.001\n' },
      {
        file: 'run.py',
        text: "import hydra\n\nhydra.utils.instantiate({'_target_': 'torch.optim.AdamW', 'lr': 0.001})\n",
      },
    ],
    references: [
      { title: 'CVE-2025-23304, NeMo', url: 'https://nvd.nist.gov/vuln/detail/CVE-2025-23304' },
      {
        title: 'Hydra documentation: instantiating objects',
        url: 'https://hydra.cc/docs/advanced/instantiate_objects/overview/',
      },
      { title: 'CVE-2025-54413, skops', url: 'https://nvd.nist.gov/vuln/detail/CVE-2025-54413' },
    ],
    cwe: [470, 94, 502],
    atlas: ['AML.T0011.000', 'AML.T0010.003'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['MEASURE 2.7', 'MANAGE 3.1'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(part, report) {
    if (!called.has(part.source)) return;
    const unlisted: string[] = [];
    let place = part.names[0]?.offset ?? null;
    for (const { name, path, offset } of part.names) {
      const known = judge(name);
      if (known.tier === 'dangerous') {
        report({ ...dangerous(name, path, known), location: bytePlace(part, offset) });
      } else if (known.tier !== 'vetted' && !expected.test(name)) {
        if (unlisted.length === 0) place = offset;
        unlisted.push(name);
      }
    }
    if (unlisted.length === 0) return;
    const shown = [...new Set(unlisted)];
    report({
      message: `Loading it imports and calls ${shown.slice(0, 3).map(quoted).join(', ')}${shown.length > 3 ? ` and ${shown.length - 3} more` : ''}. Make sure that you trust that code.`,
      severity: part.source === 'hydra' || part.source === 'graph-node' ? 'info' : 'warning',
      location: bytePlace(part, place),
      evidence: { source: part.source, names: shown.slice(0, 50) },
    });
  },
  checkText(text, report) {
    if (text.language === 'yaml') reportTags(text.text, report);
    const named = isConfig(text) ? importedNames(text) : text.language === 'python' ? namesInCode(text) : [];
    for (const { name, path, range } of [...named, ...namesInCommands(text)]) {
      const known = judge(name);
      if (known.tier !== 'dangerous') continue;
      // In a config of one's own, reading a file or an address has its reasons.
      const runs = /runs|executes|brings/.test(known.does);
      report({
        ...dangerous(name, path, known),
        ...(!runs && { severity: 'warning' as const }),
        location: placeOf(range),
      });
    }
  },
});

/** What a loader imports and calls; other rules speak of the rest. */
const called = new Set<NamesFacts['source']>(['hydra', 'yaml-tag', 'skops', 'graph-node']);

/** `!!python/object/apply:os.system`, which PyYAML's loaders call, unless they are the safe ones; HyperPyYAML's `!apply:`. */
function reportTags(text: string, report: (finding: Report) => void): void {
  // Places do not count a byte order mark.
  const content = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const tags = pythonTags(content);
  if (tags.length === 0) return;
  const lines = new LineIndex(content);
  for (const { name, path, offset } of tags) {
    const known = judge(name);
    if (known.tier !== 'dangerous' || offset === null) continue;
    report({ ...dangerous(name, path, known), location: placeOf(lines.range(offset, offset + path.length)) });
  }
}

/** What configurations of NeMo and of training frameworks name, beside what pickles are vetted for. */
const expected =
  /^(?:nemo|speechbrain|nemo_toolkit|nemo_collections|pytorch_lightning|lightning|torch\.(?:optim|nn)|torchmetrics|torchaudio|torchvision|transformers|omegaconf|hydra|megatron|apex|sklearn|numpy|scipy|xgboost|lightgbm|catboost|skops|builtins|quantile_forest|rasa|allennlp|allennlp_models)\./;

function judge(dotted: string): KnownImport {
  const at = dotted.lastIndexOf('.');
  return at < 0 ? classifyImport('builtins', dotted) : classifyImport(dotted.slice(0, at), dotted.slice(at + 1));
}

function dangerous(name: string, path: string, known: KnownImport): Report {
  return {
    message: `Loading it imports ${quoted(name)} and calls it: it ${known.does}. Do not load it.`,
    evidence: { name, path },
  };
}
