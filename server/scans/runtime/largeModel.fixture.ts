import {
  appendFileSync,
  closeSync,
  fstatSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dataType } from '../onnx/graph.ts';
import { MessageWriter } from '../onnx/protobufWriter.ts';

// A classifier with one square matrix of weights, in a file beside it or in its own, all zeros but one: a hole in the file, which takes no room on the disk.
// s = h + h B with h = x W1, scores = s W2, and B[1][0] = 2.

export const largeInputs = 8;
export const largeClasses = 3;

export interface LargeModel {
  folder: string;
  file: string;
  /** Bytes of the matrix. */
  weights: number;
  /** The gradient of the cross-entropy, summed over rows, by the input [rows, largeInputs]. */
  gradient: (x: Float32Array, targets: readonly number[]) => Float64Array;
}

/** @param side rows and columns of the matrix. @param where it is. */
export function writeLargeModel(side: number, where: 'beside' | 'inside' = 'beside'): LargeModel {
  const folder = mkdtempSync(join(tmpdir(), 'weighbridge-large-'));
  const file = join(folder, 'model.onnx');
  const weights = 4 * side * side;
  const first = Float32Array.from({ length: largeInputs * side }, (_, index) => Math.sin(index));
  const last = Float32Array.from({ length: side * largeClasses }, (_, index) => Math.cos(index));
  const model = new MessageWriter().int(1, 8).message(7, (graph) => {
    for (const [operator, left, right, output] of [
      ['MatMul', 'x', 'first', 'h'],
      ['MatMul', 'h', 'large', 'through'],
      ['Add', 'h', 'through', 's'],
      ['MatMul', 's', 'last', 'scores'],
    ] as const)
      graph.message(1, (node) => node.text(1, left).text(1, right).text(2, output).text(4, operator));
    graph.text(2, 'graph');
    const inside = (name: string, shape: number[], values: Float32Array): void =>
      void graph.message(5, (tensor) =>
        tensor.ints(1, shape).int(2, dataType.float).text(8, name).bytes(9, new Uint8Array(values.buffer)),
      );
    inside('first', [largeInputs, side], first);
    inside('last', [side, largeClasses], last);
    if (where === 'beside')
      graph.message(5, (tensor) => {
        tensor.ints(1, [side, side]).int(2, dataType.float).text(8, 'large');
        for (const [key, value] of [
          ['location', 'weights.bin'],
          ['offset', '0'],
          ['length', String(weights)],
        ] as const)
          tensor.message(13, (entry) => entry.text(1, key).text(2, value));
        tensor.int(14, 1);
      });
    for (const [field, name, size] of [
      [11, 'x', largeInputs],
      [12, 'scores', largeClasses],
    ] as const)
      graph.message(field, (value) =>
        value
          .text(1, name)
          .message(2, (type) =>
            type.message(1, (tensor) =>
              tensor
                .int(1, dataType.float)
                .message(2, (shape) =>
                  shape.message(1, (axis) => axis.text(2, 'n')).message(1, (axis) => axis.int(1, size)),
                ),
            ),
          ),
      );
  });
  writeFileSync(file, model.message(8, (set) => set.int(2, 17)).finish());
  if (where === 'inside') appendFileSync(file, headOfMatrix(side, weights));
  const data = where === 'inside' ? openSync(file, 'r+') : openSync(join(folder, 'weights.bin'), 'w');
  const start = fstatSync(data).size;
  ftruncateSync(data, start + weights);
  writeSync(data, Buffer.from(new Float32Array([2]).buffer), 0, 4, start + 4 * side);
  closeSync(data);
  return { folder, file, weights, gradient: (x, targets) => expected(x, targets, side, first, last) };
}

/** What stands before the values of the matrix, in a message that parsers merge with the model before it. */
function headOfMatrix(side: number, weights: number): Uint8Array {
  const delimited = (field: number, length: number): Buffer => {
    const bytes = [8 * field + 2];
    for (let left = length; ; left = Math.floor(left / 128)) {
      bytes.push((left % 128) + (left > 127 ? 128 : 0));
      if (left <= 127) return Buffer.from(bytes);
    }
  };
  const fields = new MessageWriter().ints(1, [side, side]).int(2, dataType.float).text(8, 'large').finish();
  const tensor = Buffer.concat([fields, delimited(9, weights)]);
  const graph = Buffer.concat([delimited(5, tensor.length + weights), tensor]);
  return Buffer.concat([delimited(7, graph.length + weights), graph]);
}

function expected(
  x: Float32Array,
  targets: readonly number[],
  side: number,
  first: Float32Array,
  last: Float32Array,
): Float64Array {
  const result = new Float64Array(x.length);
  targets.forEach((target, row) => {
    const s = Float64Array.from({ length: side }, (_, at) => {
      let sum = 0;
      for (let input = 0; input < largeInputs; input++)
        sum += x[row * largeInputs + input]! * first[input * side + at]!;
      return sum;
    });
    s[0]! += 2 * s[1]!;
    const scores = Array.from({ length: largeClasses }, (_, label) =>
      s.reduce((sum, value, at) => sum + value * last[at * largeClasses + label]!, 0),
    );
    const most = Math.max(...scores);
    const powers = scores.map((score) => Math.exp(score - most));
    const total = powers.reduce((sum, power) => sum + power, 0);
    const slopes = powers.map((power, label) => power / total - (label === target ? 1 : 0));
    const back = Float64Array.from({ length: side }, (_, at) =>
      slopes.reduce((sum, slope, label) => sum + slope * last[at * largeClasses + label]!, 0),
    );
    back[1]! += 2 * back[0]!;
    for (let input = 0; input < largeInputs; input++)
      for (let at = 0; at < side; at++) result[row * largeInputs + input]! += back[at]! * first[input * side + at]!;
  });
  return result;
}
