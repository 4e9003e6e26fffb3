import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeExample } from './exampleFiles.fixture.ts';
import { judgeRemarks, remarkFor } from './suppress.ts';

async function rulesOf(text: string): Promise<string[]> {
  const findings = (await judgeExample({ file: 'a.py', text })).filter(({ path }) => path === 'a.py');
  return judgeRemarks(findings, text).open.map(({ ruleId }) => ruleId);
}

const rule = 'load/pickle-family';
const code = (before: string, behind = ''): string => `import pickle\n${before}x = pickle.load(f)${behind}\n`;

test('a remark with a reason accepts a rule on its line, or on the next one', async () => {
  assert.deepEqual(await rulesOf(code('')), [rule]);
  assert.deepEqual(await rulesOf(code('', `  # weighbridge: ignore[${rule}] our own cache`)), []);
  assert.deepEqual(await rulesOf(code(`# weighbridge: ignore[${rule}] our own cache\n# and more\n\n`)), []);
  assert.deepEqual(await rulesOf(code('# weighbridge: ignore[load/*] our own cache\n')), []);
  assert.deepEqual(await rulesOf(code(`# weighbridge: ignore[exec/shell-true, ${rule}] our own cache\n`)), []);
});

test('without a reason, for another rule, or further away, it accepts nothing', async () => {
  assert.deepEqual(await rulesOf(code(`# weighbridge: ignore[${rule}]\n`)), [rule]);
  assert.deepEqual(await rulesOf(code(`${remarkFor(rule)}\n`)), [rule]);
  assert.deepEqual(await rulesOf(code('# weighbridge: ignore[load/torch-hub] our own cache\n')), [rule]);
  assert.deepEqual(await rulesOf(code(`# weighbridge: ignore[${rule}] our own cache\ny = 1\n`)), [rule]);
});

test('what is accepted is counted', async () => {
  const text = code(`# weighbridge: ignore[${rule}] our own cache\n`);
  assert.equal(judgeRemarks(await judgeExample({ file: 'a.py', text }), text).suppressed, 1);
});
