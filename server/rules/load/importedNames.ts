import type { TextRange } from '../../formats/text/facts.ts';
import { lacks, type ConfigSubject } from '../text.ts';

/** A name that a loader imports because a configuration says so. */
export interface ImportedName {
  /** Dotted: `subprocess.Popen`. */
  name: string;
  /** Keys from the root, dotted. */
  path: string;
  range: TextRange;
}

/** Keys under which jsonpickle keeps what it imports. Source: jsonpickle, tags.py. */
const jsonpickle = new Set(['py/object', 'py/type', 'py/function', 'py/mod', 'py/class']);

/** Hydra's and torchtune's keys, that of Lightning's command line (jsonargparse), and those of modules of Sentence Transformers (sentence_transformers/models/Dense.py). */
const frameworkKeys = new Set(['_target_', '_component_', 'activation_function', 'activation_fn', 'class_path']);

/** Words of those keys, and of the others that are asked for below. */
const words = /_target_|_component_|activation_f|class_path|py\/|plugins|dataset_reader/;

/** All names of a configuration that are imported: keys of frameworks, wherever they stand, and files of model hubs. */
export function* importedNames(text: ConfigSubject): Generator<ImportedName> {
  const { path: file, language, scalars } = text;
  if (!/(?:^|\/)(?:model_index|modules|metadata)\.json$/i.test(file) && lacks(text, words)) return;
  // diffusers/pipelines/pipeline_loading_utils.py: each component is a pair of a library and a class.
  const components = language === 'json' && /(?:^|\/)model_index\.json$/i.test(file);
  // sentence_transformers/SentenceTransformer.py: each module has the type that is imported.
  const modules = language === 'json' && /(?:^|\/)modules\.json$/i.test(file);
  // allennlp/common/registrable.py: a type with a dot is imported.
  const allennlp = language === 'json' && scalars.some(({ path }) => path[0] === 'dataset_reader');
  for (const [index, { path, value, range }] of scalars.entries()) {
    if (typeof value !== 'string') continue;
    const key = path.at(-1);
    let name = value;
    if (components) {
      const after = scalars[index + 1];
      const isPair = path.length === 2 && key === 0 && after?.path[0] === path[0] && after?.path[1] === 1;
      if (!isPair || typeof after?.value !== 'string') continue;
      name = `${value}.${after.value}`;
    } else if (isNode(path, file) || (allennlp && key === 'type')) {
      // A name without a dot is one of a registry.
      if (!value.includes('.')) continue;
    } else if (!(modules ? key === 'type' && path.length === 2 : isImport(path, file, language))) continue;
    yield { name, path: path.join('.'), range };
  }
}

/** Keys of frameworks, tags of jsonpickle, and the plugins of axolotl, which are imported by name. */
function isImport(path: readonly (string | number)[], file: string, language: string): boolean {
  const key = path.at(-1);
  if (typeof key === 'string' && frameworkKeys.has(key)) return true;
  if (language === 'json' && typeof key === 'string' && jsonpickle.has(key)) return true;
  return path.length === 2 && path[0] === 'plugins' && typeof key === 'number' && /\.ya?ml$/i.test(file);
}

/** The class of a node of a Rasa model's graph. Source: rasa/engine/graph.py. */
function isNode(path: readonly (string | number)[], file: string): boolean {
  return path.length === 4 && path[1] === 'nodes' && path[3] === 'uses' && /(?:^|\/)metadata\.json$/i.test(file);
}
