import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CostAnnealing, schedules } from './detectors/schedule.ts';
import { judgeNorms } from './detectors/neuralCleanse.ts';
import { judge } from './detectors/verdict.ts';
import type { Trigger } from './detectors/trigger.ts';
import { halfBits } from './onnx/writeModel.ts';
import { calibrationError, mcnemar } from './regression.ts';
import { anomalyIndices, entropy, quantile, softmax, wilsonInterval } from './statistics.ts';

const near = (value: number, expected: number, within = 1e-6): void =>
  assert.ok(Math.abs(value - expected) <= within, `${value} is not ${expected}`);

const triggers = (norms: (number | null)[]): Map<number, Trigger | null> =>
  new Map(
    norms.map((norm, label) => [
      label,
      norm === null ? null : { norm, mask: new Float32Array(0), pattern: new Float32Array(0), successRate: 1 },
    ]),
  );

describe('statistics', () => {
  it('are those of reference libraries', () => {
    // scipy.stats.median_abs_deviation([1,2,3,4,100], scale="normal") = 1.4826022...
    near(anomalyIndices([1, 2, 3, 4, 100])[4]!, 97 / 1.4826);
    // statsmodels proportion_confint(8, 10, method="wilson")
    const [low, high] = wilsonInterval(8, 10);
    near(low, 0.4901625, 1e-5);
    near(high, 0.943318, 1e-5);
    near(quantile([4, 1, 3, 2], 0.25), 1.75);
    near(entropy([0.5, 0.25, 0.25]), 1.5);
    near(softmax([1000, 1001])[1]!, 0.7310585786);
    // scipy.stats.binomtest(3, 15).pvalue, binomtest(5, 10).pvalue
    near(mcnemar(3, 12), 0.03515625);
    near(mcnemar(5, 5), 1);
    near(mcnemar(0, 0), 1);
    // Two samples at a confidence of 0.9, one of them right.
    const sure = Math.log(9);
    near(calibrationError(Float32Array.of(sure, 0, sure, 0), Int32Array.of(0, 1), 2), 0.4);
  });

  it('include halves that are rounded as IEEE 754 says', () => {
    assert.deepEqual(
      [1, -2, 65504, 65520, 2 ** -24, 1 + 2 ** -11, 1 + 3 * 2 ** -11, NaN].map(halfBits),
      [0x3c00, 0xc000, 0x7bff, 0x7c00, 1, 0x3c00, 0x3c02, 0x7e00],
    );
  });
});

describe('norms of masks', () => {
  it('accuse the class that is far below the others', () => {
    const found = judgeNorms(triggers([90, 88, 12, 92, 91, 86]));
    assert.deepEqual(found.flaggedClasses, [2]);
    assert.equal(
      judge({ neuralCleanse: found, maximumMargin: null, untargeted: null, notScanned: [], gradient: 'exact' }).verdict,
      'backdoor',
    );
  });

  it('accuse none for an index that comes of norms that are all alike', () => {
    const found = judgeNorms(triggers([90, 90.5, 67.8, 91, 90.2, 89.8]));
    assert.ok(found.anomalyIndex! > 2);
    assert.deepEqual([found.flaggedClasses, found.suspiciousClasses], [[], [2]]);
    assert.equal(
      judge({ neuralCleanse: found, maximumMargin: null, untargeted: null, notScanned: [], gradient: 'exact' }).verdict,
      'clean',
    );
  });

  it('leave room for a trigger that all classes share', () => {
    const found = judgeNorms(triggers([10, 11, 9, 12, 10]));
    const verdict = (ratio: number): string =>
      judge({
        neuralCleanse: found,
        maximumMargin: null,
        untargeted: { norm: 10 * ratio, ratio },
        notScanned: [],
        gradient: 'exact',
      }).verdict;
    assert.deepEqual([0.3, 1.8, 4].map(verdict), ['backdoor', 'inconclusive', 'clean']);
  });

  it('are not compared when there are too few, or above the median', () => {
    assert.equal(judgeNorms(triggers([1, 80, null])).anomalyIndex, null);
    assert.deepEqual(judgeNorms(triggers([90, 91, 92, 93, 300])).suspiciousClasses, []);
  });
});

describe('the weight of the norm', () => {
  it('begins when the trigger works, goes up while it does, and down while it does not', () => {
    const annealing = new CostAnnealing(schedules.official);
    assert.equal(annealing.cost, 0);
    for (let step = 0; step < 5; step++) annealing.after(1, 50);
    assert.equal(annealing.cost, 1e-3);
    for (let step = 0; step < 5; step++) annealing.after(1, 50);
    assert.equal(annealing.cost, 2e-3);
    for (let step = 0; step < 5; step++) annealing.after(0.5, 50);
    near(annealing.cost, 2e-3 / 2 ** 1.5);
    let steps = 0;
    while (!annealing.after(1, 50)) steps++;
    assert.ok(steps > 0 && steps <= 25, `it ended after ${steps} steps`);
  });
});
