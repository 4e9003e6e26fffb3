import type { TensorFact, TorchFacts } from '../facts.ts';
import { elementCount, storageViolations, viewViolation, type Checkpoint } from './checkpoint.ts';
import { checkpointContents, type CheckpointContents } from './contents.ts';
import type { Refusal } from './refusal.ts';
import type { TensorValue } from './values.ts';

/** Tensors that facts list; `tensorCount` has the total. */
export const tensorsKept = 100_000;
const othersKept = 1000;
const violationsKept = 100;

/** What a checkpoint holds, and whether it can be converted. */
export function torchFacts(checkpoint: Checkpoint, entry: string): TorchFacts {
  const contents = checkpointContents(checkpoint.root);
  const violations = storageViolations(checkpoint);
  for (const { name, tensor } of contents.tensors) {
    if (violations.length >= violationsKept) break;
    const violation = viewViolation(name, tensor);
    if (violation) violations.push(violation);
  }
  return {
    kind: 'torch',
    entry,
    layout: checkpoint.layout,
    tensors: contents.tensors.slice(0, tensorsKept).map(({ name, tensor }) => tensorFact(name, tensor, checkpoint)),
    tensorCount: contents.tensors.length,
    others: contents.others.slice(0, othersKept),
    byteOrder: checkpoint.byteOrder,
    violations,
    conversion: violations[0] ? { state: 'no', reason: violations[0].message } : conversionOf(contents, checkpoint),
  };
}

/** The facts of a checkpoint whose values could not be read, or that is not to be converted. */
export const refusedFacts = (refusal: Refusal | string, layout: TorchFacts['layout'], entry: string): TorchFacts => ({
  kind: 'torch',
  entry,
  layout,
  tensors: [],
  tensorCount: 0,
  others: [],
  byteOrder: 'little',
  violations: [],
  conversion: { state: 'no', reason: typeof refusal === 'string' ? refusal : refusal.text },
});

function tensorFact(name: string, tensor: TensorValue, checkpoint: Checkpoint): TensorFact {
  const bytes = elementCount(tensor.shape) * tensor.type.bytes;
  const offset = placeOf(tensor, bytes, checkpoint);
  return {
    name,
    dtype: tensor.type.safetensors ?? tensor.type.torch,
    shape: tensor.shape,
    bytes,
    ...(offset !== null && { offset }),
  };
}

/** Where a tensor's bytes begin in the entry; null when they do not stand there in one piece, in the order of its shape. */
function placeOf({ storage, type, offset, shape, stride }: TensorValue, bytes: number, checkpoint: Checkpoint) {
  const record = checkpoint.records.get(storage.key);
  if (!record) return null;
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && stride[axis] !== step) return null;
    step *= shape[axis] ?? 1;
  }
  const within = storage.viewStart * storage.type.bytes + offset * type.bytes;
  return within >= 0 && within + bytes <= record.bytes ? record.position + within : null;
}

function conversionOf(contents: CheckpointContents, checkpoint: Checkpoint): TorchFacts['conversion'] {
  const { obstacle } = contents;
  if (obstacle) {
    const where = [checkpoint.pickleEntry, obstacle.offset === null ? '' : `byte ${obstacle.offset}`].filter(Boolean);
    return { state: 'no', reason: where.length > 0 ? `${obstacle.reason} (${where.join(', ')})` : obstacle.reason };
  }
  const beside = moreThanTensors(contents);
  return beside === null ? { state: 'yes' } : { state: 'tensors-only', reason: beside };
}

/** One clause that says what a conversion would leave out or rename; null when the checkpoint is a plain dictionary of tensors. */
export function moreThanTensors(contents: CheckpointContents): string | null {
  const first = contents.others.find(({ what }) => what.startsWith('would run')) ?? contents.others[0];
  if (first) {
    const more = contents.others.length > 1 ? `, and ${contents.others.length - 1} more` : '';
    return `it holds more than tensors: the key ${JSON.stringify(first.key.slice(0, 200))} ${holds(first.what)}${more}`;
  }
  const joined = contents.nested[0] ?? contents.tensors.find((each) => !each.top)?.name;
  return joined === undefined
    ? null
    : `its tensors are nested: the key ${JSON.stringify(joined.slice(0, 200))} holds others`;
}

const holds = (what: string): string => (/^(would|is) /.test(what) ? what : `holds ${what}`);
