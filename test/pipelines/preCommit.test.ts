// The hooks, run by pre-commit itself in a repository, with the package that `npm pack` makes and npm's registry for what it depends on.
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { dangerousPickle, harmlessPickle } from '../../server/engine/workspace.fixture.ts';
import { pythonWithPackages } from '../interop/python.ts';
import { pack, repository } from './packed.ts';

const manifest = path.join(repository, 'deploy/pre-commit/.pre-commit-hooks.yaml');

describe('the hooks of pre-commit', () => {
  let scratch = '';
  let program = '';
  let workspace = '';

  before(async () => {
    program = path.join(path.dirname(await pythonWithPackages('venv-pipelines')), 'pre-commit');
    scratch = mkdtempSync(path.join(tmpdir(), 'weighbridge-hooks-'));
    const archive = pack(scratch);
    const hooks = path.join(scratch, 'hooks');
    cpSync(path.dirname(manifest), hooks, { recursive: true });
    // As published, but the package from this folder.
    const text = readFileSync(manifest, 'utf8');
    assert.equal(text.match(/weighbridge@\d+\.\d+\.\d+/g)?.length, 3);
    writeFileSync(path.join(hooks, '.pre-commit-hooks.yaml'), text.replaceAll(/weighbridge@\d+\.\d+\.\d+/g, archive));
    commitAll(hooks);
    git(hooks, 'tag', 'v0');
    workspace = path.join(scratch, 'workspace');
    mkdirSync(path.join(workspace, 'policies'), { recursive: true });
    writeFileSync(
      path.join(workspace, '.pre-commit-config.yaml'),
      `repos:\n  - repo: ${hooks}\n    rev: v0\n    hooks:\n      - id: weighbridge-scan\n      - id: weighbridge-policy-check\n`,
    );
    writeFileSync(path.join(workspace, 'old.pkl'), dangerousPickle);
    commitAll(workspace);
  });
  after(() => rmSync(scratch, { recursive: true, force: true }));

  /** Stages a file and runs the hooks, as a commit does. */
  function staged(file: string, content: string | Uint8Array): Promise<{ code: number; said: string }> {
    writeFileSync(path.join(workspace, file), content);
    git(workspace, 'add', '--', file);
    const env = {
      ...process.env,
      PRE_COMMIT_HOME: path.join(scratch, 'home'),
      // The runtime of ONNX, of 300 MB, which no hook needs.
      npm_config_omit: 'optional',
    };
    return new Promise((resolve) => {
      const child = execFile(
        program,
        ['run', '--color', 'never'],
        { cwd: workspace, env },
        (_error, stdout, stderr) => {
          resolve({ code: child.exitCode ?? -1, said: `${stdout}${stderr}` });
        },
      );
    });
  }

  it('lets a harmless file pass, and says nothing of what is no part of the commit', async () => {
    const { code, said } = await staged('fine.pkl', harmlessPickle);
    assert.equal(code, 0, said);
    assert.match(said, /^weighbridge scan\.+Passed$/m);
  });

  it('stops what is dangerous, whatever it is called', async () => {
    commitAll(workspace);
    const { code, said } = await staged('--help', dangerousPickle);
    assert.equal(code, 1, said);
    assert.match(said, /^--help\n {2}error/m);
    assert.doesNotMatch(said, /old\.pkl/);
    git(workspace, 'rm', '--quiet', '--force', '--', '--help');
  });

  it('stops a policy that does not compile', async () => {
    const { code, said } = await staged('policies/own.rego', 'package own\n\ndeny contains {\n');
    assert.equal(code, 1, said);
    assert.match(said, /^weighbridge policy check\.+Failed$/m);
  });

  it('are what pre-commit takes, and so is the example', () => {
    execFileSync(program, ['validate-manifest', manifest]);
    execFileSync(program, ['validate-config', path.join(repository, 'docs/ci/pre-commit-config.yaml')]);
  });
});

function commitAll(folder: string): void {
  git(folder, 'init', '--quiet');
  git(folder, 'add', '--all');
  git(
    folder,
    '-c',
    'user.name=a',
    '-c',
    'user.email=a@example.com',
    'commit',
    '--quiet',
    '--no-verify',
    '--message',
    'change',
  );
}

function git(cwd: string, ...args: string[]): void {
  execFileSync('git', args, { cwd, stdio: 'pipe' });
}
