import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressText, isSourceAddress, parseAddress } from './address.ts';

test('addresses of every kind are told from paths', () => {
  for (const text of ['https://a/b', 'HTTP://a/b', 'hf://a/b', 's3://bucket', 'oci://host/a', 'models:/name/1'])
    assert.ok(isSourceAddress(text), text);
  for (const text of ['models', 'models/a.pt', './hf:/x', 'C:\\models', 'models:x', 'file:///x'])
    assert.ok(!isSourceAddress(text), text);
});

test('a repository of the hub, with revision and path', () => {
  const hub = { kind: 'hub', type: 'models', repository: 'org/name', revision: null, path: '' };
  assert.deepEqual(parseAddress('hf://org/name'), hub);
  assert.deepEqual(parseAddress('hf://org/name/'), hub);
  assert.deepEqual(parseAddress('hf://org/name@v1.0/sub/a.bin'), { ...hub, revision: 'v1.0', path: 'sub/a.bin' });
  assert.deepEqual(parseAddress('hf://org/name@refs/pr/3/a.bin'), { ...hub, revision: 'refs/pr/3', path: 'a.bin' });
  assert.deepEqual(parseAddress('hf://org/name@feature%2Fx'), { ...hub, revision: 'feature/x' });
  assert.deepEqual(parseAddress('hf://datasets/org/name'), { ...hub, type: 'datasets' });
});

test('a bucket, an artifact, a registered model', () => {
  assert.deepEqual(parseAddress('s3://my-bucket/a/b'), { kind: 's3', bucket: 'my-bucket', prefix: 'a/b' });
  const oci = { kind: 'oci', host: 'localhost:5000', repository: 'team/model', reference: 'v1', path: '' };
  assert.deepEqual(parseAddress('oci://localhost:5000/team/model:v1'), oci);
  assert.deepEqual(parseAddress('oci://localhost:5000/team/model'), { ...oci, reference: 'latest' });
  const digest = `sha256:${'a'.repeat(64)}`;
  assert.deepEqual(parseAddress(`oci://localhost:5000/team/model:v1@${digest}/a/b`), {
    ...oci,
    reference: digest,
    path: 'a/b',
  });
  const registered = { kind: 'mlflow', model: 'churn', version: '3', isAlias: false, path: '' };
  assert.deepEqual(parseAddress('models:/churn/3'), registered);
  assert.deepEqual(parseAddress('models:/churn@champion/model.pkl'), {
    ...registered,
    version: 'champion',
    isAlias: true,
    path: 'model.pkl',
  });
});

test('what is no address says how one is written', () => {
  for (const text of [
    'hf://only',
    'hf://../..',
    's3://UP',
    's3://a',
    'oci://host',
    'models:/x',
    'models:/',
    'hf://a/b\n',
  ])
    assert.throws(() => parseAddress(text), { code: 'bad-usage', message: /write / }, text);
});

test('an address is compared without what only looks different', () => {
  const same: [string, string][] = [
    ['hf://org/name@main/', 'hf://org/name'],
    ['hf://models/org/name@refs%2Fpr%2F1/sub/', 'hf://org/name@refs%2Fpr%2F1/sub'],
    ['hf://datasets/org/name/a?b.pkl', 'hf://datasets/org/name/a?b.pkl'],
    ['S3://bucket/models/', 's3://bucket/models'],
    ['oci://host:5000/team/model', 'oci://host:5000/team/model:latest'],
    [`oci://host/model:v1@sha256:${'a'.repeat(64)}`, `oci://host/model@sha256:${'a'.repeat(64)}`],
    ['models:/churn%20model@champion', 'models:/churn model@champion'],
    ['https://reader:geheim@Host/a%20b.pt?X-Amz-Signature=geheim#x', 'https://host/a%20b.pt'],
  ];
  for (const [text, expected] of same) assert.equal(addressText(parseAddress(text)), expected);
});

test('what is no address is told without a password or a signature that stands in it', () => {
  for (const text of ['oci://reader:geheim@host/team/model', 's3://id:geheim@Bucket/x', 'hf://only?token=geheim'])
    assert.throws(
      () => parseAddress(text),
      ({ message }: Error) => /write /.test(message) && !message.includes('geheim'),
      text,
    );
});
