// The container file, built by Buildah on a base that is made of this machine's own Node (nothing is fetched from a registry of images),
// and run as the image says: by its user, in its folder, on a file system that nobody can write.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { dangerousPickle, harmlessPickle } from '../../server/engine/workspace.fixture.ts';
import { pythonWithPackages } from '../interop/python.ts';
import { pack, repository } from './packed.ts';

const file = path.join(repository, 'deploy/container/Containerfile');

interface Image {
  OCIv1: { config: { User: string; Env: string[]; Entrypoint: string[]; Cmd: string[]; WorkingDir: string } };
}

describe('the container file', () => {
  let scratch = '';
  let root = '';
  let image: Image['OCIv1']['config'];

  const at = (...names: string[]) => path.join(scratch, ...names);
  const run = (program: string, ...args: string[]): string =>
    execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  const buildah = (...args: string[]): string =>
    run('buildah', '--root', at('images'), '--runroot', at('state'), '--storage-driver', 'vfs', ...args);

  before(() => {
    scratch = realpathSync(mkdtempSync(path.join(tmpdir(), 'weighbridge-container-')));
    // The programs' user has to reach the folder that is mounted.
    chmodSync(scratch, 0o755);
    for (const folder of ['base/usr/local/bin', 'base/usr/bin', 'base/bin', 'base/tmp', 'context', 'workspace']) {
      mkdirSync(at(folder), { recursive: true });
    }
    for (const [from, to] of [
      ['node', 'usr/local/bin/node'],
      ['sh', 'bin/sh'],
      ['ln', 'bin/ln'],
      ['env', 'usr/bin/env'],
    ]) {
      copyProgram(from ?? '', to ?? '');
    }
    writeFileSync(at('Base'), 'FROM scratch\nCOPY . /\nENV PATH=/usr/local/bin:/usr/bin:/bin\n');
    buildah('bud', '--isolation', 'chroot', '--tag', 'localhost/base', '--file', at('Base'), at('base'));
    pack(at('context'));
    const base = 'NODE=localhost/base';
    buildah(
      'bud',
      '--isolation',
      'chroot',
      '--build-arg',
      base,
      '--tag',
      'localhost/it',
      '--file',
      file,
      at('context'),
    );
    image = (JSON.parse(buildah('inspect', '--type', 'image', 'localhost/it')) as Image).OCIv1.config;
    root = buildah('mount', buildah('from', '--pull-never', 'localhost/it'));
    writeFileSync(at('workspace/bad.pkl'), dangerousPickle);
    writeFileSync(at('workspace/fine.pkl'), harmlessPickle);
  });
  after(() => rmSync(scratch, { recursive: true, force: true }));

  /** A program with the libraries that it is linked to. */
  function copyProgram(name: string, to: string): void {
    const program = realpathSync(run('sh', '-c', `command -v ${name}`));
    copyFileSync(program, at('base', to));
    for (const [library] of run('ldd', program).matchAll(/\/\S+/g)) {
      mkdirSync(at('base', path.dirname(library)), { recursive: true });
      copyFileSync(library, at('base', library));
    }
  }

  /** The image with other arguments, on a read-only file system with a read-only workspace, in a mount namespace of its own. */
  function start(args: string[]) {
    const script = `
      mount --bind "$ROOT" "$ROOT"
      mount --bind "$WORKSPACE" "$ROOT$FOLDER"
      mount -o remount,bind,ro "$ROOT$FOLDER"
      mount -o remount,bind,ro "$ROOT"
      # What every runtime of containers gives.
      mount --rbind /proc "$ROOT/proc"
      mount --rbind /dev "$ROOT/dev"
      exec chroot --userspec="$IMAGE_USER" "$ROOT" /usr/bin/env -i --chdir="$FOLDER" "$@"`;
    const { status, stdout, stderr } = spawnSync(
      'unshare',
      ['--mount', 'sh', '-ec', script, 'sh', ...image.Env, ...image.Entrypoint, ...args],
      {
        env: {
          ...process.env,
          ROOT: root,
          WORKSPACE: at('workspace'),
          FOLDER: image.WorkingDir,
          IMAGE_USER: image.User,
        },
        encoding: 'utf8',
      },
    );
    return { code: status, stdout, stderr };
  }

  it('is not root', () => {
    const [user, group] = image.User.split(':').map(Number);
    assert.ok(user && group && user > 0 && group > 0, image.User);
  });

  it('says what it can do when it is asked nothing', () => {
    const { code, stdout } = start(image.Cmd);
    assert.equal(code, 0);
    assert.match(stdout, /^Weighbridge: security for machine-learning repositories/);
  });

  it('scans a workspace, and writes nowhere', () => {
    const { code, stdout, stderr } = start(['scan']);
    assert.deepEqual([code, stderr], [1, ''], stdout);
    assert.match(stdout, /bad\.pkl\n {2}error/);
    assert.equal(start(['scan', 'fine.pkl']).code, 0);
    // It could not, as it is told in one line.
    const refused = start(['scan', 'fine.pkl', '--report', 'sarif=out.sarif']);
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /^weighbridge: .*out\.sarif.*\n$/);
  });

  it('evaluates policies, whose compiler is a program of its own', () => {
    const { code, stdout, stderr } = start(['gate', 'dev-to-staging', 'fine.pkl', '--format', 'json']);
    assert.equal(code, 1, stderr);
    assert.equal((JSON.parse(stdout) as { decision: string }).decision, 'deny');
  });

  it('is what Hadolint has nothing against', async () => {
    const hadolint = path.join(path.dirname(await pythonWithPackages('venv-pipelines')), 'hadolint');
    assert.equal(run(hadolint, file), '');
    writeFileSync(at('Bad'), 'FROM node\nRUN cd /tmp\n');
    assert.match(spawnSync(hadolint, [at('Bad')], { encoding: 'utf8' }).stdout, /DL3006/);
  });
});
