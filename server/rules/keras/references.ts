import type { KerasReference } from '../../formats/keras/facts.ts';
import builtInClasses from './builtInClasses.json' with { type: 'json' };
import { classifyImport } from '../pickle/knownImports.ts';

/** How far a reference may be trusted, and what it does. */
export interface KerasVerdict {
  tier: 'built-in' | 'custom' | 'dangerous';
  does: string;
}

const builtInNames = new Set(builtInClasses.names);

/** Whether Keras finds a class by its bare name. What is written in small letters is the name of a function. */
const isBuiltInClass = (name: string): boolean => builtInNames.has(name) || !/^[A-Z]/.test(name) || codeNames.has(name);

/** Classes of Keras about which other rules have more to say. */
const codeNames = new Set(['Lambda']);

/** Packages whose layers, losses and the like Keras itself looks up. Source: keras/src/saving/serialization_lib.py. */
const kerasPackage =
  /^(?:keras|keras_core|tf_keras|keras_hub|keras_nlp|keras_cv|keras_tuner|tensorflow\.keras|tensorflow\.python\.keras|tensorflow_addons)(?:\.|$)/;

/** Functions of Keras that download, open or load what they are given, by the way in which they say so. */
const reachingOut =
  /^(?:get_file|load_\w+|save_\w+|deserialize\w*|enable_unsafe_deserialization|disable_safe_mode|open|extract\w*|download\w*|path_to_\w+|import_\w+|exec\w*|eval|run_\w+|system|from_json|model_from_\w+|set_\w+|custom_object_scope|get_source_inputs|image_dataset_from_directory|\w+_from_directory|\w+_from_url)$/;

/**
 * Classes of Keras that carry or load code. `TorchModuleWrapper` unpickles its module (CVE-2025-49655); `RWKVTokenizer` has
 * `eval` read each line of its vocabulary (keras_hub/src/models/rwkv7/rwkv7_tokenizer.py).
 */
const carryingCode = new Set([
  'TorchModuleWrapper',
  'LambdaCallback',
  'TFSMLayer',
  'RemoteMonitor',
  'BackupAndRestore',
  'RWKVTokenizer',
]);
const wrappingFunctions = new Set(['JaxLayer', 'FlaxLayer']);

/** What Keras would find under that name when it builds the model. */
export function judgeReference({ what, module, name, registered }: KerasReference): KerasVerdict {
  const builtIn: KerasVerdict = { tier: 'built-in', does: '' };
  if (carryingCode.has(name)) return { tier: 'dangerous', does: 'carries or loads code of its own' };
  if (wrappingFunctions.has(name)) return { tier: 'custom', does: 'wraps a function that is not part of Keras' };
  if (module !== null && kerasPackage.test(module)) {
    if (reachingOut.test(name)) return { tier: 'dangerous', does: 'downloads, opens or loads what it is given' };
    if (what === 'function' && /(?:^|\.)(?:utils|saving|config|export|legacy|models)(?:\.|$)/.test(module))
      return { tier: 'custom', does: 'is no function that belongs into a model' };
    return builtIn;
  }
  if (module === null || module === '') {
    // Keras 2 looks only among its own objects and those that the caller registered.
    if (what === 'function' && classifyImport('builtins', name).tier === 'dangerous')
      return dangerous('builtins', name);
    if (registered?.includes('>')) return custom(registered);
    return what === 'class' && !isBuiltInClass(name) ? custom(name) : builtIn;
  }
  const known = classifyImport(module, name);
  if (known.tier === 'dangerous') return dangerous(module, name);
  if (module === 'builtins') {
    // What no loss, metric or activation of a caller's own is called.
    if (what === 'function' && /^(?:get_file|load_model|enable_unsafe_deserialization)$/.test(name))
      return { tier: 'dangerous', does: 'downloads, opens or loads what it is given' };
    // Functions of Keras are written as `builtins` plus their name; so is what a caller registered.
    return registered?.includes('>') ? custom(registered) : builtIn;
  }
  if (known.tier === 'suspicious') return { tier: 'dangerous', does: known.does };
  return custom(`${module}.${name}`);
}

const dangerous = (module: string, name: string): KerasVerdict => ({
  tier: 'dangerous',
  does: classifyImport(module, name).does,
});

const custom = (name: string): KerasVerdict => ({ tier: 'custom', does: `needs ${name}, which is not part of Keras` });

export const spelledReference = ({ module, name }: KerasReference): string => (module ? `${module}.${name}` : name);
