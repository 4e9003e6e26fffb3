import { bytePlace, quoted } from '../place.ts';
import { placeOf } from '../load/place.ts';
import { defineRule, type Report } from '../rule.ts';
import { mayHold } from '../text.ts';

export const customCode = defineRule({
  subject: 'names',
  meta: {
    id: 'model/custom-code',
    title: 'The model’s configuration points to code',
    severity: 'warning',
    description:
      'The `auto_map` of a model’s configuration names classes in Python files of a model repository. It is a warning when that is another repository than the model’s own, and information when the file belongs to the model. The `parent_library` of an adapter, which PEFT imports, is a warning when it is no library of models.',
    why: 'Loading the model with `trust_remote_code` downloads those files and runs them. Code in another repository can change at any time, without any change of this model.',
    howToFix:
      'Read the file before you set `trust_remote_code`, and pin `revision` and `code_revision` to the commits that you read; or use a class of the library.',
    avoid: [
      {
        file: 'config.json',
        text: '{ "model_type": "custom", "auto_map": { "AutoModel": "someone/else--modeling_custom.CustomModel" } }\n',
      },
      {
        file: 'adapter_config.json',
        text: '{ "peft_type": "LORA", "auto_mapping": { "base_model_class": "Net", "parent_library": "somebody.hooks" } }\n',
        note: 'PEFT imports the module.',
      },
    ],
    prefer: [
      {
        file: 'adapter_config.json',
        text: '{ "peft_type": "LORA", "auto_mapping": { "base_model_class": "Net", "parent_library": "transformers.models.llama.modeling_llama" } }\n',
      },
      { file: 'config.json', text: '{ "model_type": "llama", "architectures": ["LlamaForCausalLM"] }\n' },
    ],
    references: [
      {
        title: 'Transformers documentation: custom models',
        url: 'https://huggingface.co/docs/transformers/custom_models',
      },
    ],
    cwe: [829, 494],
    atlas: ['AML.T0010.001', 'AML.T0010.003', 'AML.T0011.000'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['GOVERN 6.1', 'MAP 4.2'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(part, report) {
    if (part.source !== 'auto-map') return;
    const [first] = part.names;
    const found = say(part.names.map(({ name }) => name));
    if (first && found) report({ ...found, location: bytePlace(part, first.offset) });
  },
  checkText(text, report) {
    if (text.language !== 'json' || !mayHold(text.text, 'auto_map')) return;
    for (const { path, value, range } of text.scalars) {
      if (path.at(-1) !== 'parent_library' || path.at(-2) !== 'auto_mapping' || typeof value !== 'string') continue;
      if (modelLibrary.test(value)) continue;
      report({
        message: `Loading the adapter with PEFT imports the module ${quoted(value)}, which is no library of models. Make sure that you know it.`,
        location: placeOf(range),
        evidence: { module: value },
      });
    }
    const scalars = text.scalars.filter(({ path, value }) => path.includes('auto_map') && typeof value === 'string');
    const [first] = scalars;
    const found = say(scalars.map(({ value }) => String(value)));
    if (first && found) report({ ...found, location: placeOf(first.range) });
  },
});

/** Libraries whose models adapters are made for. Source: peft/auto.py, which imports `parent_library` whatever it is. */
const modelLibrary =
  /^(?:transformers|diffusers|timm|torch|torchvision|open_clip|sentence_transformers|peft|trl)(?:\.|$)/;

function say(names: readonly string[]): Report | null {
  if (names.length === 0) return null;
  const foreign = names.find((name) => name.includes('--'));
  const evidence = { classes: names.slice(0, 50) };
  if (foreign === undefined) {
    const file = `${(names[0] ?? '').split('.').slice(0, -1).join('/')}.py`;
    return {
      message: `The model brings its own code (${quoted(file)}), which runs when it is loaded with trust_remote_code. Read it first.`,
      severity: 'info',
      evidence,
    };
  }
  const [repository] = foreign.split('--');
  return {
    message: `The model’s code stands in another repository, ${quoted(repository ?? foreign)}, and runs when it is loaded with trust_remote_code. Read it there, and pin code_revision to the commit that you read.`,
    evidence,
  };
}
