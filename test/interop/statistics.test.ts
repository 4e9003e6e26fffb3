import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { chiSquare, chiSquareTail } from '../../server/statistics/chiSquare.ts';
import { dbscan } from '../../server/statistics/dbscan.ts';
import { isolationScores } from '../../server/statistics/isolationForest.ts';
import { matrix, type Matrix } from '../../server/statistics/matrix.ts';
import { principalAxes } from '../../server/statistics/principalAxes.ts';
import { randomFrom } from '../../server/statistics/random.ts';
import { openMatrixProduct, type MatrixProduct } from '../../server/scans/rowScores/matrixProduct.ts';
import { loadOnnxRuntime } from '../../server/scans/runtime/onnxRuntime.ts';
import { runPython } from './python.ts';

/** Groups of points of different width, on the grid of a thousandth, so that distances do not differ by rounding alone. */
function groups(seed: number, rows: number, columns: number): Matrix {
  const random = randomFrom(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const data = matrix(rows, columns);
  const centres = Array.from({ length: 6 }, () => Array.from({ length: columns }, () => 4 * normal()));
  for (let row = 0; row < rows; row++) {
    const centre = centres[Math.floor(random() * 6)] ?? [];
    const width = 0.2 + random();
    for (let column = 0; column < columns; column++) {
      data.values[row * columns + column] = Math.round(1000 * ((centre[column] ?? 0) + width * normal())) / 1000;
    }
  }
  return data;
}

const listed = ({ rows, columns, values }: Matrix) =>
  Array.from({ length: rows }, (_, row) => [...values.subarray(row * columns, (row + 1) * columns)]);

/** @param product who multiplies; our own arithmetic where nobody is named. */
async function clusters(data: Matrix, radius: number, least: number, product?: MatrixProduct): Promise<number[]> {
  const steps = dbscan(data, { radius, least });
  for (let step = steps.next(); ;) {
    if (step.done === true) return [...step.value];
    const { rows } = step.value;
    step = steps.next(rows && (await product?.of(rows.from, rows.to)));
  }
}

const scans = [
  { data: groups(1, 1500, 3), radius: 0.45, least: 5 },
  { data: groups(2, 1200, 16), radius: 3.1, least: 8 },
  { data: groups(3, 900, 2), radius: 0.2, least: 4 },
  // Nearly everything is a neighbour of everything: more pairs than are kept.
  { data: groups(4, 3100, 2), radius: 12, least: 5 },
];
const forests = [groups(5, 2000, 16), groups(6, 800, 32)];
const tables = [
  [
    [10, 20, 30],
    [6, 9, 17],
  ],
  [
    [900, 100],
    [300, 200],
    [5, 5],
  ],
];
const tails: [number, number][] = [
  [3.84, 1],
  [0.5, 4],
  [120, 20],
  [1500, 40],
  [19.9, 20],
];

interface Oracle {
  dbscan: number[][];
  forests: { between: number; ours: number; mean: [number, number] }[];
  chi: [number, number, number][];
  tails: number[];
  variances: number[][];
}

describe('statistics agree with scikit-learn and SciPy', () => {
  let oracle: Oracle;
  before(async () => {
    const given = {
      dbscan: scans.map(({ data, ...options }) => ({ ...options, data: listed(data) })),
      forests: forests.map((data) => ({
        data: listed(data),
        trees: 500,
        scores: [...isolationScores(data, { trees: 500, seed: 3 })],
      })),
      chi: tables,
      tails,
      axes: [{ data: listed(groups(5, 2000, 16)), count: 4 }],
    };
    oracle = JSON.parse(await runPython('statistics_oracle.py', [], JSON.stringify(given), 'venv-datasets')) as Oracle;
  });

  test('DBSCAN finds the same clusters, with the same numbers, whoever multiplies', async () => {
    for (const [index, { data, radius, least }] of scans.entries()) {
      const expected = oracle.dbscan[index] ?? [];
      assert.deepEqual(await clusters(data, radius, least), expected);
      const product = await openMatrixProduct(loadOnnxRuntime(), data);
      assert.deepEqual(await clusters(data, radius, least, product), expected);
      await product.close();
      if (index < 3) assert.ok(new Set(expected).size > 2, 'several clusters and noise, or it proves nothing');
    }
  });

  test('Isolation Forest ranks rows as like scikit-learn as scikit-learn does with another seed', () => {
    for (const { between, ours, mean } of oracle.forests) {
      assert.ok(ours >= between - 0.02, `ours ${ours}, between two seeds ${between}`);
      assert.ok(Math.abs(mean[0] - mean[1]) < 0.01, mean.join());
    }
  });

  test('chi-square', () => {
    const close = (ours: number, theirs: number) =>
      assert.ok(Math.abs(ours - theirs) <= 1e-9 * Math.abs(theirs), `${ours} ${theirs}`);
    for (const [index, table] of tables.entries()) {
      const ours = chiSquare(table);
      const [statistic, degrees, pValue] = oracle.chi[index] ?? [];
      close(ours?.statistic ?? NaN, statistic ?? NaN);
      assert.equal(ours?.degrees, degrees);
      close(ours?.pValue ?? NaN, pValue ?? NaN);
    }
    for (const [index, [x, degrees]] of tails.entries()) close(chiSquareTail(x, degrees), oracle.tails[index] ?? NaN);
  });

  test('principal axes carry the same variance', () => {
    const { variances } = principalAxes(groups(5, 2000, 16), 4);
    for (const [index, theirs] of (oracle.variances[0] ?? []).entries()) {
      // Divided by the number of rows here, and by one less there.
      assert.ok(Math.abs((variances[index] ?? 0) / ((theirs * 1999) / 2000) - 1) < 1e-4, `${index}`);
    }
  });
});
