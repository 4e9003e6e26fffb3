import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeExample } from '../exampleFiles.fixture.ts';
import type { Example } from '../rule.ts';

async function found(example: Example, rule: string): Promise<[line: number | null, message: string][]> {
  const findings = await judgeExample(example);
  return findings
    .filter(({ ruleId, path }) => ruleId === `access/${rule}` && path === example.file)
    .map(({ location, message }) => [location.line, message]);
}

const pod = (kind: string, name: string, mounts: string, volumes = ''): string =>
  `apiVersion: v1\nkind: ${kind}\nmetadata:\n  name: ${name}\nspec:\n  template:\n    spec:\n      containers:\n        - name: main\n          command: ["python", "run.py"]\n          volumeMounts:\n${mounts}      volumes:\n${volumes}`;

test('a mount is judged by where the job sees it: outputs, models and caches are written to', async () => {
  for (const path of ['/out', '/checkpoints', '/models/base', '/data/output', '/dev/shm', '/root/.cache/datasets']) {
    const text = pod('PyTorchJob', 'x', `            - { name: data, mountPath: ${path} }\n`);
    assert.deepEqual(await found({ file: 'job.yaml', text }, 'writable-dataset'), [], path);
  }
  const text = pod('PyTorchJob', 'x', '            - { name: v, mountPath: /mnt/datasets }\n');
  assert.equal((await found({ file: 'job.yaml', text }, 'writable-dataset')).length, 1);
});

test('a claim that is read-only, and what the cluster fills, cannot be written to', async () => {
  const mount = '            - { name: v, mountPath: /data }\n';
  for (const volume of [
    'persistentVolumeClaim: { claimName: x, readOnly: true }',
    'configMap: { name: x }',
    'emptyDir: {}',
  ]) {
    const text = pod('PyTorchJob', 'x', mount, `        - { name: v, ${volume} }\n`);
    assert.deepEqual(await found({ file: 'job.yaml', text }, 'writable-dataset'), [], volume);
  }
});

test('a job counts when it trains: by its kind, its name or its command; a web server does not', async () => {
  const mount = '            - { name: v, mountPath: /data }\n';
  const fires = async (kind: string, name: string) =>
    (await found({ file: 'job.yaml', text: pod(kind, name, mount) }, 'writable-dataset')).length;
  assert.equal(await fires('Job', 'nightly-training'), 1);
  assert.equal(await fires('RayJob', 'x'), 1);
  assert.equal(await fires('Deployment', 'search'), 0);
  assert.equal(await fires('Job', 'constraint-check'), 0);
});

test('documents of one file are judged one by one', async () => {
  const text = `${pod('Deployment', 'web', '            - { name: v, mountPath: /data }\n')}---\n${pod('PyTorchJob', 'sft', '            - { name: v, mountPath: /data }\n')}`;
  const lines = await found({ file: 'all.yaml', text }, 'writable-dataset');
  assert.deepEqual(
    lines.map(([line, message]) => [line, /job sft/.test(message)]),
    [[26, true]],
  );
});

test('the long form of a compose file, and an input of Azure ML', async () => {
  const compose = (readOnly: string) =>
    `services:\n  trainer:\n    command: torchrun train.py\n    volumes:\n      - type: bind\n        source: ./data\n        target: /data\n${readOnly}`;
  assert.equal((await found({ file: 'compose.yaml', text: compose('') }, 'writable-dataset')).length, 1);
  assert.deepEqual(
    await found({ file: 'compose.yaml', text: compose('        read_only: true\n') }, 'writable-dataset'),
    [],
  );
  const azure = (mode: string) =>
    `$schema: https://azuremlschemas.azureedge.net/latest/commandJob.schema.json\ninputs:\n  reviews:\n    type: uri_folder\n    path: azureml:reviews:3\n    mode: ${mode}\n`;
  assert.deepEqual(
    (await found({ file: 'job.yml', text: azure('rw_mount') }, 'writable-dataset')).map(([line]) => line),
    [6],
  );
  assert.deepEqual(await found({ file: 'job.yml', text: azure('ro_mount') }, 'writable-dataset'), []);
});

