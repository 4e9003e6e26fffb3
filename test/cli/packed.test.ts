// The templates of docs/ci, run as they stand with the command that `npm pack` makes.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parse } from 'yaml';
import { pack, repository, unpack } from '../pipelines/packed.ts';

const template = (name: string): unknown => parse(readFileSync(join(repository, 'docs/ci', name), 'utf8'));

/** A safetensors file of one tensor without values. */
function weights(): Uint8Array {
  const header = Buffer.from('{"w":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}');
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header]);
}

describe('the templates for continuous integration, with the packed command', () => {
  let scratch = '';
  let path = '';
  before(() => {
    scratch = mkdtempSync(join(tmpdir(), 'weighbridge-packed-'));
    path = `${unpack(pack(scratch), scratch)}${delimiter}${process.env['PATH'] ?? ''}`;
  });
  after(() => rmSync(scratch, { recursive: true, force: true }));

  function repositoryFolder(name: string): string {
    const folder = join(scratch, name);
    mkdirSync(join(folder, 'models/churn'), { recursive: true });
    mkdirSync(join(folder, 'policies'));
    writeFileSync(join(folder, 'weighbridge.yaml'), 'version: 1\npolicy:\n  folder: policies\n');
    writeFileSync(join(folder, 'models/churn/model.safetensors'), weights());
    writeFileSync(join(folder, 'policies/own.rego'), 'package own\n\ndeny contains "never" if input.never\n');
    writeFileSync(
      join(folder, 'policies/own_test.rego'),
      'package own_test\n\nimport data.own\n\ntest_never if own.deny with input as {"never": true}\n',
    );
    return folder;
  }

  function shell(script: string, cwd: string, env: Record<string, string> = {}) {
    const { status, stdout, stderr } = spawnSync('bash', ['-e', '-c', script], {
      cwd,
      env: { ...process.env, PATH: path, CI: 'true', ...env },
      encoding: 'utf8',
    });
    return { code: status, said: `${stdout}${stderr}` };
  }

  it("GitHub's gate: the tests of policies run, and it leaves its summary, its statement and its code", () => {
    const { jobs } = template('github-gate.yml') as {
      jobs: Record<string, { steps: { run?: string; name?: string }[] }>;
    };
    const folder = repositoryFolder('github');
    const steps = (jobs['gate']?.steps ?? []).flatMap(({ run }) => (run && !run.startsWith('npm ') ? [run] : []));
    const [check = '', decide = ''] = steps;
    assert.equal(steps.length, 2);
    assert.deepEqual([check, shell(check, folder).code], [check, 0]);
    const summary = join(folder, 'step-summary.md');
    const env = { GATE: 'dev-to-staging', MODEL: 'models/churn', GITHUB_ACTOR: 'dana', GITHUB_STEP_SUMMARY: summary };
    const { code, said } = shell(decide, folder, env);
    assert.equal(code, 1, said);
    assert.match(readFileSync(summary, 'utf8'), /^## dev-to-staging: deny/);
    assert.match(readFileSync(join(folder, 'verification-summary.json'), 'utf8'), /"FAILED"/);
    assert.match(readFileSync(join(folder, '.weighbridge/decisions.jsonl'), 'utf8'), /"subject":"dana"/);
  });

  it("GitLab's gate: policies are checked, and it leaves its rules as tests", () => {
    const jobs = template('gitlab-ci.yml') as Record<string, { script?: string[] }>;
    const folder = repositoryFolder('gitlab');
    const [check = '', gate = ''] = jobs['weighbridge-gate']?.script ?? [];
    assert.deepEqual([check, shell(check, folder).code], [check, 0]);
    const env = { WEIGHBRIDGE_GATE: 'hotfix', WEIGHBRIDGE_MODEL: 'models/churn', GITLAB_USER_LOGIN: 'dana' };
    assert.equal(shell(gate, folder, env).code, 1);
    assert.match(readFileSync(join(folder, 'gate.xml'), 'utf8'), /<testsuite [^>]*name="weighbridge gate hotfix"/);
  });

  it('the hooks of pre-commit: each entry passes on a clean repository, and fails on a broken policy', () => {
    const { repos } = template('pre-commit-config.yaml') as { repos: { hooks: { id: string; entry: string }[] }[] };
    const hooks = repos.flatMap((each) => each.hooks);
    assert.ok(hooks.length >= 2);
    const folder = repositoryFolder('pre-commit');
    for (const { id, entry } of hooks) assert.deepEqual([id, shell(entry, folder).code], [id, 0]);
    writeFileSync(join(folder, 'policies/own.rego'), 'package own\n\ndeny contains {\n');
    const check = hooks.find(({ id }) => id === 'weighbridge-policy-check');
    assert.notEqual(shell(check?.entry ?? '', folder).code, 0);
  });

  it('is installed with nothing but what cannot be bundled, and carries the licences of what is', () => {
    const inPackage = (name: string): string => readFileSync(join(scratch, 'package', name), 'utf8');
    const manifest = JSON.parse(inPackage('package.json')) as Record<string, Record<string, string> | undefined>;
    assert.deepEqual(Object.keys(manifest['dependencies'] ?? {}), []);
    assert.deepEqual(Object.keys(manifest['optionalDependencies'] ?? {}), [
      '@photostructure/sqlite',
      'onnxruntime-node',
    ]);
    const notices = inPackage('dist/third-party-notices.txt');
    const lines = new Set(notices.split('\n'));
    const bundled = readFileSync(join(repository, 'dist/packages.txt'), 'utf8').trimEnd().split('\n');
    const named = bundled.map((line) => {
      const file = join(repository, line.slice(line.indexOf(' ') + 1), 'package.json');
      const { name, version } = JSON.parse(readFileSync(file, 'utf8')) as { name: string; version: string };
      return `${name} ${version}`;
    });
    assert.deepEqual(
      named.filter((each) => !lines.has(each)),
      [],
    );
    assert.ok(named.length > 50);
    assert.match(notices, /^github\.com\/open-policy-agent\/opa v\d/m);
    assert.match(notices, /Permission is hereby granted, free of charge/);
  });
});
