import { dataType } from '../../onnx/graph.ts';
import { sizeOf } from '../../onnx/readTensor.ts';
import { NotDifferentiable } from '../builder.ts';
import type { GradientRule, GradientRules } from '../rule.ts';

/** Elements of the table of ones that carries a gradient back through a Gather. */
const mostElements = 1 << 26;

const back: GradientRule = (node) => {
  node.only(0);
  return [node.b.reshape(node.dy, node.b.shape(node.x()))];
};

const transpose: GradientRule = (node) => {
  const { b } = node;
  const rank = b.shape(node.x()).length;
  const perm = node.ints('perm') ?? Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
  return [
    b.transpose(
      node.dy,
      perm.map((_, axis) => perm.indexOf(axis)),
    ),
  ];
};

const concat: GradientRule = (node) => {
  const { b } = node;
  const shape = b.shape(node.y());
  const axis = node.axis(node.int('axis', 0), shape.length);
  let at = 0;
  return node.node.inputs.map((name, index) => {
    const start = at;
    at += b.shape(name)[axis]!;
    if (!node.wants(index)) return null;
    return b.slice(
      node.dy,
      shape.map((_, each) => (each === axis ? start : 0)),
      shape.map((size, each) => (each === axis ? at : size)),
    );
  });
};

const split: GradientRule = (node) => {
  const { b } = node;
  node.only(0);
  const shape = b.shape(node.x());
  const axis = node.axis(node.int('axis', 0), shape.length);
  const parts = node.node.outputs.map((_, index) => node.gradient(index));
  return [parts.length === 1 ? parts[0]! : b.node('Concat', parts, { axis }, shape)];
};

/** Cuts: what was cut off gets zeros. With steps, the gradient goes back through a matrix of zeros and ones. */
const slice: GradientRule = (node) => {
  const { b } = node;
  node.only(0);
  const shape = b.shape(node.x());
  const starts = node.list('starts', 1) ?? [];
  const axes = node.list('axes', 3) ?? starts.map((_, index) => index);
  const steps = (node.has(4) ? b.values(node.x(4), 'steps') : undefined) ?? starts.map(() => 1);
  const before = shape.map(() => 0);
  const after = shape.map(() => 0);
  let gradient = node.dy;
  axes.forEach((written, index) => {
    const axis = node.axis(written, shape.length);
    const size = shape[axis]!;
    const step = steps[index]!;
    const inside = (value: number, low: number, high: number): number =>
      Math.max(low, Math.min(high, value < 0 ? value + size : value));
    const start = step > 0 ? inside(starts[index]!, 0, size) : inside(starts[index]!, 0, size - 1);
    const count = b.shape(node.y())[axis]!;
    if (step === 1) {
      before[axis] = start;
      after[axis] = size - start - count;
    } else {
      const matrix = new Float64Array(count * size);
      for (let row = 0; row < count; row++) matrix[row * size + start + row * step] = 1;
      gradient = b.alongAxis(gradient, axis, matrix, count, size);
    }
  });
  return [b.pad(gradient, before, after)];
};

/** Which input each output of one padded axis is a copy of; -1 for a constant. */
function paddedFrom(index: number, before: number, size: number, mode: string): number {
  const at = index - before;
  if (at >= 0 && at < size) return at;
  if (mode === 'constant') return -1;
  if (mode === 'edge') return at < 0 ? 0 : size - 1;
  if (mode === 'wrap') return ((at % size) + size) % size;
  // reflect: 3 2 1 | 0 1 2 3 | 2 1 0
  if (size === 1) return 0;
  const period = 2 * (size - 1);
  const folded = ((at % period) + period) % period;
  return folded < size ? folded : period - folded;
}

