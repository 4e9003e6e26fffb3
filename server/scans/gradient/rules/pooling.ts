import { dataType } from '../../onnx/graph.ts';
import { sizeOf } from '../../onnx/readTensor.ts';
import { NotDifferentiable } from '../builder.ts';
import type { ForwardNode, GradientRule, GradientRules } from '../rule.ts';
import { transposedConvolution, windowOf, type Window } from './convolution.ts';

/** Less than any value of a network, and still finite when it is added up in a convolution. */
const lowest = { [dataType.float16]: -60_000 } as Record<number, number>;

/** Values of a window above which its weights, one row a value, are larger than a model ought to be. */
const mostCells = 2048;

const maxPool: GradientRule = (node) => {
  const { b } = node;
  if (node.int('storage_order', 0) !== 0) throw new NotDifferentiable('it stores columns first');
  if (node.matters(1)) throw new NotDifferentiable('its indices are used');
  const kernel = node.ints('kernel_shape') ?? [];
  const window = windowOf(node, kernel, b.shape(node.x()).slice(2));
  const apart = kernel.every((size, axis) => window.dilations[axis] === 1 && window.strides[axis]! >= size);
  // Operator set 8 has the indices; adding where windows overlap came with 16.
  const byIndex = !b.portable && (b.opset >= 16 || (b.opset >= 11 && apart));
  return [byIndex ? scatterToMaxima(node) : convolveToMaxima(node, window)];
};

/** The pooling is run again with the places of its maxima, and the gradient is put there. */
function scatterToMaxima(node: ForwardNode): string {
  const { b } = node;
  const attributes = {
    kernel_shape: node.ints('kernel_shape'),
    strides: node.ints('strides'),
    dilations: node.ints('dilations'),
    pads: node.ints('pads'),
    ceil_mode: node.int('ceil_mode', 0),
    auto_pad: node.text('auto_pad', 'NOTSET'),
  };
  const type = b.type(node.x());
  const total = sizeOf(b.shape(node.x()));
  const places = b.many('MaxPool', [node.x()], 2, attributes, b.shape(node.y()))[1]!;
  const flat = (name: string): string => b.node('Reshape', [name, b.ints([-1])], {}, [sizeOf(b.shape(node.y()))]);
  const spread = b.node(
    'ScatterElements',
    [b.zeros(type, [total]), flat(places), flat(node.dy)],
    { axis: 0, reduction: b.opset >= 16 ? 'add' : undefined },
    [total],
  );
  return b.reshape(spread, b.shape(node.x()));
}

/**
 * The same of operators that every provider has: windows side by side, the first largest of each, and back. Channels go as samples of one
 * channel: ONNX Runtime 1.30's WebGPU provider computes convolutions of an even number of groups wrongly where each group has more than
 * four output channels and no multiple of four.
 */
function convolveToMaxima(node: ForwardNode, window: Window): string {
  const { b } = node;
  const type = b.type(node.x());
  const [batch = 1, channels = 1, ...size] = b.shape(node.x());
  const out = b.shape(node.y()).slice(2);
  const { kernel, strides, dilations, before } = window;
  const cells = sizeOf(kernel);
  if (cells > mostCells) throw new NotDifferentiable(`its window has ${cells} values`);
  const pictures = batch * channels;
  const reach = kernel.map((each, axis) => (out[axis]! - 1) * strides[axis]! + dilations[axis]! * (each - 1) + 1);
  const after = reach.map((each, axis) => each - size[axis]! - before[axis]!);
  const apart = b.reshape(node.x(), [pictures, 1, ...size]);
  const padded = b.pad(apart, [0, 0, ...before], [0, 0, ...after], lowest[type] ?? -1e30);
  const oneEach = new Float64Array(cells * cells);
  for (let cell = 0; cell < cells; cell++) oneEach[cell * cells + cell] = 1;
  const weights = b.constant(type, [cells, 1, ...kernel], oneEach);
  const length = sizeOf(out);
  const attributes = { kernel_shape: kernel, strides, dilations };
  const seen = b.node('Conv', [padded, weights], attributes, [pictures, cells, ...out]);
  const patches = b.reshape(seen, [pictures, cells, length]);
  const place = b.withShape(b.node('ArgMax', [patches], { axis: 1, keepdims: 0 }), [pictures, length], dataType.int64);
  const chosen = b.withShape(
    b.node('OneHot', [place, b.constant(dataType.int64, [], [cells]), b.constant(type, [2], [0, 1])], { axis: 1 }),
    [pictures, cells, length],
    type,
  );
  const spread = b.reshape(b.mul(chosen, b.reshape(node.dy, [pictures, 1, length])), [pictures, cells, ...out]);
  return b.reshape(transposedConvolution(b, spread, weights, window, 1, size), [batch, channels, ...size]);
}

/** Each output is a mean: the gradient is spread evenly. What a mean divides by, the operator itself tells of ones. */
const averagePool: GradientRule = (node) => {
  const { b } = node;
  const type = b.type(node.x());
  const [, channels = 1, ...size] = b.shape(node.x());
  const out = b.shape(node.y()).slice(2);
  const kernel = node.ints('kernel_shape') ?? [];
  const window = windowOf(node, kernel, size);
  const attributes = {
    kernel_shape: kernel,
    strides: node.ints('strides'),
    dilations: node.ints('dilations'),
    pads: node.ints('pads'),
    ceil_mode: node.int('ceil_mode', 0) || undefined,
    count_include_pad: node.int('count_include_pad', 0),
    auto_pad: node.text('auto_pad', 'NOTSET'),
  };
  const ones = b.constant(type, [1, 1, ...size], new Float64Array(sizeOf(size)).fill(1));
  const means = b.node('AveragePool', [ones], attributes, [1, 1, ...out]);
  const counts = b.constant(type, [1, 1, ...out], validCounts(window, size, out));
  const share = b.mul(node.dy, b.div(means, counts));
  const weights = b.constant(type, [channels, 1, ...kernel], new Float64Array(channels * sizeOf(kernel)).fill(1));
  return [transposedConvolution(b, share, weights, window, channels, size)];
};

/** How many values of the input each window covers; at least 1, where it covers none. */
function validCounts(window: Window, size: readonly number[], out: readonly number[]): Float64Array {
  const { kernel, strides, dilations, before } = window;
  const along = size.map((inputs, axis) =>
    Array.from({ length: out[axis]! }, (_, index) => {
      let count = 0;
      for (let cell = 0; cell < kernel[axis]!; cell++) {
        const at = index * strides[axis]! - before[axis]! + cell * dilations[axis]!;
        if (at >= 0 && at < inputs) count++;
      }
      return count;
    }),
  );
  let counts = [1];
  for (const axis of along) counts = counts.flatMap((count) => axis.map((more) => count * more));
  return Float64Array.from(counts, (count) => Math.max(1, count));
}

const spatial = (rank: number): number[] => Array.from({ length: rank - 2 }, (_, axis) => axis + 2);

export const poolingRules: GradientRules = {
  MaxPool: maxPool,
  AveragePool: averagePool,
  GlobalAveragePool: (node) => {
    const { b } = node;
    const shape = b.shape(node.x());
    return [b.expand(b.scale(node.dy, 1 / sizeOf(shape.slice(2))), shape)];
  },
  GlobalMaxPool: (node) => {
    const { b } = node;
    const mask = b.mask(b.equal(node.x(), node.y()), node.x());
    const count = b.sum(mask, spatial(b.shape(node.x()).length));
    return [b.mul(mask, b.div(node.dy, count))];
  },
};
