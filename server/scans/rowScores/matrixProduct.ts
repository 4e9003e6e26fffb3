import type { Matrix } from '../../statistics/matrix.ts';
import { dataType } from '../onnx/graph.ts';
import { writeModel } from '../onnx/writeModel.ts';
import type { OnnxRuntime } from '../runtime/onnxRuntime.ts';

/** Products of some rows with all rows by ONNX Runtime's MatMul, in double precision: a radius must not lose digits. */
export interface MatrixProduct {
  /** `(to - from) * rows` values, row after row; they hold until the next call. */
  of(from: number, to: number): Promise<Float64Array>;
  close(): Promise<void>;
}

/** A model of one node, whose weights are the rows themselves. It runs on the CPU: processors of graphics have no doubles to speak of. */
export async function openMatrixProduct(
  runtime: OnnxRuntime,
  { rows, columns, values }: Matrix,
): Promise<MatrixProduct> {
  const transposed = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      transposed[column * rows + row] = values[row * columns + column]!;
    }
  }
  const model = writeModel(
    {
      nodes: [{ operator: 'MatMul', inputs: ['some', 'all'], outputs: ['products'] }],
      initializers: [{ name: 'all', type: dataType.double, shape: [columns, rows], values: transposed }],
      inputs: [{ name: 'some', type: dataType.double, shape: ['some', columns] }],
      outputs: [{ name: 'products', type: dataType.double, shape: ['some', rows] }],
    },
    { opset: 17 },
  );
  const session = await runtime.InferenceSession.create(model, {
    executionProviders: ['cpu'],
    logSeverityLevel: 4,
  });
  let held = new Float64Array(0);
  return {
    async of(from, to) {
      const count = to - from;
      // What the runtime allocates itself is freed when the collector finds time: hundreds of megabytes later.
      if (held.length < count * rows) held = new Float64Array(count * rows);
      const result = held.subarray(0, count * rows);
      const some = new runtime.Tensor('float64', values.subarray(from * columns, to * columns), [count, columns]);
      await session.run({ some }, { products: new runtime.Tensor('float64', result, [count, rows]) });
      return result;
    },
    close: () => session.release(),
  };
}
