import { JsonTreeBreak, member, parseJsonTree, stringOf, type JsonNode } from '../json/tree.ts';
import type { ReadContext } from '../reader.ts';
import type { ByteSource } from '../source.ts';
import { addKerasConfiguration } from './configuration.ts';

/** Bytes of a file that are read; what is longer is data. */
const longest = 8 << 20;
/** Bytes at its beginning that tell what it is, where its name does not. */
const lookedAt = 64 << 10;

/** A letter of a key that is written as an escape, which no library does. */
const tellingHead = /"(?:class_name|modelTopology|model_config)"|\\u00[4-7]/;
const tellingName = /model|config|architecture|topology|keras|network/i;

/** Words that only such files hold: a limit of ours that others reach is nothing to tell. */
const certain = /"(?:modelTopology|keras_version|registered_name|function_type|__lambda__)"/;

/** Whether a file by itself may be an architecture: looked for at its beginning and in its name, because most JSON is data. */
export function mayBeArchitecture(source: ByteSource, name: string): boolean {
  if (source.size > longest || source.read(0, 1).length === 0) return false;
  return tellingName.test(name) || tellingHead.test(Buffer.from(source.read(0, lookedAt)).toString('latin1'));
}

/**
 * Adds the facts of an architecture that stands in a JSON file of its own: what `Model.to_json` wrote, the `config.json` of an unpacked
 * `.keras` archive, and the `model.json` of TensorFlow.js, which also names the files of its weights.
 */
export function addKerasArchitecture(context: ReadContext, text: string): void {
  if (!/class_name|modelTopology|\\u00[4-7]/.test(text)) return;
  let root: JsonNode;
  try {
    root = parseJsonTree(text);
  } catch (error) {
    if (!(error instanceof JsonTreeBreak)) throw error;
    // A text that is not JSON is read by no loader either.
    if (error.limit && certain.test(text))
      context.problem({
        code: 'limit-depth',
        offset: null,
        message: `the architecture cannot be read: ${error.message}`,
        incomplete: true,
      });
    return;
  }
  if (isArchitecture(root)) addKerasConfiguration(context, context.name, text, 0);
}

/** Other files have a `class_name`, too: lists of what pictures show, objects of other frameworks. */
function isArchitecture(root: JsonNode): boolean {
  if (member(root, 'modelTopology')?.type === 'object') return true;
  const model = member(root, 'model_config') ?? root;
  if (stringOf(member(model, 'class_name')) === undefined) return false;
  const config = member(model, 'config');
  const named = stringOf(member(model, 'module')) ?? stringOf(member(root, 'keras_version'));
  return named !== undefined || member(config, 'layers')?.type === 'array' || config?.type === 'array';
}
