import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeExample } from '../exampleFiles.fixture.ts';
import type { Finding } from '../finding.ts';

const csv = { file: 'data/train.csv', text: 'text,label\r\nhi,1\r\n' };
const asUnix = '4c176a5d418613c562f4ea298ad505a1'; // of the text with LF
const asIs = '0f0f5a4d4dd2a9a6e5b2f1dd0cb1b3fb';

async function mismatches(file: string, text: string, beside = [csv]): Promise<Finding[]> {
  return (await judgeExample({ file, text, beside })).filter(({ ruleId }) => ruleId === 'dataset/hash-mismatch');
}

test('the finding stands at the hash, and says both', async () => {
  const text = 'outs:\r\n- path: train.csv\r\n  hash: md5\r\n  md5: "11111111111111111111111111111111"\r\n';
  const [finding, ...more] = await mismatches('data/train.csv.dvc', text);
  assert.deepEqual(more, []);
  assert.deepEqual(finding?.location, { entry: null, byteOffset: null, line: 4, column: 9, endLine: 4, endColumn: 41 });
  assert.equal(finding?.severity, 'error');
  assert.match(finding?.message ?? '', /train\.csv is not what was recorded: its MD5 is [0-9a-f]{32}, not 1{32}\./);
});

test('a hash that YAML takes for a number is still a hash', async () => {
  for (const md5 of ['00000000000000000000000000000000', '12345678901234567890e12345678901']) {
    const found = await mismatches('data/train.csv.dvc', `outs:\n- md5: ${md5}\n  hash: md5\n  path: train.csv\n`);
    assert.equal(found[0]?.evidence['recorded'], md5);
  }
});

test('before DVC 3 the hash is of the text with LF', async () => {
  const text = (hash: string) => `outs:\n- md5: ${asUnix}\n${hash}  path: train.csv\n`;
  assert.deepEqual(await mismatches('data/train.csv.dvc', text('')), []);
  assert.equal((await mismatches('data/train.csv.dvc', text('  hash: md5\n'))).length, 1);
});

test('a working directory moves the paths; the deps of an import are elsewhere', async () => {
  const text = `wdir: data\ndeps:\n- md5: ${asIs}\n  path: data/train.csv\nouts:\n- md5: ${asUnix}\n  path: train.csv\n`;
  assert.deepEqual(await mismatches('train.csv.dvc', text), []);
  assert.equal((await mismatches('train.csv.dvc', text.replaceAll(asUnix, asIs))).length, 1);
});

test('dvc.lock: the inputs and outputs of every stage, in both schemas', async () => {
  const stages = (indent: string) =>
    [
      'train:',
      '  cmd: python train.py',
      '  deps:',
      '  - path: data/train.csv',
      '    hash: md5',
      `    md5: ${asIs}`,
      '  outs:',
      '  - path: data/train.csv',
      '    hash: md5',
      `    md5: ${asIs}`,
      '  - path: model.pkl',
      `    md5: ${asIs}`,
    ]
      .map((line) => `${indent}${line}\n`)
      .join('');
  assert.deepEqual(
    (await mismatches('dvc.lock', `schema: '2.0'\nstages:\n${stages('  ')}`)).map(({ location }) => location.line),
    [8, 12],
  );
  assert.equal((await mismatches('dvc.lock', stages(''))).length, 2);
});

test('what was not pulled, and what is no hash, is no finding', async () => {
  assert.deepEqual(await mismatches('data/x.dvc', `outs:\n- md5: ${asIs}\n  path: x\n`), []);
  assert.deepEqual(await mismatches('data/train.csv.dvc', 'outs:\n- md5: see-readme\n  path: train.csv\n'), []);
  assert.deepEqual(await mismatches('data/params.yaml', `outs:\n- md5: ${asIs}\n  path: train.csv\n`), []);
});
