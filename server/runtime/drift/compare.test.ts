import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { randomFrom } from '../../statistics/random.ts';
import type { Asked } from './ask.ts';
import type { DriftBaseline } from './baseline.ts';
import { compareWithBaseline, samplesNeeded } from './compare.ts';
import type { Feature } from './features.ts';

const random = randomFrom(7);
/** Close to a standard normal distribution. */
const normal = () => Array.from({ length: 12 }, random).reduce((sum, value) => sum + value, -6);

function asked(features: Feature[], digests: string[] = []): Asked {
  return { features, digests, changed: 0, compared: 0 };
}

function baselineOf(
  features: Feature[],
  answers: DriftBaseline['answers'] = { digests: [], changed: 0, compared: 0 },
): DriftBaseline {
  return {
    schemaVersion: 1,
    kind: 'drift-baseline',
    recordedAt: '2026-01-01T00:00:00.000Z',
    probes: { sha256: '', count: features[0]?.values.length ?? 0 },
    target: { name: 'model', kind: 'json', model: null, digest: null },
    repeats: 1,
    features,
    answers,
  };
}

const scores = (size: number, shift = 0): Feature => ({
  name: 'score',
  kind: 'number',
  values: Array.from({ length: size }, () => normal() + shift),
});
const labels = (size: number, share: number): Feature => ({
  name: 'label',
  kind: 'label',
  values: Array.from({ length: size }, () => (random() < share ? 'yes' : 'no')),
});
const latency = (size: number, factor = 1): Feature => ({
  name: 'latency',
  kind: 'latency',
  values: Array.from({ length: size }, () => (200 + 50 * random()) * factor),
});

describe('drift', () => {
  it('alarms in no more than the stated share of 10,000 looks at a model that has not changed', () => {
    const level = 0.05;
    let alarms = 0;
    const runs = 10_000;
    for (let run = 0; run < runs; run++) {
      const sides = [0, 1].map(() => [scores(60), labels(60, 0.4), latency(60)]);
      const check = compareWithBaseline(baselineOf(sides[0] ?? []), asked(sides[1] ?? []), 1, level * 2);
      if (check.alarm) alarms++;
    }
    // Three deviations above the level would still be chance.
    assert.ok(alarms / runs <= level + 3 * Math.sqrt((level * (1 - level)) / runs), `${alarms} of ${runs}`);
  });

  it('finds changes that matter, in most looks with enough probes', (t) => {
    const rows = [100, 200, 400].map((size) => {
      const found = { score: 0, label: 0, latency: 0 };
      for (let run = 0; run < 100; run++) {
        const baseline = baselineOf([scores(size), labels(size, 0.4), latency(size)]);
        const check = compareWithBaseline(
          baseline,
          asked([scores(size, 0.5), labels(size, 0.7), latency(size, 2)]),
          1,
          0.01,
        );
        for (const name of ['score', 'label', 'latency'] as const) {
          if (check.features.some((feature) => feature.name === name && feature.alarm)) found[name]++;
        }
      }
      return { size, ...found };
    });
    t.diagnostic('power in 100 looks: score shifted by half a deviation, label 40 % -> 70 %, latency doubled');
    for (const { size, score, label, latency: slow } of rows)
      t.diagnostic(`${size} probes: ${score}, ${label}, ${slow}`);
    assert.ok((rows[1]?.score ?? 0) >= 80 && (rows[1]?.label ?? 0) >= 95 && (rows[1]?.latency ?? 0) === 100);
    assert.ok((rows[2]?.score ?? 0) >= 99);
  });

  it('does not alarm of a change that is significant and too small to matter', () => {
    const baseline = baselineOf([scores(20_000)]);
    const check = compareWithBaseline(baseline, asked([scores(20_000, 0.08)]), 1, 0.01);
    const ks = check.features.find(({ statistic }) => statistic === 'kolmogorov-smirnov');
    assert.ok((ks?.pValue ?? 1) < 0.001, 'it is significant');
    assert.equal(check.status, 'ok');
  });

  it('says that there are too few probes rather than that all is well', () => {
    const check = compareWithBaseline(baselineOf([scores(40)]), asked([scores(40)]), 1, 0.01);
    assert.equal(check.status, 'insufficient');
    assert.ok(check.needed > 40);
    // For one test at 5 %, two groups of 63 find half a deviation with 80 %: Cohen's table.
    assert.equal(samplesNeeded(0.05), 63);
  });

  it('holds all looks together to the level', () => {
    const looks = Array.from({ length: 5000 }, (_, index) =>
      index < 50
        ? compareWithBaseline(baselineOf([scores(5)]), asked([scores(5)]), index + 1, 0.01).level
        : 0.01 / ((index + 1) * (index + 2)),
    );
    const spent = looks.reduce((sum, each) => sum + each, 0);
    assert.ok(spent < 0.01 && spent > 0.0099, String(spent));
  });

  it('alarms where a feature is gone or is of another kind, and where a constant one is no longer constant', () => {
    const constant = (value: number): Feature => ({
      name: 'score',
      kind: 'number',
      values: new Array<number>(300).fill(value),
    });
    const baseline = baselineOf([constant(1)]);
    assert.equal(compareWithBaseline(baseline, asked([latency(300)]), 1, 0.01).status, 'alarm');
    assert.equal(compareWithBaseline(baseline, asked([constant(1.5)]), 1, 0.01).status, 'alarm');
    const same = compareWithBaseline(baseline, asked([constant(1)]), 1, 0.01);
    assert.equal(same.status, 'ok');
    assert.ok(same.features.every(({ value, effect }) => Number.isFinite(value) && Number.isFinite(effect)));
  });

  it('holds changed answers against a model that otherwise answers the same twice, and not against one that does not', () => {
    const digests = Array.from({ length: 300 }, (_, index) => `a${index}`);
    const half = digests.map((digest, index) => (index % 2 === 0 ? digest : 'other'));
    const same: Feature = { name: 'score', kind: 'number', values: digests.map(() => 1) };
    const stable = baselineOf([same], { digests, changed: 0, compared: 300 });
    assert.equal(compareWithBaseline(stable, asked([same], digests), 1, 0.01).status, 'ok');
    const check = compareWithBaseline(stable, asked([same], half), 1, 0.01);
    assert.deepEqual(
      check.features.filter(({ alarm }) => alarm).map(({ statistic, value }) => [statistic, value]),
      [['changed-answers', 0.5]],
    );
    const unsteady = baselineOf([same], { digests, changed: 150, compared: 300 });
    assert.equal(compareWithBaseline(unsteady, asked([same], half), 1, 0.01).status, 'ok');
  });
});
