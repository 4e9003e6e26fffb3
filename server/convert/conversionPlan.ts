import type { Checkpoint, StorageRecord } from '../formats/torch/checkpoint.ts';
import { elementCount, storageViolations, viewViolation } from '../formats/torch/checkpoint.ts';
import { checkpointContents, selectValue, type CheckpointContents } from '../formats/torch/contents.ts';
import { Refusal } from '../formats/torch/refusal.ts';
import { moreThanTensors } from '../formats/torch/torchFacts.ts';
import type { TensorValue } from '../formats/torch/values.ts';
import { compareCodePoints, headerOrder, type HeaderTensor } from './safetensorsHeader.ts';

export interface PlanOptions {
  select?: string | undefined;
  tensorsOnly?: boolean | undefined;
  flatten?: boolean | undefined;
  duplicateAliases?: boolean | undefined;
}

/** A tensor that will be written, and where its elements are. */
export interface PlannedTensor extends HeaderTensor {
  /** Bytes of one element, and of the units that are swapped in a big-endian file. */
  elementBytes: number;
  swap: 1 | 2 | 4 | 8;
  /** Offset in the file of the first element. */
  position: number;
  /** Elements from one index to the next, one a dimension. */
  stride: readonly number[];
  /** True when the elements stand in the file as they will be written. */
  contiguous: boolean;
  record: StorageRecord;
}

export interface ConversionPlan {
  /** In the order of the output. */
  tensors: PlannedTensor[];
  bytes: number;
  /** Name that was dropped to the name that has the same elements. */
  aliases: Record<string, string>;
  dropped: { key: string; what: string }[];
  notices: string[];
  metadata: Record<string, string>;
}

/** An expanded view repeats one element a million times; this much more than the file itself is not a checkpoint. */
const growthFactor = 16;
const growthFloor = 1 << 30;

/** What will be written. @throws {Refusal} when the checkpoint cannot be converted, or not without further options. */
export function planConversion(checkpoint: Checkpoint, options: PlanOptions, inputBytes: number): ConversionPlan {
  const dropped: ConversionPlan['dropped'] = [];
  let root = checkpoint.root;
  if (options.select !== undefined) {
    const selected = selectValue(root, options.select);
    if (!selected) throw new Refusal(`it has no key ${JSON.stringify(options.select)}`);
    root = selected.value;
    dropped.push(...selected.beside);
  }
  const contents = checkpointContents(root);
  refuseObstacles(contents, checkpoint, options);
  dropped.push(...contents.others);

  const notices: string[] = [];
  const { tensors, aliases } = withoutAliases(contents, checkpoint, options.duplicateAliases ?? false, notices);
  tensors.sort(headerOrder);
  const bytes = tensors.reduce((sum, each) => sum + each.bytes, 0);
  if (bytes > growthFloor && bytes > growthFactor * inputBytes) {
    throw new Refusal(`its views repeat data: ${inputBytes} bytes would become ${bytes}`);
  }
  noteGrowth(tensors, notices);
  return { tensors, bytes, aliases, dropped, notices, metadata: { format: 'pt', ...aliases } };
}

function refuseObstacles(contents: CheckpointContents, checkpoint: Checkpoint, options: PlanOptions): void {
  const { obstacle } = contents;
  if (obstacle) throw new Refusal(obstacle.reason, obstacle.offset, checkpoint.pickleEntry);
  const violation = storageViolations(checkpoint)[0];
  if (violation) throw new Refusal(violation.message, violation.offset, checkpoint.pickleEntry);
  for (const { name, tensor } of contents.tensors) {
    const outside = viewViolation(name, tensor);
    if (outside) throw new Refusal(outside.message, outside.offset, checkpoint.pickleEntry);
  }
  if (options.tensorsOnly) return;
  const more = moreThanTensors(contents);
  if (more === null) return;
  if (contents.others.length > 0)
    throw new Refusal(`${more}; convert its tensors only (--tensors-only) to leave that out`);
  if (!options.flatten) throw new Refusal(`${more}; select one (--select) or join their names with dots (--flatten)`);
}

function withoutAliases(
  contents: CheckpointContents,
  checkpoint: Checkpoint,
  duplicate: boolean,
  notices: string[],
): { tensors: PlannedTensor[]; aliases: Record<string, string> } {
  const tensors: PlannedTensor[] = [];
  const aliases: Record<string, string> = Object.create(null) as Record<string, string>;
  const kept = new Map<string, string>();
  const named = [...contents.tensors].sort((a, b) => compareCodePoints(a.name, b.name));
  for (const { name, tensor } of named) {
    const planned = plan(name, tensor, checkpoint);
    // `format` is a key of the metadata that has a meaning of its own.
    if (!duplicate && planned.bytes > 0 && name !== 'format') {
      const strides = tensor.stride.map((stride, axis) => (tensor.shape[axis] === 1 ? 0 : stride));
      const identity = `${planned.position} ${planned.dtype} ${tensor.shape.join()} ${strides.join()}`;
      const first = kept.get(identity);
      if (first !== undefined) {
        aliases[name] = first;
        continue;
      }
      kept.set(identity, name);
    }
    tensors.push(planned);
  }
  const count = Object.keys(aliases).length;
  if (count > 0) {
    const [alias, first] = Object.entries(aliases)[0]!;
    const tied = `${JSON.stringify(alias)} is the same tensor as ${JSON.stringify(first)}`;
    notices.push(
      `${tied}${count > 1 ? `, and ${count - 1} more are tied` : ''}: written once, with the other name in the metadata; ` +
        'transformers ties them again, other loaders need both (--duplicate-aliases)',
    );
  }
  return { tensors, aliases };
}

function plan(name: string, tensor: TensorValue, checkpoint: Checkpoint): PlannedTensor {
  const { storage, type, shape, stride } = tensor;
  const record = checkpoint.records.get(storage.key)!;
  return {
    name,
    dtype: type.safetensors!,
    shape,
    bytes: elementCount(shape) * type.bytes,
    elementBytes: type.bytes,
    swap: checkpoint.byteOrder === 'big' ? type.swap : 1,
    position: record.position + storage.viewStart * storage.type.bytes + tensor.offset * type.bytes,
    stride,
    contiguous: isContiguous(shape, stride),
    record,
  };
}

/** Rows one after another without gaps; the stride of a dimension of one does not matter. */
function isContiguous(shape: readonly number[], stride: readonly number[]): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis]!;
    if (size === 0) return true;
    if (size !== 1 && stride[axis] !== expected) return false;
    expected *= size;
  }
  return true;
}

/** Views that overlap are written apart, each dense: the same values, in more bytes. */
function noteGrowth(tensors: readonly PlannedTensor[], notices: string[]): void {
  const written = new Map<StorageRecord, { bytes: number; first: string }>();
  for (const { record, bytes, name } of tensors) {
    const known = written.get(record);
    if (known) known.bytes += bytes;
    else written.set(record, { bytes, first: name });
  }
  let growth = 0;
  let first: string | null = null;
  for (const [record, use] of written) {
    if (use.bytes <= record.bytes) continue;
    growth += use.bytes - record.bytes;
    first ??= use.first;
  }
  if (first === null) return;
  notices.push(
    `views that share data (the first is ${JSON.stringify(first)}) were written apart, which takes ${growth} bytes more`,
  );
}