const pad: GradientRule = (node) => {
  const { b } = node;
  node.only(0);
  const shape = b.shape(node.x());
  const rank = shape.length;
  const pads = node.list('pads', 1) ?? node.ints('paddings') ?? [];
  const axes = node.has(3) ? b.values(node.x(3), 'axes').map((axis) => node.axis(axis, rank)) : shape.map((_, i) => i);
  const mode = node.text('mode', 'constant');
  const before = shape.map(() => 0);
  const after = shape.map(() => 0);
  axes.forEach((axis, index) => {
    before[axis] = pads[index] ?? 0;
    after[axis] = pads[index + axes.length] ?? 0;
  });
  if (mode === 'constant') {
    return [
      b.pad(
        node.dy,
        before.map((amount) => -amount),
        after.map((amount) => -amount),
      ),
    ];
  }
  let gradient = node.dy;
  shape.forEach((size, axis) => {
    if (before[axis] === 0 && after[axis] === 0) return;
    const count = b.shape(node.y())[axis]!;
    const matrix = new Float64Array(count * size);
    for (let row = 0; row < count; row++) matrix[row * size + paddedFrom(row, before[axis]!, size, mode)] = 1;
    gradient = b.alongAxis(gradient, axis, matrix, count, size);
  });
  return [gradient];
};

/** Each copy's gradient is added up. */
const tile: GradientRule = (node) => {
  const { b } = node;
  node.only(0);
  const shape = b.shape(node.x());
  const repeats = shape.map((size, axis) => (size === 0 ? 1 : b.shape(node.y())[axis]! / size));
  const apart = b.reshape(
    node.dy,
    shape.flatMap((size, axis) => [repeats[axis]!, size]),
  );
  const axes = shape.map((_, axis) => 2 * axis).filter((axis) => repeats[axis / 2] !== 1);
  return [b.reshape(b.sum(apart, axes), shape)];
};

/** y = x[..., indices, ...]: back through a table with a one in each row, which adds up what is taken twice. */
const gather: GradientRule = (node) => {
  const { b } = node;
  node.only(0);
  const shape = b.shape(node.x());
  const axis = node.axis(node.int('axis', 0), shape.length);
  const size = shape[axis]!;
  const count = sizeOf(b.shape(node.x(1)));
  if (count * size > mostElements) throw new NotDifferentiable('the table that it takes from is too large');
  const type = b.type(node.x());
  const lead = shape.slice(0, axis);
  const rest = shape.slice(axis + 1);
  const indices = b.node('Reshape', [node.x(1), b.ints([count])], {}, [count]);
  const depth = b.constant(dataType.int64, [], [size]);
  const table = b.withShape(
    b.node('OneHot', [indices, depth, b.constant(type, [2], [0, 1])], { axis: -1 }),
    [count, size],
    type,
  );
  const dy = b.reshape(node.dy, [sizeOf(lead), count, sizeOf(rest)]);
  const taken = b.matmul(b.transposeMatrix(table), dy, [sizeOf(lead), size, sizeOf(rest)]);
  return [b.reshape(taken, shape)];
};

const gatherElements: GradientRule = (node) => {
  const { b } = node;
  node.only(0);
  if (b.opset < 16) throw new NotDifferentiable('its gradient needs operator set 16');
  const shape = b.shape(node.x());
  const zeros = b.zeros(b.type(node.x()), shape);
  return [
    b.node('ScatterElements', [zeros, node.x(1), node.dy], { axis: node.int('axis', 0), reduction: 'add' }, shape),
  ];
};

const depthToSpace: GradientRule = (node) => {
  const { b } = node;
  const [batch = 1, channels = 1, height = 1, width = 1] = b.shape(node.x());
  const block = node.int('blocksize', 1);
  const rest = channels / (block * block);
  const apart = b.reshape(node.dy, [batch, rest, height, block, width, block]);
  // Depth-column-row has the block's place in front of the channels, column-row-depth behind them.
  const order = node.text('mode', 'DCR') === 'CRD' ? [0, 1, 3, 5, 2, 4] : [0, 3, 5, 1, 2, 4];
  return [b.reshape(b.transpose(apart, order), b.shape(node.x()))];
};

const spaceToDepth: GradientRule = (node) => {
  const { b } = node;
  const [batch = 1, channels = 1, height = 1, width = 1] = b.shape(node.x());
  const block = node.int('blocksize', 1);
  const apart = b.reshape(node.dy, [batch, block, block, channels, height / block, width / block]);
  return [b.reshape(b.transpose(apart, [0, 3, 4, 1, 5, 2]), b.shape(node.x()))];
};

export const shapeRules: GradientRules = {
  Reshape: back,
  Flatten: back,
  Squeeze: back,
  Unsqueeze: back,
  Transpose: transpose,
  Concat: concat,
  Split: split,
  Slice: slice,
  Pad: pad,
  Tile: tile,
  Gather: gather,
  GatherElements: gatherElements,
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
};
