import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultLimits } from '../formats/limits.ts';
import { rules } from '../rules/index.ts';
import { isConcerned, readingOf, ruleSetOf } from './ruleSet.ts';

const settings = { limits: defaultLimits, maxFileSize: null, allowedImports: [] };
const digests = Object.fromEntries(rules.map(({ meta }): [string, string] => [meta.id, `code of ${meta.id}`]));
const before = ruleSetOf(settings, digests, 'readers');

test('a rule that changed concerns only content with facts that it reads', () => {
  const now = ruleSetOf(settings, { ...digests, 'pickle/dangerous-import': 'other code' }, 'readers');
  assert.notEqual(now.id, before.id);
  assert.equal(isConcerned(['pickle', 'archive'], before, now), true);
  assert.equal(isConcerned(['safetensors'], before, now), false);
  assert.equal(isConcerned([], before, now), false);
  assert.equal(isConcerned(['pickle'], now, now), false);
});

test('a rule of whole artifacts concerns all, and a rule that went or came those that it read', () => {
  const whole = rules.find(({ subject }) => subject === 'artifact')?.meta.id ?? '';
  assert.equal(isConcerned([], before, ruleSetOf(settings, { ...digests, [whole]: 'other' }, 'readers')), true);
  const rest = Object.entries(before.rules).filter(([id]) => id !== 'pickle/dangerous-import');
  const without = { ...before, id: 'without', rules: Object.fromEntries(rest) };
  for (const [old, now] of [
    [before, without],
    [without, before],
  ] as const) {
    assert.equal(isConcerned(['pickle'], old, now), true);
    assert.equal(isConcerned(['safetensors'], old, now), false);
  }
});

test('rules of texts, folders and data are not what a fleet judges', () => {
  const text = rules.find(({ subject }) => subject === 'text')?.meta.id ?? '';
  assert.equal(ruleSetOf(settings, { ...digests, [text]: 'other' }, 'readers').id, before.id);
});

test('other readers, other limits and unknown rules concern everything', () => {
  assert.equal(isConcerned(['safetensors'], before, ruleSetOf(settings, digests, 'other readers')), true);
  const limited = ruleSetOf({ ...settings, maxFileSize: 9 }, digests, 'readers');
  assert.equal(isConcerned(['safetensors'], before, limited), true);
  assert.equal(isConcerned(['safetensors'], null, before), true);
});

test('of a name counts what a reader asks: the extension, and the digest that a blob promises', () => {
  assert.equal(readingOf('/a/model.BIN'), readingOf('/b/c/other.bin'));
  assert.notEqual(readingOf('/a/model.bin'), readingOf('/a/model.pkl'));
  const blob = `/cache/blobs/${'a'.repeat(64)}`;
  assert.notEqual(readingOf(blob), readingOf('/cache/other'));
});
