import { matrix, type Matrix } from '../../statistics/matrix.ts';
import { principalAxes } from '../../statistics/principalAxes.ts';
import { randomFrom } from '../../statistics/random.ts';

/** Dimensions that distances are computed in: main axes, and what is left of a row beside them. */
const [mainDimensions, restDimensions] = [48, 16];

/**
 * Vectors in fewer dimensions, their distances about kept: the main axes, and the rest of each row on random axes of signs (Achlioptas 2003). The main axes alone would
 * lose what lies beside them, and rows that belong elsewhere would come to lie in the middle.
 */
export function reduced(data: Matrix, seed: number): Matrix {
  const wanted = mainDimensions + restDimensions;
  if (data.columns <= wanted) return data;
  const { means, axes } = principalAxes(data, mainDimensions, seed);
  const { rows, columns, values } = data;
  const random = randomFrom(seed);
  const signs = Float64Array.from(
    { length: restDimensions * columns },
    () => (random() < 0.5 ? -1 : 1) / Math.sqrt(restDimensions),
  );
  const result = matrix(rows, wanted);
  const rest = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) rest[column] = values[row * columns + column]! - means[column]!;
    for (let axis = 0; axis < mainDimensions; axis++) {
      const share = dot(rest, axes.values, axis * columns);
      result.values[row * wanted + axis] = share;
      for (let column = 0; column < columns; column++) rest[column]! -= share * axes.values[axis * columns + column]!;
    }
    for (let axis = 0; axis < restDimensions; axis++) {
      result.values[row * wanted + mainDimensions + axis] = dot(rest, signs, axis * columns);
    }
  }
  return result;
}

function dot(row: Float64Array, axes: Float64Array, from: number): number {
  let sum = 0;
  for (let column = 0; column < row.length; column++) sum += row[column]! * axes[from + column]!;
  return sum;
}
