import { bytePlace, quoted } from '../place.ts';
import { placeOf } from '../load/place.ts';
import { defineRule, type Report } from '../rule.ts';
import { mayHold, type ConfigSubject } from '../text.ts';
import { isMlmodel } from './mlmodelPath.ts';

export const customCode = defineRule({
  subject: 'names',
  meta: {
    id: 'model/custom-code',
    title: 'The model’s configuration points to code',
    severity: 'warning',
    description:
      'The `auto_map` of a model’s configuration names classes in Python files of a model repository. It is a warning when that is another repository than the model’s own, and information when the file belongs to the model. The code of pipelines (`custom_pipelines` of transformers, `_class_name` of diffusers) is taken as that of models. A warning, too, are the `parent_library` of an adapter, which PEFT imports, when it is no library of models, and a `loader_module` or `keras_module` of an `MLmodel` that is not MLflow’s or Keras’s.',
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
      {
        file: 'pipeline/config.json',
        text: '{ "custom_pipelines": { "pair": { "impl": "someone/else--pair.PairPipeline", "pt": ["AutoModel"] } } }\n',
      },
      {
        file: 'MLmodel',
        text: 'flavors:\n  python_function:\n    code: code\n    loader_module: evil_loader\n',
        note: 'MLflow imports `code/evil_loader.py`.',
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
    if (text.language === 'yaml' && isMlmodel(text.path)) return reportLoaders(text, report);
    if (
      text.language !== 'json' ||
      !['auto_map', 'custom_pipelines', '_class_name'].some((key) => mayHold(text.text, key))
    )
      return;
    for (const { path, value, range } of text.scalars) {
      if (path.at(-1) !== 'parent_library' || path.at(-2) !== 'auto_mapping' || typeof value !== 'string') continue;
      if (modelLibrary.test(value)) continue;
      report({
        message: `Loading the adapter with PEFT imports the module ${quoted(value)}, which is no library of models. Make sure that you know it.`,
        location: placeOf(range),
        evidence: { module: value },
      });
    }
    const scalars = text.scalars.filter(
      ({ path, value }) => typeof value === 'string' && (path.includes('auto_map') || namesPipeline(path)),
    );
    const [first] = scalars;
    // Diffusers names the file of a pipeline of one's own, and then the class in it.
    const named = scalars.map(({ value, path }) => (path[0] === '_class_name' ? `${value}.Pipeline` : String(value)));
    const found = say(named);
    if (first && found) report({ ...found, location: placeOf(first.range) });
  },
});

/** Libraries whose models adapters are made for. Source: peft/auto.py, which imports `parent_library` whatever it is. */
const modelLibrary =
  /^(?:transformers|diffusers|timm|torch|torchvision|open_clip|sentence_transformers|peft|trl)(?:\.|$)/;

/** The code of pipelines: of transformers (`custom_pipelines`) and of diffusers (`_class_name` as a list). */
function namesPipeline(path: readonly (string | number)[]): boolean {
  if (path[0] === 'custom_pipelines') return path.length === 3 && path[2] === 'impl';
  return path.length === 2 && path[0] === '_class_name' && path[1] === 0;
}

/** Modules that MLflow imports because an MLmodel says so, beside its own and Keras's. Source: mlflow/pyfunc and mlflow/tensorflow. */
function reportLoaders(text: ConfigSubject, report: (finding: Report) => void): void {
  for (const { path, value, range } of text.scalars) {
    if (path[0] !== 'flavors' || !['loader_module', 'keras_module'].includes(String(path.at(-1)))) continue;
    if (typeof value !== 'string' || /^(?:mlflow|keras|tf_keras|tensorflow)(?:\.|$)/.test(value)) continue;
    report({
      message: `Loading the model with MLflow imports the module ${quoted(value)}, also from the folder of code that the model brings along. Read it first.`,
      location: placeOf(range),
      evidence: { module: value },
    });
  }
}

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
