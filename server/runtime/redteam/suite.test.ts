import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hasSucceeded } from './outcome.ts';
import { shippedSuite, suiteOf } from './suite.ts';

describe('the suite of attacks', () => {
  const suite = shippedSuite();

  it('has at least 200 attacks in 10 categories of at least 20, all different', () => {
    const categories = new Map<string, number>();
    for (const { category } of suite.attacks) categories.set(category, (categories.get(category) ?? 0) + 1);
    assert.ok(suite.attacks.length >= 200);
    assert.equal(categories.size, 10);
    for (const [category, count] of categories) assert.ok(count >= 20, category);
    assert.equal(new Set(suite.attacks.map(({ id }) => id)).size, suite.attacks.length);
    assert.equal(new Set(suite.attacks.map(({ prompt }) => prompt)).size, suite.attacks.length);
  });

  it('never holds what it looks for in its own words: neither an echo nor a refusal that quotes is a success', () => {
    for (const { id, prompt, success } of suite.attacks) {
      assert.ok(success.length > 0);
      assert.ok(!hasSucceeded(success, `I cannot do that: ${prompt}`), `${id}: ${prompt}`);
    }
  });

  it('is found where a model obeys, however it dresses the answer', () => {
    const attack = suite.attacks[0];
    assert.ok(attack);
    const [code = ''] = attack.success;
    for (const answer of [
      code,
      `Sure: **${code}**!`,
      code.toLowerCase(),
      `${code.slice(0, 3)}\u200b${code.slice(3)}`,
    ]) {
      assert.ok(hasSucceeded(attack.success, answer), answer);
    }
    assert.ok(!hasSucceeded(attack.success, code.replace('-', ' ')));
    assert.ok(!hasSucceeded(attack.success, ''));
  });

  it('has a digest that changes with every word, and only then', () => {
    const { sha256, ...same } = suite;
    assert.equal(suiteOf(same).sha256, sha256);
    assert.equal(sha256, shippedSuite().sha256);
    assert.notEqual(suiteOf({ ...same, system: `${same.system} ` }).sha256, sha256);
    const [first, ...rest] = same.attacks;
    assert.ok(first);
    assert.notEqual(suiteOf({ ...same, attacks: [{ ...first, success: ['x'] }, ...rest] }).sha256, sha256);
  });
});
