// The manifests in deploy/: their own tools take them, and what they call does what they say.
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parse, parseAllDocuments } from 'yaml';
import { dangerousPickle, harmlessPickle, makeWorkspace } from '../../server/engine/workspace.fixture.ts';
import { program, weighbridge } from '../cli/weighbridge.ts';
import { pythonWithPackages } from './python.ts';

const run = promisify(execFile);
const deploy = fileURLToPath(new URL('../../deploy/', import.meta.url));
const files = (folder: string) => readdirSync(path.join(deploy, folder)).map((name) => path.join(deploy, folder, name));

interface Job {
  metadata: { labels: { part: string } };
  spec: { completions: number; template: { spec: { containers: [{ command: string[]; env: Variable[] }] } } };
}
type Variable = { name: string; value: string };

/** A shell with `weighbridge` on its PATH. */
function shell(context: TestContext) {
  const { root, path: at } = makeWorkspace(context);
  mkdirSync(at('bin'));
  writeFileSync(at('bin/weighbridge'), `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`);
  chmodSync(at('bin/weighbridge'), 0o755);
  return (command: string[], cwd: string, environment: Record<string, string>) => {
    const [name = '', ...args] = command;
    const env = { ...process.env, PATH: `${at('bin')}:${process.env['PATH']}`, HOME: root, ...environment };
    return spawnSync(name, args, { cwd, env, encoding: 'utf8' });
  };
}

function models(context: TestContext) {
  const files = Object.fromEntries(
    Array.from({ length: 20 }, (_, index) => [
      `m${index % 6}/${index}.pkl`,
      index % 9 ? harmlessPickle : dangerousPickle,
    ]),
  );
  return makeWorkspace(context, files);
}

test('Kubernetes takes its manifests, by the schemas of its API', async () => {
  const python = await pythonWithPackages('venv-deploy');
  const validate = path.join(path.dirname(python), 'kubernetes-validate');
  for (const file of files('kubernetes')) {
    await run(validate, ['--strict', '--quiet', file]);
    assert.ok(parseAllDocuments(readFileSync(file, 'utf8')).every((document) => document.errors.length === 0));
  }
  // It would tell.
  const [job] = files('kubernetes').filter((file) => file.endsWith('scan-job.yaml'));
  const { stdout } = await run('sed', ['s/completionMode/completionMood/', job ?? '']);
  const refused = spawnSync(validate, ['--strict', '-'], { input: stdout, encoding: 'utf8' });
  assert.match(`${refused.stdout}${refused.stderr}`, /completionMood/);
});

test('GitHub takes its workflows and actions, by their schemas', async () => {
  const python = await pythonWithPackages('venv-deploy');
  const check = (schema: string, names: string[]) =>
    run(path.join(path.dirname(python), 'check-jsonschema'), ['--builtin-schema', schema, ...names]);
  const at = (...names: string[]) => names.map((name) => path.join(deploy, name));
  const examples = ['scan', 'comment', 'gate'].map((name) => `../docs/ci/github-${name}.yml`);
  await check('vendor.github-workflows', at('github/scan-matrix.yml', ...examples));
  await check('vendor.github-actions', at('../action.yml', 'github/comment/action.yml'));
});

test('the pods of the Indexed Job and the one that joins leave the report of the whole', async (context) => {
  const workspace = models(context);
  const reports = makeWorkspace(context);
  const call = shell(context);
  const text = readFileSync(path.join(deploy, 'kubernetes/scan-job.yaml'), 'utf8');
  const jobs = parseAllDocuments(text).map((document) => document.toJS() as Job);
  const part = (name: string) => jobs.find(({ metadata }) => metadata.labels.part === name);
  const { completions = 0, template } = part('scan')?.spec ?? {};
  const [container] = template?.spec.containers ?? [];
  const variables = Object.fromEntries((container?.env ?? []).map(({ name, value }) => [name, value]));
  assert.equal(variables['SHARDS'], `${completions}`);
  const environment = { ...variables, REPORTS: reports.root };
  for (let index = 0; index < completions; index++) {
    const { status, stderr } = call(container?.command ?? [], workspace.root, {
      ...environment,
      JOB_COMPLETION_INDEX: `${index}`,
    });
    assert.deepEqual([status, stderr], [0, '']);
  }
  const [merging] = part('merge')?.spec.template.spec.containers ?? [];
  assert.equal(call(merging?.command ?? [], workspace.root, environment).status, 1);
  const whole = await weighbridge(workspace.root, ['scan', '--format', 'json', '--no-cache']);
  assert.equal(readFileSync(reports.path('weighbridge.json'), 'utf8'), whole.stdout);
});

test('the array of Slurm and the task that joins leave the report of the whole', async (context) => {
  const workspace = models(context);
  const reports = makeWorkspace(context);
  const call = shell(context);
  const environment = { MODELS: workspace.root, REPORTS: reports.path('made'), SLURM_CPUS_PER_TASK: '1' };
  const array = readFileSync(path.join(deploy, 'slurm/scan-array.sbatch'), 'utf8');
  assert.match(array, /^#SBATCH --array=1-16$/m);
  for (let task = 1; task <= 4; task++) {
    const { status, stderr } = call(['bash', path.join(deploy, 'slurm/scan-array.sbatch')], reports.root, {
      ...environment,
      SLURM_ARRAY_TASK_ID: `${task}`,
      SLURM_ARRAY_TASK_COUNT: '4',
    });
    assert.deepEqual([status, stderr], [0, '']);
  }
  assert.equal(call(['bash', path.join(deploy, 'slurm/merge.sbatch')], reports.root, environment).status, 1);
  const whole = await weighbridge(workspace.root, ['scan', '--format', 'json', '--no-cache']);
  assert.equal(readFileSync(reports.path('made/weighbridge.json'), 'utf8'), whole.stdout);
});

test('the steps of the matrix leave the SARIF of the whole', async (context) => {
  const workspace = models(context);
  const call = shell(context);
  const reports = makeWorkspace(context);
  const { env, jobs } = parse(readFileSync(path.join(deploy, 'github/scan-matrix.yml'), 'utf8')) as {
    env: { SHARDS: number };
    jobs: Record<string, { strategy?: { matrix: { shard: number[] } }; steps: { run?: string }[] }>;
  };
  const commands = (job: string) =>
    (jobs[job]?.steps ?? []).flatMap(({ run }) => (run?.startsWith('weighbridge') ? [run] : []));
  const shards = jobs['scan']?.strategy?.matrix.shard ?? [];
  assert.equal(shards.length, env.SHARDS);
  const whole = await weighbridge(workspace.root, ['scan', '--format', 'sarif', '--no-cache']);
  for (const shard of shards) {
    for (const command of commands('scan')) {
      const environment = { SHARD: `${shard}`, SHARDS: `${env.SHARDS}`, CI: 'true' };
      assert.equal(call(['bash', '-ec', command], workspace.root, environment).status, 0);
    }
    // Each runner has files of its own, and the one that joins has none but reports.
    renameSync(workspace.path(`part-${shard}.sarif`), reports.path(`part-${shard}.sarif`));
  }
  const [joining = ''] = commands('merge');
  assert.equal(call(['bash', '-ec', joining], reports.root, {}).status, 1);
  assert.equal(readFileSync(reports.path('weighbridge.sarif'), 'utf8'), whole.stdout);
});
