import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeExample } from './exampleFiles.fixture.ts';

/** Rules that speak of a text. */
async function said(file: string, text: string): Promise<string[]> {
  return (await judgeExample({ file, text })).map(({ ruleId }) => ruleId);
}

test('a word that a rule looks for is found however it is written', async () => {
  for (const key of [
    'trust_remote_code',
    '"trust_remote_code"',
    '"trust\\x5fremote_code"',
    '"trus\\\n  t_remote_code"',
  ])
    assert.ok((await said('train.yaml', `model: m\n? ${key}\n: true\n`)).includes('load/trust-remote-code'), key);
  for (const key of ['TRUST_REMOTE_CODE', '\\u0074rust-remote-code'])
    assert.ok((await said('a.json', `{"model": "m", "${key}": true}`)).includes('load/trust-remote-code'), key);
  assert.deepEqual(await said('train.yaml', 'model: m\nremote_code: true\n'), []);
});
