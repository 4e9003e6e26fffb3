import { Utf8Offsets } from '../json/offsets.ts';
import { JsonTreeBreak, member, parseJsonTree, type JsonNode } from '../json/tree.ts';
import { addKerasArchitecture, mayBeArchitecture } from '../keras/architecture.ts';
import type { ReadContext, Reader } from '../reader.ts';
import type { ByteSource } from '../source.ts';
import { addTemplate } from '../template/templateFacts.ts';
import type { NamedCode, NamesFacts } from './facts.ts';
import { namesInPython } from './pythonCode.ts';
import { namesInServingManifest, sourcesInRequirements } from './servingManifest.ts';
import { pythonTags, valuesOf } from './yamlNames.ts';

/** Bytes of a text in an archive that are read. */
const longest = 8 << 20;

/**
 * Reads a text inside of an archive for the names of code that it holds: configs of NeMo and Hydra, tokenizers' templates,
 * `auto_map`. A text that is a file of its own is read by the parsers of texts, which know lines and columns.
 */
export const readTextMember: Reader = (source, context) => {
  const name = context.name.toLowerCase().replace(/^.*[/\\]/, '');
  if (name === 'pickle_module_info.txt') return readPickleModule(source, context);
  if (context.depth === 0) return readOwnFile(source, context, name);
  if (/^(?:[\w.-]*[-_.])?requirements?(?:[-_.][\w.-]*)?\.txt$/.test(name)) return readRequirements(source, context);
  const yaml = /\.ya?ml$/.test(name);
  const python = name.endsWith('.py');
  if (!yaml && !python && !name.endsWith('.json')) return;
  if (source.size > longest) {
    if (!yaml && !python) return; // Long JSON is data, which names nothing.
    const message = `the text is longer than ${longest} bytes, and was not read for what it names`;
    context.problem({ code: 'limit-memory', offset: null, message, incomplete: true });
    return;
  }
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(source.read(0, source.size));
  if (python) addNames(context, 'python', text, namesInPython(text));
  else if (yaml) {
    // NeMo also imports the class that `target` names (nemo/core/classes/common.py).
    const target = name.endsWith('model_config.yaml')
      ? valuesOf('target', text).filter((each) => /^\w+(?:\.\w+)+$/.test(each.name))
      : [];
    addNames(context, 'hydra', text, [...valuesOf('_target_', text), ...target]);
    addNames(context, 'yaml-tag', text, pythonTags(text));
  } else {
    // The archive of a Keras model is read for its configuration as that.
    if (context.parent !== 'keras') addKerasArchitecture(context, text);
    readJson(text, context, name);
  }
};

/** Of files by themselves, what the parsers of texts have no rules for. */
function readOwnFile(source: ByteSource, context: ReadContext, name: string): void {
  const isManifest = name === 'manifest.json';
  if (!name.endsWith('.json') || source.size > longest) return;
  const isArchitecture = mayBeArchitecture(source, name);
  if (!isManifest && !isArchitecture) return;
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(source.read(0, source.size));
  if (isArchitecture) addKerasArchitecture(context, text);
  if (isManifest) readManifest(text, context);
}

/** MLflow imports the module whose name is the content of this file. Source: mlflow/pytorch/__init__.py. */
function readPickleModule(source: ByteSource, context: ReadContext): void {
  // Names of modules are short; what follows is shown to nobody.
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(source.read(0, 1_000));
  if (text.trim() !== '')
    addNames(context, 'pickle-module', text, [{ name: text.trim(), path: 'the module', offset: 0 }]);
}

function readRequirements(source: ByteSource, context: ReadContext): void {
  if (source.size > longest) return;
  const text = new TextDecoder('utf-8').decode(source.read(0, source.size));
  addNames(context, 'requirements', text, sourcesInRequirements(text).slice(0, 1_000));
}

function readManifest(text: string, context: ReadContext): void {
  const root = jsonOf(text);
  if (root !== null) addNames(context, 'serving-manifest', text, namesInServingManifest(root));
}

/** Null where the text is not JSON: no loader reads it then either. */
function jsonOf(text: string): JsonNode | null {
  try {
    return parseJsonTree(text);
  } catch (error) {
    if (!(error instanceof JsonTreeBreak)) throw error;
    return null;
  }
}

export function addNames(
  context: ReadContext,
  source: NamesFacts['source'],
  text: string,
  names: readonly NamedCode[],
): void {
  if (names.length === 0) return;
  const offsets = new Utf8Offsets(text, 0);
  context.add({
    kind: 'names',
    entry: context.entry,
    source,
    names: names.map((each) => ({ ...each, offset: each.offset === null ? null : offsets.byte(each.offset) })),
  });
}

/** What makes the `metadata.json` of a Rasa model: graphs whose nodes name their classes. Source: rasa/engine/graph.py. */
const rasaNode = /^(?:train|predict|training)_?schema\.nodes\.[^.]+\.uses$/;

function readJson(text: string, context: ReadContext, name: string): void {
  if (name === 'manifest.json') readManifest(text, context);
  if (!/_target_|chat_template|auto_map|"uses"|dataset_reader|\\u/.test(text)) return;
  const root = jsonOf(text);
  if (root === null) return;
  const found: Record<'hydra' | 'auto-map' | 'graph-node', NamedCode[]> = {
    hydra: [],
    'auto-map': [],
    'graph-node': [],
  };
  // AllenNLP imports what stands before the last dot of a `type` (allennlp/common/registrable.py).
  const isAllennlp = member(root, 'dataset_reader') !== undefined && member(root, 'model') !== undefined;
  const walk = (node: JsonNode, path: string, keys: readonly string[]): void => {
    if (node.type === 'array') node.items.forEach((item, index) => walk(item, `${path}[${index}]`, keys));
    if (node.type === 'object')
      for (const [key, value] of node.members)
        walk(value, path === '' ? key : `${path}.${key}`, [...keys.slice(-8), key]);
    if (node.type !== 'string') return;
    const named = { name: node.value, path, offset: node.offset };
    if (keys.at(-1) === '_target_') found.hydra.push(named);
    else if (isAllennlp && keys.at(-1) === 'type' && /^\w+(?:\.\w+)+$/.test(node.value))
      found['graph-node'].push(named);
    else if (rasaNode.test(path)) found['graph-node'].push(named);
    else if (keys.includes('auto_map')) found['auto-map'].push(named);
    else if (keys.some((key) => key.includes('chat_template'))) addTemplate(context, path, node.value, null);
  };
  walk(root, '', []);
  for (const source of ['hydra', 'auto-map', 'graph-node'] as const)
    addNames(context, source, text, found[source].slice(0, 1_000));
}