test('a mount that nothing names is said only where another one is named', async () => {
  const mounts = '            - { name: a, mountPath: /data/a }\n            - { name: b, mountPath: /data/b }\n';
  const text = pod('PyTorchJob', 'x', mounts);
  assert.deepEqual(await found({ file: 'job.yaml', text }, 'unused-dataset'), []);
  const named = text.replace('"run.py"', '"run.py", "--data=/data/a/train.jsonl"');
  assert.deepEqual(
    (await found({ file: 'job.yaml', text: named }, 'unused-dataset')).map(([line]) => line),
    [13],
  );
  const both = text.replace('"run.py"', '"run.py", "--data", "/data/a", "--eval", "/data/b"');
  assert.deepEqual(await found({ file: 'job.yaml', text: both }, 'unused-dataset'), []);
});

test('keys are named by their variable, and their value is in no message', async () => {
  const text = pod('PyTorchJob', 'x', '').replace(
    '          volumeMounts:\n',
    '          env:\n            - { name: AWS_SECRET_ACCESS_KEY, value: abcdef0123456789 }\n            - { name: AWS_REGION, value: eu-west-1 }\n',
  );
  const [[line, message] = [], ...more] = await found({ file: 'job.yaml', text }, 'long-lived-key');
  assert.equal(line, 12);
  assert.match(message ?? '', /AWS that does not end \(AWS_SECRET_ACCESS_KEY, written here\)/);
  assert.doesNotMatch(message ?? '', /abcdef/);
  assert.deepEqual(more, []);
});

test('wildcards of S3: on buckets, on everything, and for anybody; a condition closes', async () => {
  const policy = (statement: object) => ({ file: 'policy.json', text: JSON.stringify({ Statement: [statement] }) });
  const severities = async (statement: object) =>
    (await judgeExample(policy(statement)))
      .filter(({ ruleId }) => ruleId === 'access/wildcard-bucket')
      .map(({ severity }) => severity);
  const bucket = 'arn:aws:s3:::data/*';
  assert.deepEqual(await severities({ Effect: 'Allow', Action: ['s3:GetObject', 's3:*'], Resource: bucket }), [
    'warning',
  ]);
  assert.deepEqual(await severities({ Effect: 'Allow', Action: '*', Resource: bucket }), ['warning']);
  assert.deepEqual(await severities({ Effect: 'Allow', Action: '*', Resource: 'arn:aws:sqs:x' }), []);
  assert.deepEqual(await severities({ Effect: 'Deny', Action: 's3:*', Resource: bucket }), []);
  assert.deepEqual(await severities({ Effect: 'Allow', Principal: '*', Action: 's3:PutObject', Resource: bucket }), [
    'error',
  ]);
  const Condition = { StringEquals: { 'aws:SourceVpce': 'vpce-1' } };
  assert.deepEqual(
    await severities({ Effect: 'Allow', Principal: '*', Action: 's3:PutObject', Resource: bucket, Condition }),
    [],
  );
  assert.deepEqual(
    await severities({ Effect: 'Allow', Principal: { AWS: '*' }, Action: 's3:GetObject', Resource: bucket }),
    [],
  );
});

test('roles of other clouds', async () => {
  const text =
    '{"bindings":[{"role":"roles/storage.objectViewer","members":["user:a@b.c"]},{"role":"roles/storage.objectAdmin","members":["allUsers"]},{"role":"roles/editor","members":["user:a@b.c"]}]}';
  const findings = (await judgeExample({ file: 'iam.json', text })).filter(({ ruleId }) =>
    ruleId.startsWith('access/'),
  );
  assert.deepEqual(
    findings.map(({ severity, evidence }) => [severity, evidence['role']]),
    [
      ['error', 'roles/storage.objectAdmin'],
      ['warning', 'roles/editor'],
    ],
  );
});
