import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { rowScores, type RowScores } from '../../server/datasets/embedding/rowScores.ts';
import { matrix, type Matrix } from '../../server/statistics/matrix.ts';
import { randomFrom } from '../../server/statistics/random.ts';
import { npmPackages } from './npmPackages.ts';

const [rows, columns, poisoned] = [778, 384, 39];

/** How well a score tells poisoned rows from the others: the share of pairs that it orders rightly. */
function areaUnderCurve(score: Float64Array, sign: 1 | -1): number {
  const ranks = [...score]
    .map((value, row) => ({ value: sign * value, bad: row < poisoned }))
    .sort((a, b) => a.value - b.value);
  let below = 0;
  let right = 0;
  for (const { bad } of ranks) {
    if (bad) right += below;
    else below++;
  }
  return right / (poisoned * (rows - poisoned));
}

describe('poison in real vectors of all-MiniLM-L6-v2', () => {
  let clean: Matrix;
  before(async () => {
    const name = '@sap-ux/fiori-docs-embeddings';
    const at = await npmPackages('minilm-vectors', { [name]: '1.2.6' });
    const bytes = readFileSync(path.join(at(name), 'data', 'embeddings', 'embeddings.bin'));
    assert.equal(bytes.length, rows * columns * 4);
    clean = matrix(rows, columns);
    for (let at = 0; at < rows * columns; at++) clean.values[at] = bytes.readFloatLE(at * 4);
  });

  /** The first 39 rows moved by `amount` towards one direction, and made of length 1 again. */
  function moved(amount: number, towards: 'a document' | 'a random direction'): Matrix {
    const data = { ...clean, values: clean.values.slice() };
    const random = randomFrom(5);
    const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const direction =
      towards === 'a document'
        ? clean.values.slice(700 * columns, 701 * columns)
        : Float64Array.from({ length: columns }, normal);
    const length = Math.hypot(...direction);
    for (let row = 0; row < poisoned; row++) {
      const own = data.values.subarray(row * columns, (row + 1) * columns);
      for (let column = 0; column < columns; column++) {
        own[column] = (1 - amount) * own[column]! + (amount * direction[column]!) / length;
      }
      const scale = Math.hypot(...own);
      for (let column = 0; column < columns; column++) own[column]! /= scale;
    }
    return data;
  }

  function scored(data: Matrix): RowScores {
    const steps = rowScores(data, []);
    let step = steps.next();
    while (step.done !== true) step = steps.next();
    return step.value;
  }

  test('rows that were moved towards a document are crowded; Isolation Forest alone calls them ordinary', () => {
    const scores = scored(moved(0.6, 'a document'));
    const dense = areaUnderCurve(scores.density, -1);
    const isolated = areaUnderCurve(scores.isolation, 1);
    assert.ok(dense > 0.95, `density ${dense}`);
    assert.ok(isolated < 0.5, `isolation ${isolated}`);
    const groups = [...scores.group.subarray(0, poisoned)].filter((group) => group >= 0);
    assert.ok(groups.length > poisoned / 2, `${groups.length} in groups`);
  });

  test('rows that were moved a little along a direction of their own show in the whitened signature, and not in their density', () => {
    const scores = scored(moved(0.4, 'a random direction'));
    const spectral = areaUnderCurve(scores.spectral, 1);
    assert.ok(spectral > 0.85, `spectral ${spectral}`);
    assert.ok(Math.abs(areaUnderCurve(scores.density, -1) - 0.5) < 0.25);
  });

  test('rows that belong elsewhere are alone', () => {
    const data = { ...clean, values: clean.values.slice() };
    const random = randomFrom(9);
    for (let at = 0; at < poisoned * columns; at++) data.values[at] = (random() - 0.5) * 0.18;
    const alone = areaUnderCurve(scored(data).density, 1);
    assert.ok(alone > 0.95, String(alone));
  });
});
