// What is shipped for pipelines: Weighbridge has nothing to say of it, and it names the version that it is of.
import assert from 'node:assert/strict';
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { makeWorkspace } from '../../server/engine/workspace.fixture.ts';
import { weighbridge } from '../cli/weighbridge.ts';
import { repository } from './packed.ts';

const shipped = ['action.yml', 'templates', 'deploy/github', 'deploy/pre-commit', 'deploy/container', 'deploy/jenkins'];

test('Weighbridge finds nothing in its own actions, components, hooks and examples', async (context) => {
  const { root, path: at, write } = makeWorkspace(context, { '.git/HEAD': '' });
  for (const name of shipped) cpSync(path.join(repository, name), at(name), { recursive: true });
  // Where they are copied to, so that they are known for what they are.
  for (const name of readdirSync(path.join(repository, 'docs/ci')).filter((each) => each.startsWith('github-'))) {
    cpSync(path.join(repository, 'docs/ci', name), at(`.github/workflows/${name}`));
  }
  cpSync(path.join(repository, 'docs/ci/gitlab-ci.yml'), at('.gitlab-ci.yml'));
  cpSync(path.join(repository, 'docs/ci/pre-commit-config.yaml'), at('.pre-commit-config.yaml'));
  const scan = async () => {
    const { stdout } = await weighbridge(root, ['scan', '--format', 'json', '--no-cache']);
    return (JSON.parse(stdout) as { findings: { path: string; message: string }[] }).findings;
  };
  assert.deepEqual(await scan(), []);
  // It would tell.
  const text = readFileSync(at('.github/workflows/github-scan.yml'), 'utf8').replace(
    '  pull_request:',
    '  pull_request_target:',
  );
  write('.github/workflows/unsafe.yml', text.replace('lfs: true', 'ref: ${{ github.event.pull_request.head.sha }}'));
  assert.match(JSON.stringify(await scan()), /ci\/untrusted-training/);
});

test('what is shipped names this version of the package', () => {
  const { version } = JSON.parse(readFileSync(path.join(repository, 'package.json'), 'utf8')) as { version: string };
  const files = [...shipped, 'docs/ci'].flatMap((name) => {
    const full = path.join(repository, name);
    return name.includes('.')
      ? [full]
      : readdirSync(full, { recursive: true, encoding: 'utf8' }).map((each) => path.join(full, each));
  });
  let named = 0;
  for (const file of files.filter((each) => /\.(ya?ml|json)$|Jenkinsfile$/.test(each))) {
    for (const [whole, found] of readFileSync(file, 'utf8').matchAll(/weighbridge@v?(\d+\.\d+\.\d+)/g)) {
      assert.equal(found, version, `${whole} in ${file}`);
      named++;
    }
  }
  assert.ok(named > 8, `${named}`);
});
