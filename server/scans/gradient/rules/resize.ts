import { NotDifferentiable } from '../builder.ts';
import type { ForwardNode, GradientRule, GradientRules } from '../rule.ts';

/** Where a point of the output lies in the input. Source: ONNX, Resize, `coordinate_transformation_mode`. */
function position(index: number, inSize: number, outSize: number, scale: number, mode: string): number {
  switch (mode) {
    case 'half_pixel':
      return (index + 0.5) / scale - 0.5;
    case 'pytorch_half_pixel':
      return outSize > 1 ? (index + 0.5) / scale - 0.5 : 0;
    case 'align_corners':
      return outSize === 1 ? 0 : (index * (inSize - 1)) / (outSize - 1);
    case 'asymmetric':
      return index / scale;
    case 'half_pixel_symmetric': {
      const adjustment = outSize / (scale * inSize);
      const centre = inSize / 2;
      return centre * (1 - adjustment) + (index + 0.5) / scale - 0.5;
    }
    default:
      throw new NotDifferentiable(`its coordinates are ${mode}`);
  }
}

function nearest(at: number, rounding: string): number {
  switch (rounding) {
    case 'round_prefer_floor':
      return Math.ceil(at - 0.5);
    case 'round_prefer_ceil':
      return Math.floor(at + 0.5);
    case 'floor':
      return Math.floor(at);
    case 'ceil':
      return Math.ceil(at);
    default:
      throw new NotDifferentiable(`it rounds by ${rounding}`);
  }
}

/** Weights of four neighbours, by Keys' kernel. */
function cubicWeights(fraction: number, a: number): number[] {
  const near = (t: number): number => ((a + 2) * t - (a + 3)) * t * t + 1;
  const far = (t: number): number => ((a * t - 5 * a) * t + 8 * a) * t - 4 * a;
  return [far(fraction + 1), near(fraction), near(1 - fraction), far(2 - fraction)];
}

interface Interpolation {
  mode: string;
  coordinates: string;
  rounding: string;
  cubic: number;
  excludeOutside: boolean;
}

/** The matrix [out, in] with which one axis is interpolated. */
export function interpolationMatrix(
  inSize: number,
  outSize: number,
  scale: number,
  { mode, coordinates, rounding, cubic, excludeOutside }: Interpolation,
): Float64Array {
  const matrix = new Float64Array(outSize * inSize);
  const inside = (index: number): number => Math.max(0, Math.min(inSize - 1, index));
  const put = (row: number, column: number, weight: number): void => {
    matrix[row * inSize + inside(column)]! += weight;
  };
  for (let row = 0; row < outSize; row++) {
    const at = position(row, inSize, outSize, scale, coordinates);
    if (mode === 'nearest') put(row, nearest(at, rounding), 1);
    else if (mode === 'linear') {
      const clamped = Math.max(0, Math.min(inSize - 1, at));
      const low = Math.floor(clamped);
      put(row, low, 1 - (clamped - low));
      put(row, low + 1, clamped - low);
    } else {
      const low = Math.floor(at);
      const weights = cubicWeights(at - low, cubic).map((weight, index) => {
        const column = low - 1 + index;
        return excludeOutside && (column < 0 || column >= inSize) ? 0 : weight;
      });
      const total = excludeOutside ? weights.reduce((sum, weight) => sum + weight) : 1;
      weights.forEach((weight, index) => put(row, low - 1 + index, weight / total));
    }
  }
  return matrix;
}

function resize(node: ForwardNode, interpolation: Interpolation, scales: number[] | undefined): (string | null)[] {
  const { b } = node;
  if (!['nearest', 'linear', 'cubic'].includes(interpolation.mode))
    throw new NotDifferentiable(`its mode is ${interpolation.mode}`);
  const from = b.shape(node.x());
  const to = b.shape(node.y());
  let gradient = node.dy;
  from.forEach((inSize, axis) => {
    const outSize = to[axis]!;
    const scale = scales?.[axis] ?? outSize / inSize;
    if (inSize === outSize && scale === 1) return;
    const matrix = interpolationMatrix(inSize, outSize, scale, interpolation);
    gradient = b.alongAxis(gradient, axis, matrix, outSize, inSize);
  });
  return [gradient];
}

const resizeRule: GradientRule = (node) => {
  node.only(0);
  const { b } = node;
  if (node.int('antialias', 0) !== 0) throw new NotDifferentiable('it smoothes when it shrinks (antialias)');
  const rank = b.shape(node.x()).length;
  const old = b.opset < 11;
  // Operator set 10: x, scales; from 11 on: x, roi, scales, sizes.
  const written = node.has(old ? 1 : 2) ? b.values(node.x(old ? 1 : 2), 'scales') : [];
  const axes = node.ints('axes')?.map((axis) => node.axis(axis, rank));
  const scales = Array.from<number | undefined>({ length: rank });
  if (written.length > 0) (axes ?? written.map((_, axis) => axis)).forEach((axis, i) => (scales[axis] = written[i]));
  if (node.has(3) && node.text('keep_aspect_ratio_policy', 'stretch') !== 'stretch')
    throw new NotDifferentiable('it keeps the aspect ratio');
  const sized = scales.map((scale, axis) => scale ?? b.shape(node.y())[axis]! / b.shape(node.x())[axis]!);
  return resize(
    node,
    {
      mode: node.text('mode', 'nearest'),
      coordinates: old ? 'asymmetric' : node.text('coordinate_transformation_mode', 'half_pixel'),
      rounding: old ? 'floor' : node.text('nearest_mode', 'round_prefer_floor'),
      cubic: node.float('cubic_coeff_a', -0.75),
      excludeOutside: node.int('exclude_outside', 0) !== 0,
    },
    sized,
  );
};

const upsample: GradientRule = (node) => {
  node.only(0);
  const attribute = node.node.attributes.get('scales')?.floats;
  return resize(
    node,
    {
      mode: node.text('mode', 'nearest'),
      coordinates: 'asymmetric',
      rounding: 'floor',
      cubic: -0.75,
      excludeOutside: false,
    },
    attribute ?? node.b.values(node.x(1), 'scales'),
  );
};

export const resizeRules: GradientRules = { Resize: resizeRule, Upsample: upsample };
