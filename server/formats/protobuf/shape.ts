import type { FormatId } from '../facts.ts';
import { Budget, defaultLimits } from '../limits.ts';
import type { ByteSource } from '../source.ts';
import type { MessageCursor } from './cursor.ts';
import { ProtobufWalk } from './walk.ts';

/** Fields that are looked at before bytes are called something else. What is no message breaks off after a few of them. */
const stepsToTell = 200_000;
/** Nodes of one graph that are looked at for one that proves the format. */
const nodesToTell = 64;

/** Names of operators. Source: TensorFlow, `op_def_builder`; ONNX, `IR.md`. */
const operatorName = /^[A-Za-z_][\w.>:/-]{0,255}$/;

/** What CoreML keeps under `Type`: field numbers from 200 on. Source: coremltools, Model.proto. */
const firstCoremlType = 200;

/**
 * Which model format bytes are, when they are a protobuf message of one: protobuf has no magic number, so a node of a graph has to
 * prove it. Unknown fields in front, which parsers skip, do not hide it.
 * @param proofOnly refuses what only could be one: for bytes that could as well be text.
 */
export function protobufFormat(source: ByteSource, proofOnly: boolean): FormatId | null {
  const budget = new Budget({ ...defaultLimits, opcodes: stepsToTell });
  const walk = new ProtobufWalk(source, { budget, problem: () => undefined });
  const top = walk.message();
  const seen = new Set<number>();
  const version = { value: 0 };
  // Breaches that come of taking something for a message that is none.
  let guessed = 0;
  while (top.next()) {
    seen.add(top.field);
    if (top.field === 1 && !top.delimited) version.value = top.value;
    const before = walk.broken;
    const proven = provenBy(top, version.value);
    guessed += walk.broken - before;
    if (proven !== null) return proven;
  }
  if (proofOnly || walk.broken > guessed || budget.opcodes <= 0) return null;
  return plausible(seen, version.value);
}

/** What one top-level field proves. */
function provenBy(top: MessageCursor, version: number): FormatId | null {
  if (!top.delimited) return null;
  switch (top.field) {
    case 1:
      if (isNode(top.nested(), 2)) return 'tf-graph';
      if (isPaddleBlock(top.nested())) return 'paddle';
      return isKerasNode(top.nested()) ? 'keras-metadata' : null;
    case 2:
      if (isLibrary(top.nested())) return 'tf-graph';
      if (isTensorflowGraph(top.nested())) return 'tf-meta-graph';
      return isMetaGraph(top.nested()) ? 'tf-saved-model' : null;
    case 7:
      return hasNode(top.nested(), 1, 4) ? 'onnx' : null;
    case 25:
      return hasNode(top.nested(), 7, 4) ? 'onnx' : null;
    default:
      return version > 0 && version < 64 && isCoremlType(top) ? 'coreml' : null;
  }
}

/** Models without a node: ONNX has an `ir_version` and a graph, a SavedModel its version and meta graphs, CoreML a type. */
function plausible(fields: ReadonlySet<number>, version: number): FormatId | null {
  const all = [...fields];
  if (version <= 0 || version >= 64) return null;
  if (all.every((field) => field <= 26) && fields.has(7)) return 'onnx';
  if (version === 1 && fields.has(2) && all.every((field) => field <= 2)) return 'tf-saved-model';
  if (fields.has(2) && all.some((field) => field >= firstCoremlType) && all.every((field) => field <= 3_000))
    return 'coreml';
  return null;
}

/**
 * Whether a message has an operator's name in the given field. TensorFlow's nodes must have a name as well, in field 1: the graphs of MediaPipe,
 * which are alike in all else, mostly have none.
 */
function isNode(message: MessageCursor, nameField: number): boolean {
  let named = false;
  let first = nameField !== 2;
  while (message.next()) {
    if (message.field === nameField && message.delimited) {
      if (!operatorName.test(message.text(300))) return false;
      named = true;
    } else if (message.field === 1 && message.delimited) {
      first = true;
    } else if (message.field === 5 && nameField === 2 && !isAttribute(message)) {
      return false;
    } else if (message.field <= 3 && !message.delimited) return false;
  }
  return named && first;
}

/** An entry of a map: a key, and a message. */
function isAttribute(field: MessageCursor): boolean {
  let keyed = false;
  for (const entry = field.nested(); entry.next();) {
    if (!entry.delimited) return false;
    if (entry.field === 1) keyed = true;
  }
  return keyed;
}

/** Whether a message has a node in the given field. */
function hasNode(message: MessageCursor, nodeField: number, nameField: number): boolean {
  for (let nodes = 0; nodes < nodesToTell && message.next();) {
    if (message.field !== nodeField || !message.delimited) continue;
    if (isNode(message.nested(), nameField)) return true;
    nodes++;
  }
  return false;
}

function isTensorflowGraph(message: MessageCursor): boolean {
  for (let nodes = 0; nodes < nodesToTell && message.next();) {
    if (!message.delimited) continue;
    if (message.field === 1 && isNode(message.nested(), 2)) return true;
    if (message.field === 2 && isLibrary(message.nested())) return true;
    nodes++;
  }
  return false;
}

/** FunctionDefLibrary: functions with nodes. */
function isLibrary(message: MessageCursor): boolean {
  for (let functions = 0; functions < nodesToTell && message.next(); functions++) {
    if (message.field === 1 && message.delimited && hasNode(message.nested(), 3, 2)) return true;
  }
  return false;
}

function isMetaGraph(message: MessageCursor): boolean {
  while (message.next()) {
    if (message.field === 2 && message.delimited && isTensorflowGraph(message.nested())) return true;
  }
  return false;
}

/** BlockDesc: an index and a parent's index, then variables and operators. Source: Paddle, framework.proto. */
function isPaddleBlock(message: MessageCursor): boolean {
  let numbers = 0;
  while (message.next()) {
    if ((message.field === 1 || message.field === 2) && !message.delimited) numbers++;
    else if (message.field === 4 && message.delimited) return numbers >= 2 && isNode(message.nested(), 3);
  }
  return false;
}

/** SavedObject of Keras: its identifier begins with `_tf_keras`. Source: keras, saved_metadata.proto. */
function isKerasNode(message: MessageCursor): boolean {
  while (message.next()) {
    if (message.field === 4 && message.delimited) return message.text(16).startsWith('_tf_keras');
  }
  return false;
}

/** One of the larger types, whose layers carry a name and a kind; smaller ones need the whole message to tell. */
function isCoremlType(top: MessageCursor): boolean {
  if (top.field !== 303 && top.field !== 403 && top.field !== 500 && top.field !== 555) return false;
  const message = top.nested();
  for (let layers = 0; layers < nodesToTell && message.next(); layers++) {
    if (top.field === 555 && message.field === 10 && message.delimited) return true;
    if (message.field !== 1 || !message.delimited) continue;
    const layer = message.nested();
    while (layer.next()) if (layer.field >= 100 && layer.delimited) return true;
  }
  return false;
}
