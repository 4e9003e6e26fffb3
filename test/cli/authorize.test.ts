import assert from 'node:assert/strict';
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
