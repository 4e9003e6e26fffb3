import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeExample } from '../rules/exampleFiles.fixture.ts';
import { parseConfiguration } from './configurationFile.ts';
import { applyConfiguration } from './verdicts.ts';

const pod = {
  file: 'pod.yaml',
  text: 'apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - {name: a, image: a:1.2}\n',
};

/** What a configuration leaves of a pod with an image of a version and no digest. */
async function digestsBy(rules: string): Promise<string[]> {
  const settings = parseConfiguration(`version: 1\nrules: {${rules}}\n`, '/repo/weighbridge.yaml');
  return applyConfiguration(await judgeExample(pod), settings)
    .filter(({ ruleId }) => ruleId === 'pin/image-digest')
    .map((finding) => `${finding.severity} ${String('offByDefault' in finding)}`);
}

test('a rule that is off by default speaks only where its own name has a severity', async () => {
  assert.deepEqual(await digestsBy(''), []);
  assert.deepEqual(await digestsBy('pin/*: error'), [], 'an area switches nothing on');
  assert.deepEqual(await digestsBy('pin/image-digest: {allow: []}'), []);
  assert.deepEqual(await digestsBy('pin/image-digest: info'), ['info false']);
  assert.deepEqual(await digestsBy('pin/*: off, pin/image-digest: {severity: error}'), ['error false']);
  assert.deepEqual(await digestsBy('pin/image-digest: off'), []);
});
