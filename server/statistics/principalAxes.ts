import { columnMeans, covariance, matrix, rowsAt, type Matrix } from './matrix.ts';
import { randomFrom } from './random.ts';
import { symmetricEigen } from './symmetricEigen.ts';

export interface PrincipalAxes {
  means: Float64Array;
  /** One axis a row, of unit length, the widest first. */
  axes: Matrix;
  /** How far the data spread along each: the eigenvalues of the covariance. */
  variances: Float64Array;
}

/** Rows from which the axes are taken: they are as good from a few thousand. */
const mostRows = 4096;
const iterations = 40;
/** Axes that are iterated beside those asked for: the last ones converge slowly. */
const spare = 8;

/**
 * The first principal axes, by orthogonal iteration from a seeded start, and by Rayleigh and Ritz within it (Golub and Van Loan, 8.2.4 and 8.1.4).
 * @param count how many; no more come back than there are columns.
 */
export function principalAxes(data: Matrix, count: number, seed = 1): PrincipalAxes {
  const sample =
    data.rows <= mostRows
      ? data
      : rowsAt(
          data,
          Array.from({ length: mostRows }, (_, index) => Math.floor((index * data.rows) / mostRows)),
        );
  const means = columnMeans(sample);
  const spread = covariance(sample, means);
  const dimension = data.columns;
  const basis = matrix(Math.min(count + spare, dimension), dimension);
  const random = randomFrom(seed);
  for (let at = 0; at < basis.values.length; at++) basis.values[at] = random() - 0.5;
  orthonormalise(basis);
  // A basis of everything needs no iteration.
  for (let turn = 0; turn < iterations && basis.rows < dimension; turn++) {
    basis.values.set(times(basis, spread).values);
    orthonormalise(basis);
  }
  const moved = times(basis, spread);
  const within = matrix(basis.rows, basis.rows);
  for (let row = 0; row < basis.rows; row++) {
    for (let other = 0; other < basis.rows; other++)
      within.values[row * basis.rows + other] = dot(basis, row, moved, other);
  }
  const { values, vectors } = symmetricEigen(within);
  const axes = matrix(Math.min(count, dimension), dimension);
  for (let axis = 0; axis < axes.rows; axis++) {
    for (let row = 0; row < basis.rows; row++) {
      const share = vectors.values[axis * basis.rows + row]!;
      for (let column = 0; column < dimension; column++) {
        axes.values[axis * dimension + column]! += share * basis.values[row * dimension + column]!;
      }
    }
  }
  return { means, axes, variances: values.subarray(0, axes.rows).map((value) => Math.max(0, value)) };
}

/** The data along the axes; `whiten` divides each by its spread, so that all weigh the same. */
export function project(data: Matrix, { means, axes, variances }: PrincipalAxes, whiten = false): Matrix {
  const { rows, columns, values } = data;
  const result = matrix(rows, axes.rows);
  const centred = new Float64Array(columns);
  const least = 1e-12 * (variances[0] ?? 0);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) centred[column] = values[row * columns + column]! - means[column]!;
    for (let axis = 0; axis < axes.rows; axis++) {
      let sum = 0;
      for (let column = 0, at = axis * columns; column < columns; column++, at++)
        sum += centred[column]! * axes.values[at]!;
      const variance = variances[axis]!;
      result.values[row * axes.rows + axis] = !whiten ? sum : variance <= least ? 0 : sum / Math.sqrt(variance);
    }
  }
  return result;
}

/** `axes` by a symmetric matrix. */
function times(axes: Matrix, symmetric: Matrix): Matrix {
  const result = matrix(axes.rows, axes.columns);
  const size = symmetric.columns;
  for (let row = 0; row < axes.rows; row++) {
    for (let i = 0; i < size; i++) {
      const own = axes.values[row * size + i]!;
      if (own === 0) continue;
      for (let j = 0, at = i * size, to = row * size; j < size; j++)
        result.values[to++]! += own * symmetric.values[at++]!;
    }
  }
  return result;
}

/** Gram and Schmidt, modified, twice: once is not enough where rows are nearly the same. */
function orthonormalise(axes: Matrix): void {
  const { rows, columns, values } = axes;
  for (let row = 0; row < rows; row++) {
    for (let turn = 0; turn < 2; turn++) {
      for (let other = 0; other < row; other++) {
        const shared = dot(axes, row, axes, other);
        for (let column = 0; column < columns; column++) {
          values[row * columns + column]! -= shared * values[other * columns + column]!;
        }
      }
    }
    const length = Math.sqrt(dot(axes, row, axes, row));
    for (let column = 0; column < columns; column++) {
      values[row * columns + column] = length > 1e-150 ? values[row * columns + column]! / length : 0;
    }
  }
}

function dot(left: Matrix, row: number, right: Matrix, other: number): number {
  let sum = 0;
  const size = left.columns;
  for (let column = 0; column < size; column++)
    sum += left.values[row * size + column]! * right.values[other * size + column]!;
  return sum;
}
