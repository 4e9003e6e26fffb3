import { dbscan } from '../../statistics/dbscan.ts';
import { isolationScores } from '../../statistics/isolationForest.ts';
import { rowsAt, type Matrix } from '../../statistics/matrix.ts';
import { nearest, type DistanceSteps } from '../../statistics/neighbours.ts';
import { principalAxes, project } from '../../statistics/principalAxes.ts';
import { quantile, robustDeviations } from '../../statistics/robust.ts';
import { reduced } from './reduce.ts';

/** How each row lies among the others. Arrays are by row. */
export interface RowScores {
  /** Isolation Forest: 0 to 1. */
  isolation: Float64Array;
  /** Mean distance to the ten nearest rows. */
  distance: Float64Array;
  /** How many robust deviations the logarithm of that distance lies above (isolated) or below (dense) its median. */
  density: Float64Array;
  /** How far the row lies out along the whitened main axes of its class: the sum of squares, of which chance makes as many as there are axes. */
  spectral: Float64Array;
  spectralAxes: number;
  /** Groups of rows that lie far closer together than rows do here; -1 for those in none. */
  group: Int32Array;
  /** Within which distance rows make a group. */
  radius: number;
}

const neighbours = 10;
const forestDimensions = 32;
const axesPerClass = 20;
const leastClass = 50;
/** Rows that make a group: a trigger in fewer moves no model (see docs/datasets.md). */
const leastGroup = 5;
const radiusRows = 400;
/** Of the distance that is ordinary here. Honest rows on one subject lie closer than others, but not by so much. */
const closeness = 0.6;

/**
 * Scores rows by both tails of density, by Isolation Forest and by whitened spectral signatures (Tran, Li and Madry 2018, with the whitening of Hayase et
 * al. 2021). Isolation Forest alone misses trigger poison, which is abnormally dense.
 * @param classes by row; undefined where there is none.
 */
export function* rowScores(
  embedding: Matrix,
  classes: readonly (string | undefined)[],
  seed = 1,
): DistanceSteps<RowScores> {
  const data = reduced(embedding, seed);
  const radius = radiusOf(data);
  const distance = new Float64Array(data.rows);
  const group = yield* dbscan(data, {
    radius,
    least: leastGroup,
    onDistances: (row, squared) => (distance[row] = meanOfNearest(squared, row)),
  });
  const density = robustDeviations(distance.map((each) => Math.log(each + 1e-3)));
  yield { share: 1 };
  const forest = data.rows > 2 ? project(data, principalAxes(data, forestDimensions, seed)) : data;
  const isolation = isolationScores(forest, { trees: 300, seed });
  yield { share: 1 };
  return { isolation, distance, density, ...spectralOf(data, classes, seed), group, radius };
}

/**
 * Within which distance rows make a group, by a sample of rows.
 */
function radiusOf(data: Matrix): number {
  const wanted = Math.min(data.rows, radiusRows);
  const distances = new Float64Array(wanted);
  const squared = new Float64Array(data.rows);
  for (let index = 0; index < wanted; index++) {
    const row = Math.floor((index * data.rows) / wanted);
    for (let other = 0; other < data.rows; other++) squared[other] = squaredDistance(data, row, other);
    distances[index] = meanOfNearest(squared, row);
  }
  return closeness * quantile(distances.sort(), 0.5);
}

function squaredDistance({ columns, values }: Matrix, row: number, other: number): number {
  let sum = 0;
  for (let column = 0; column < columns; column++) {
    sum += (values[row * columns + column]! - values[other * columns + column]!) ** 2;
  }
  return sum;
}

function meanOfNearest(squared: Float64Array, row: number): number {
  const near = nearest(squared, row, Math.min(neighbours, squared.length - 1));
  return near.length === 0 ? 0 : near.reduce((sum, each) => sum + Math.sqrt(each), 0) / near.length;
}

function spectralOf(
  data: Matrix,
  classes: readonly (string | undefined)[],
  seed: number,
): Pick<RowScores, 'spectral' | 'spectralAxes'> {
  const spectral = new Float64Array(data.rows);
  const byClass = new Map<string, number[]>();
  for (let row = 0; row < data.rows; row++) {
    const name = classes[row] ?? '';
    const rows = byClass.get(name) ?? [];
    rows.push(row);
    byClass.set(name, rows);
  }
  const axes = Math.min(axesPerClass, data.columns);
  for (const rows of byClass.values()) {
    // Fewer rows than that span the axes by themselves.
    if (rows.length < leastClass) continue;
    const own = rowsAt(data, rows);
    const white = project(own, principalAxes(own, axes, seed), true);
    for (const [index, row] of rows.entries()) {
      let sum = 0;
      for (let axis = 0; axis < axes; axis++) sum += white.values[index * axes + axis]! ** 2;
      spectral[row] = sum;
    }
  }
  return { spectral, spectralAxes: axes };
}
