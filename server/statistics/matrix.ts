/** Rows of numbers, one row after the other. */
export interface Matrix {
  rows: number;
  columns: number;
  /** `rows * columns` values. */
  values: Float64Array;
}

export function matrix(rows: number, columns: number): Matrix {
  return { rows, columns, values: new Float64Array(rows * columns) };
}

/** Some rows of a matrix, in the order given. */
export function rowsAt({ columns, values }: Matrix, indices: ArrayLike<number>): Matrix {
  const chosen = matrix(indices.length, columns);
  for (let row = 0; row < indices.length; row++) {
    const from = (indices[row] ?? 0) * columns;
    chosen.values.set(values.subarray(from, from + columns), row * columns);
  }
  return chosen;
}

/** The mean of each column. */
export function columnMeans({ rows, columns, values }: Matrix): Float64Array {
  const means = new Float64Array(columns);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) means[column]! += values[at++]!;
  }
  for (let column = 0; column < columns; column++) means[column]! /= Math.max(1, rows);
  return means;
}

/** The covariance of the columns, `columns` by `columns`, divided by the number of rows. */
export function covariance(data: Matrix, means = columnMeans(data)): Matrix {
  const { rows, columns, values } = data;
  const result = matrix(columns, columns);
  const centred = new Float64Array(columns);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) centred[column] = values[at++]! - means[column]!;
    for (let i = 0; i < columns; i++) {
      const own = centred[i]!;
      const from = i * columns;
      for (let j = 0; j <= i; j++) result.values[from + j]! += own * centred[j]!;
    }
  }
  for (let i = 0; i < columns; i++) {
    for (let j = 0; j <= i; j++) {
      const value = result.values[i * columns + j]! / Math.max(1, rows);
      result.values[i * columns + j] = value;
      result.values[j * columns + i] = value;
    }
  }
  return result;
}
