import { classifyImport } from '../pickle/knownImports.ts';
import { placeOf } from '../load/place.ts';
import { quoted } from '../place.ts';
import { defineRule } from '../rule.ts';
import type { ConfigSubject } from '../text.ts';

interface Loader {
  /** Of the file, in lower case. */
  file: RegExp;
  /** Whether this file is really of the loader, where its name is a common one. */
  isOf?: (text: ConfigSubject) => boolean;
  names: (path: readonly (string | number)[]) => boolean;
  /** What the loader brings, or what is known to be made for it. */
  own: RegExp;
  /** Follows "Loading the model": what happens to the name. */
  how: string;
}

const has = (text: ConfigSubject, ...keys: string[]): boolean =>
  keys.every((key) => text.scalars.some(({ path }) => path[0] === key));

const loaders: readonly Loader[] = [
  {
    // sentence_transformers/base/model.py: another name is imported, for a model in a folder also from files beside it.
    file: /(?:^|\/)modules\.json$/,
    names: (path) => path.length === 2 && path[1] === 'type',
    own: /^(?:sentence_transformers|pylate|setfit|span_marker|optimum)\./,
    how: 'with Sentence Transformers imports the class, from a file beside it where there is one, without asking for trust',
  },
  {
    // sentence_transformers/models/Router.py
    file: /(?:^|\/)router_config\.json$/,
    names: (path) => path.length === 2 && path[0] === 'types',
    own: /^(?:sentence_transformers|pylate)\./,
    how: 'with Sentence Transformers imports the class',
  },
  {
    // sentence_transformers/models/Dense.py
    file: /(?:^|\/)config\.json$/,
    isOf: (text) => has(text, 'in_features', 'activation_function'),
    names: (path) => path.length === 1 && path[0] === 'activation_function',
    own: /^(?:torch\.nn|sentence_transformers|transformers)\./,
    how: 'with Sentence Transformers imports the class and calls it',
  },
  {
    // bentoml/_internal/models/model.py: ModelInfo.module is imported to load the model.
    file: /(?:^|\/)model\.yaml$/,
    isOf: (text) => has(text, 'module', 'api_version', 'context'),
    names: (path) => path.length === 1 && path[0] === 'module',
    own: /^(?:bentoml|openllm)(?:\.|$)|^$/,
    how: 'with BentoML imports the module',
  },
  {
    // mlserver/settings.py: the implementation is imported, also from the folder of the model.
    file: /(?:^|\/)model-settings\.json$/,
    names: (path) => path.length === 1 && path[0] === 'implementation',
    own: /^mlserver(?:_\w+)?\./,
    how: 'with MLServer imports the class, also from the folder of the model',
  },
  {
    // pyspark/ml/util.py and org.apache.spark.ml.util.DefaultParamsReader: the class is loaded by its name.
    file: /(?:^|\/)metadata\/part-\d{5}$/,
    isOf: (text) => has(text, 'class', 'uid', 'sparkVersion'),
    names: (path) => path.length === 1 && path[0] === 'class',
    own: /^(?:org\.apache\.spark|pyspark|com\.johnsnowlabs|com\.microsoft\.(?:azure\.synapse|ml)|synapse|sparknlp|sparkxgb|ml\.dmlc\.xgboost4j|xgboost\.spark|ai\.h2o|io\.github\.mkuthan|com\.databricks|ai\.catboost|graphframes)\./,
    how: 'with Spark loads the class by this name',
  },
];

export const importedClass = defineRule({
  subject: 'text',
  meta: {
    id: 'model/imported-class',
    title: 'A model has a class imported that is not of its library',
    severity: 'warning',
    description:
      'A file that stands with a model names the class that its loader imports, and that is none of the library’s own: `modules.json`, a router or a dense layer of Sentence Transformers, `model.yaml` of BentoML, `model-settings.json` of MLServer, a stage of a Spark pipeline. Names that are known to run something are errors.',
    why: 'The text decides which code is imported while the model loads, and some loaders look for it in the folder of the model itself, so that a file beside the weights runs without anybody having been asked.',
    howToFix:
      'Read the code that is named, and load the model only where you know it. Pin the version of the package that it comes from.',
    avoid: [
      {
        file: 'modules.json',
        text: '[{ "idx": 0, "name": "0", "path": "", "type": "custom_head.Head" }]\n',
        note: 'Sentence Transformers imports `custom_head.py` beside it.',
      },
      {
        file: 'stages/0_scaler/metadata/part-00000',
        text: '{"class":"org.example.Stage","timestamp":1,"sparkVersion":"3.5.0","uid":"Stage_1","paramMap":{}}\n',
      },
      { file: 'model-settings.json', text: '{ "name": "m", "implementation": "runtime.Custom" }\n' },
    ],
    prefer: [
      {
        file: 'modules.json',
        text: '[{ "idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer" }]\n',
      },
      {
        file: 'stages/0_scaler/metadata/part-00000',
        text: '{"class":"org.apache.spark.ml.feature.StandardScalerModel","timestamp":1,"sparkVersion":"3.5.0","uid":"StandardScaler_1","paramMap":{}}\n',
      },
      { file: 'model-settings.json', text: '{ "name": "m", "implementation": "mlserver_sklearn.SKLearnModel" }\n' },
    ],
    references: [
      {
        title: 'Sentence Transformers: creating custom models',
        url: 'https://sbert.net/docs/sentence_transformer/usage/custom_models.html',
      },
      {
        title: 'MLServer: custom inference runtimes',
        url: 'https://mlserver.readthedocs.io/en/stable/user-guide/custom.html',
      },
    ],
    cwe: [470, 829],
    atlas: ['AML.T0010.003', 'AML.T0011.000'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['MEASURE 2.7', 'MAP 4.2'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(text, report) {
    if (text.language !== 'json' && text.language !== 'yaml') return;
    const path = text.path.toLowerCase();
    for (const { file, isOf, names, own, how } of loaders) {
      if (!file.test(path) || isOf?.(text) === false) continue;
      for (const { path: keys, value, range } of text.scalars) {
        if (typeof value !== 'string' || !names(keys) || own.test(value)) continue;
        const at = value.lastIndexOf('.');
        const known = classifyImport(value.slice(0, Math.max(at, 0)), value.slice(at + 1));
        // What runs something is told where it stands by the rule of names that are imported.
        if (known.tier === 'dangerous' && (keys.at(-1) === 'type' || keys.at(-1) === 'activation_function')) continue;
        report({
          ...(known.tier === 'dangerous' && { severity: 'error' as const }),
          message: `Loading the model ${how}: ${quoted(value)}. Make sure that you know that code.`,
          location: placeOf(range),
          evidence: { name: value.slice(0, 1_000), key: keys.join('.') },
        });
      }
    }
  },
});
