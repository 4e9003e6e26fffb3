import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { makeWorkspace } from '../../server/engine/workspace.fixture.ts';
import { weighbridge } from './weighbridge.ts';

const roles = 'roles:\n  data-scientist: [ana]\n  ml-engineer: [dana]\n  ml-ops: [omar]\n';

test('who may submit what follows from the file of roles', async (context) => {
  const { root } = makeWorkspace(context, {
    'weighbridge.yaml': 'version: 1\npolicy:\n  roles: roles.yaml\n',
    'roles.yaml': roles,
    'dev.yaml': 'environment: development\n',
    'staging.yaml': 'job:\n  environment: staging\n',
    'production.json': '{"environment": "prod"}',
    'data.yaml': 'environment: dev\ndatasets: [{name: users, environment: production}]\n',
    'config.yaml': 'environment: dev\nchanges_training_config: yes\n',
    'tune.yaml': 'environment: dev\nbase_model: registry/production/churn\n',
  });
  const rules = async (job: string, subject: string) => {
    const args = ['authorize', '--job', job, '--as', subject, '--format', 'json'];
    const { code, stdout } = await weighbridge(root, args);
    const { decision, reasons } = JSON.parse(stdout) as { decision: string; reasons: { rule: string }[] };
    assert.deepEqual([code, decision], reasons.length === 0 ? [0, 'allow'] : [1, 'deny']);
    return reasons.map(({ rule }) => rule.replace('authorize/', ''));
  };
  assert.deepEqual(await rules('dev.yaml', 'ana'), []);
  assert.deepEqual(await rules('staging.yaml', 'ana'), ['submit']);
  assert.deepEqual(await rules('staging.yaml', 'dana'), []);
  assert.deepEqual(await rules('production.json', 'dana'), ['submit']);
  assert.deepEqual(await rules('production.json', 'omar'), []);
  assert.deepEqual(await rules('data.yaml', 'dana'), ['production-data']);
  assert.deepEqual(await rules('config.yaml', 'ana'), ['training-config']);
  assert.deepEqual(await rules('tune.yaml', 'dana'), ['production-model']);
  assert.deepEqual(await rules('tune.yaml', 'omar'), []);
  // The name of a role is nobody where people are named.
  assert.deepEqual((await rules('dev.yaml', 'ml-ops')).sort(), ['role', 'submit']);
  assert.equal((await weighbridge(root, ['policy', 'audit'])).code, 0);
});

test('without a file of roles the subject is a role', async (context) => {
  const { root } = makeWorkspace(context, { 'job.yaml': 'environment: staging\n', 'empty.yaml': '' });
  const as = async (subject: string, job = 'job.yaml') =>
    (await weighbridge(root, ['authorize', '--job', job, '--as', subject])).code;
  assert.deepEqual([await as('data-scientist'), await as('ml-engineer'), await as('stranger')], [1, 0, 1]);
  assert.deepEqual([await as('ML Engineer'), await as('mlops'), await as('data_scientist')], [0, 0, 1]);
  assert.equal(await as('ml-ops', 'empty.yaml'), 1);
  assert.equal(await as('ml-ops', 'none.yaml'), 2);
  assert.equal((await weighbridge(root, ['authorize', '--job', 'job.yaml'])).code, 2);
});

test('what registers say of the data counts, and not what the submission says', async (context) => {
  const md5 = createHash('md5').update('a,b\n1,2\n').digest('hex');
  const { root, write } = makeWorkspace(context, {
    'weighbridge.yaml': 'version: 1\n',
    'data/train.csv': 'a,b\n1,2\n',
    'data/stray.csv': 'a,b\n3,4\n',
    'data/train.csv.dvc': `outs:\n- md5: ${md5}\n  hash: md5\n  path: train.csv\n`,
    'jobs/good.yaml': 'environment: dev\ndatasets: [{name: data/train.csv}]\n',
    'jobs/stray.yaml': 'environment: dev\ndatasets: [{name: data/stray.csv, registered: true}]\n',
  });
  const rules = async (job: string) => {
    const { stdout } = await weighbridge(root, ['authorize', '--job', job, '--as', 'ml-ops', '--format', 'json']);
    return (JSON.parse(stdout) as { reasons: { rule: string }[] }).reasons.map(({ rule }) => rule);
  };
  assert.deepEqual(await rules('jobs/good.yaml'), []);
  assert.deepEqual(await rules('jobs/stray.yaml'), ['authorize/unregistered-dataset']);
  write('data/train.csv', 'a,b\n1,2\n6,6\n');
  assert.deepEqual(await rules('jobs/good.yaml'), ['authorize/unregistered-dataset']);
});

test('every format holds the reasons, with the line of the policy', async (context) => {
  const { root } = makeWorkspace(context, { 'job.yaml': 'environment: production\n', 'list.yaml': '- a\n' });
  const as = async (format: string, subject = 'data-scientist') =>
    (await weighbridge(root, ['authorize', '--job', 'job.yaml', '--as', subject, '--format', format])).stdout;
  assert.match(await as('junit'), /<testsuite .*failures="1"/);
  assert.match(await as('junit', 'ml-ops'), /failures="0"/);
  const sarif = JSON.parse(await as('sarif')) as {
    runs: { results: { ruleId: string; relatedLocations: { physicalLocation: { region: object } }[] }[] }[];
  };
  const [result] = sarif.runs[0]?.results ?? [];
  assert.equal(result?.ruleId, 'authorize/submit');
  assert.ok('startLine' in (result.relatedLocations[0]?.physicalLocation.region ?? {}));
  assert.match(await as('markdown'), /^## data-scientist may not submit job\.yaml\n[^]*\| authorize\/submit \|/);
  assert.match(await as('markdown', 'ml-ops'), /^## ml-ops may submit job\.yaml\n/);
  const list = await weighbridge(root, ['authorize', '--job', 'list.yaml', '--as', 'ml-ops']);
  assert.deepEqual([list.code, list.stdout], [2, '']);
  assert.match(list.stderr, /list\.yaml is no job/);
});
