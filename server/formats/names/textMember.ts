import { Utf8Offsets } from '../json/offsets.ts';
import { JsonTreeBreak, parseJsonTree, type JsonNode } from '../json/tree.ts';
import type { ReadContext, Reader } from '../reader.ts';
import { addTemplate } from '../template/templateFacts.ts';
import type { NamedCode, NamesFacts } from './facts.ts';
import { namesInPython } from './pythonCode.ts';
import { pythonTags, valuesOf } from './yamlNames.ts';

/** Bytes of a text in an archive that are read. */
const longest = 8 << 20;

/**
 * Reads a text inside of an archive for the names of code that it holds: configs of NeMo and Hydra, tokenizers' templates,
 * `auto_map`. A text that is a file of its own is read by the parsers of texts, which know lines and columns.
 */
export const readTextMember: Reader = (source, context) => {
  if (context.depth === 0) return;
  const name = context.name.toLowerCase();
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
  } else readJson(text, context);
};

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

function readJson(text: string, context: ReadContext): void {
  if (!/_target_|chat_template|auto_map|\\u/.test(text)) return;
  const found: Record<'hydra' | 'auto-map', NamedCode[]> = { hydra: [], 'auto-map': [] };
  const walk = (node: JsonNode, path: string, keys: readonly string[]): void => {
    if (node.type === 'array') node.items.forEach((item, index) => walk(item, `${path}[${index}]`, keys));
    if (node.type === 'object')
      for (const [key, value] of node.members)
        walk(value, path === '' ? key : `${path}.${key}`, [...keys.slice(-8), key]);
    if (node.type !== 'string') return;
    if (keys.at(-1) === '_target_') found.hydra.push({ name: node.value, path, offset: node.offset });
    else if (keys.includes('auto_map')) found['auto-map'].push({ name: node.value, path, offset: node.offset });
    else if (keys.some((key) => key.includes('chat_template'))) addTemplate(context, path, node.value, null);
  };
  try {
    walk(parseJsonTree(text), '', []);
  } catch (error) {
    // A text that is not JSON is read by no loader either.
    if (!(error instanceof JsonTreeBreak)) throw error;
  }
  addNames(context, 'hydra', text, found.hydra.slice(0, 1_000));
  addNames(context, 'auto-map', text, found['auto-map'].slice(0, 1_000));
}
