import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeExample } from '../exampleFiles.fixture.ts';

test('a variable of a Dockerfile is told of once, however many commands stand behind it', async () => {
  const text = 'FROM a:1\nENV HF_HUB_DISABLE_SSL_VERIFY=1\nRUN make a\nRUN make b\nUSER 1\nCMD ["serve"]\n';
  const found = (await judgeExample({ file: 'Dockerfile', text })).filter(
    ({ ruleId }) => ruleId === 'fetch/insecure-transport',
  );
  assert.deepEqual(
    found.map(({ location }) => location.line),
    [2],
  );
});
