import { NotDifferentiable, type GradientBuilder } from '../builder.ts';
import type { ForwardNode, GradientRule, GradientRules } from '../rule.ts';

/** A window that slides over the spatial axes. */
export interface Window {
  kernel: number[];
  strides: number[];
  dilations: number[];
  /** Padding in front of each axis. What stands behind follows from the sizes. */
  before: number[];
}

/** The window of a convolution or pooling node over an input of the given spatial size. */
export function windowOf(node: ForwardNode, kernel: readonly number[], input: readonly number[]): Window {
  const ones = kernel.map(() => 1);
  const strides = node.ints('strides') ?? ones;
  const dilations = node.ints('dilations') ?? ones;
  const pads = node.ints('pads') ?? [...kernel, ...kernel].map(() => 0);
  const mode = node.text('auto_pad', 'NOTSET');
  const before = kernel.map((size, axis) => {
    if (mode === 'NOTSET' || mode === '') return pads[axis]!;
    if (mode === 'VALID') return 0;
    const stride = strides[axis]!;
    const reach = dilations[axis]! * (size - 1) + 1;
    const total = Math.max(0, (Math.ceil(input[axis]! / stride) - 1) * stride + reach - input[axis]!);
    return mode === 'SAME_UPPER' ? Math.floor(total / 2) : Math.ceil(total / 2);
  });
  return { kernel: [...kernel], strides, dilations, before };
}

/**
 * What a convolution with these weights [in channels here, out channels a group, ...] has made of an input of the spatial size
 * `size`, carried back to it.
 */
export function transposedConvolution(
  b: GradientBuilder,
  gradient: string,
  weights: string,
  window: Window,
  group: number,
  size: readonly number[],
): string {
  const { kernel, strides, dilations, before } = window;
  const [batch = 1, channels = 1, ...out] = b.shape(gradient);
  const perGroup = b.shape(weights)[1]!;
  const reach = kernel.map((each, axis) => (out[axis]! - 1) * strides[axis]! + dilations[axis]! * (each - 1) + 1);
  // Where all that the window has seen is larger than the input (ceil_mode), or what it has not seen is larger than a step,
  // the output padding cannot say it: the whole is computed and cut.
  const extra = size.map((each, axis) => each - (reach[axis]! - before[axis]!));
  const direct = extra.every((each, axis) => each >= 0 && each < Math.max(strides[axis]!, dilations[axis]!));
  const attributes = {
    kernel_shape: kernel,
    strides,
    dilations,
    ...(direct
      ? { pads: [...before, ...before.map(() => 0)], output_padding: extra }
      : { pads: [...before, ...before].map(() => 0) }),
  };
  const spatial = direct ? size : reach;
  // ONNX Runtime 1.30's WebGPU provider computes one output channel a group of an even number of input channels wrongly:
  // groups of one channel each are right, and their sum is the same.
  const split = b.portable && group > 1 && perGroup === 1 && channels > group;
  const groups = split ? channels : group;
  let result = b.node('ConvTranspose', [gradient, weights], { ...attributes, group: groups }, [
    batch,
    groups * perGroup,
    ...spatial,
  ]);
  if (split) {
    const apart = b.reshape(result, [batch, group, channels / group, ...spatial]);
    result = b.reshape(b.sum(apart, [2]), [batch, group, ...spatial]);
  }
  if (direct) return result;
  const front = [0, 0, ...before.map((amount) => -amount)];
  const back = [0, 0, ...size.map((each, axis) => each - (reach[axis]! - before[axis]!))];
  return b.pad(result, front, back);
}

const convolution: GradientRule = (node) => {
  const { b } = node;
  node.only(0);
  const weights = node.x(1);
  const size = b.shape(node.x()).slice(2);
  const window = windowOf(node, b.shape(weights).slice(2), size);
  return [transposedConvolution(b, node.dy, weights, window, node.int('group', 1), size)];
};

const convolutionTranspose: GradientRule = (node) => {
  const { b } = node;
  node.only(0);
  if (node.ints('output_shape')) throw new NotDifferentiable('it sets output_shape');
  const mode = node.text('auto_pad', 'NOTSET');
  if (mode !== 'NOTSET' && mode !== 'VALID') throw new NotDifferentiable(`it sets auto_pad to ${mode}`);
  const weights = node.x(1);
  const kernel = b.shape(weights).slice(2);
  const { strides, dilations } = windowOf(node, kernel, []);
  const before = (node.ints('pads') ?? kernel.map(() => 0)).slice(0, kernel.length);
  const size = b.shape(node.x()).slice(2);
  const out = b.shape(node.y()).slice(2);
  // All that the windows reach; padding cut it off, and output padding showed some of it again.
  const whole = kernel.map((each, axis) => (size[axis]! - 1) * strides[axis]! + dilations[axis]! * (each - 1) + 1);
  const after = whole.map((each, axis) => each - before[axis]! - out[axis]!);
  const dy = b.pad(node.dy, [0, 0, ...before], [0, 0, ...after]);
  const attributes = { kernel_shape: kernel, strides, dilations, group: node.int('group', 1) };
  return [b.node('Conv', [dy, weights], attributes, b.shape(node.x()))];
};

/** Conv with an activation behind it, as ONNX Runtime's optimiser writes it. */
const fusedConvolution: GradientRule = (node) => {
  const { b } = node;
  const activation = node.text('activation', '');
  if (node.has(3)) throw new NotDifferentiable('it adds a second input');
  if (activation !== 'Relu') throw new NotDifferentiable(`its activation ${activation} is not supported`);
  const mask = b.mask(b.greater(node.y(), b.scalar(node.y(), 0)), node.y());
  const size = b.shape(node.x()).slice(2);
  const window = windowOf(node, b.shape(node.x(1)).slice(2), size);
  return [transposedConvolution(b, b.mul(node.dy, mask), node.x(1), window, node.int('group', 1), size)];
};

export const convolutionRules: GradientRules = {
  Conv: convolution,
  ConvTranspose: convolutionTranspose,
  'com.microsoft.FusedConv': fusedConvolution,
};
