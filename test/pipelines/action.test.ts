// The action for GitHub as it stands: its steps by bash in a clone of a repository, with the command that `npm pack` makes.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { dangerousPickle, harmlessPickle } from '../../server/engine/workspace.fixture.ts';
import { runAction } from './compositeAction.ts';
import { fakeGitHub, type Comment, type FakeGitHub } from './fakeGitHub.ts';
import { pack, repository, unpack } from './packed.ts';

const unsafe = 'import torch\nmodel = torch.load("a.pt", weights_only=False)\n';
const bot = { login: 'github-actions[bot]' };

describe('the action for GitHub', () => {
  let scratch = '';
  let archive = '';
  let origin = '';
  let base = '';
  let head = '';
  let jobs = 0;

  before(() => {
    scratch = mkdtempSync(path.join(tmpdir(), 'weighbridge-action-'));
    archive = pack(scratch);
    unpack(archive, scratch);
    origin = path.join(scratch, 'origin');
    const write = (file: string, content: string | Uint8Array) => {
      mkdirSync(path.dirname(path.join(origin, file)), { recursive: true });
      writeFileSync(path.join(origin, file), content);
    };
    const commit = (): string => {
      git(origin, 'add', '--all');
      git(origin, '-c', 'user.name=a', '-c', 'user.email=a@example.com', 'commit', '--quiet', '--message', 'change');
      return git(origin, 'rev-parse', 'HEAD').trim();
    };
    mkdirSync(origin);
    git(origin, 'init', '--quiet', '--initial-branch', 'main');
    write('train.py', unsafe);
    write('old.pkl', dangerousPickle);
    base = commit();
    git(origin, 'checkout', '--quiet', '-b', 'change');
    write('train.py', `# Lines have moved.\n\n${unsafe}`);
    write('fine.pkl', harmlessPickle);
    write('::add-mask::@octocat ![x](https:/evil.example)/`a`.pkl', dangerousPickle);
    // What a pull request could try to have run or fetched.
    write('.npmrc', 'registry=http://127.0.0.1:9/\n');
    head = commit();
  });
  after(() => rmSync(scratch, { recursive: true, force: true }));

  /** A fresh clone of the newest commit alone, as actions/checkout leaves it, and a folder for the job. */
  function job(): { workspace: string; temp: string } {
    const folder = path.join(scratch, `job-${++jobs}`);
    const workspace = path.join(folder, 'workspace');
    git(scratch, 'clone', '--quiet', '--depth=1', '--branch', 'change', `file://${origin}`, workspace);
    return { workspace, temp: path.join(folder, 'temp') };
  }

  /** What the first step leaves, which one test lets it do. */
  function unpacked(temp: string): string[] {
    mkdirSync(path.join(temp, 'weighbridge'), { recursive: true });
    symlinkSync(path.join(scratch, 'package'), path.join(temp, 'weighbridge/package'));
    return ['Unpack Weighbridge'];
  }

  async function run(inputs: Record<string, string>, github: object = {}, api = '') {
    const { workspace, temp } = job();
    const result = await runAction({
      action: repository,
      inputs,
      github: { event_name: 'push', repository: 'octo/models', event: {}, ...github },
      workspace,
      temp,
      environment: { GITHUB_API_URL: api },
      done: unpacked(temp),
    });
    return { ...result, workspace };
  }

  const pullRequest = (from = 'octo/models') => ({
    event_name: 'pull_request',
    event: { pull_request: { number: 7, base: { sha: base }, head: { repo: { full_name: from } } } },
  });

  it('unpacks the package, scans, leaves SARIF for code scanning, and fails with the code of the scan', async () => {
    const { workspace, temp } = job();
    const github = { event_name: 'push', repository: 'octo/models', event: {} };
    const given = { action: repository, inputs: { package: archive }, github, workspace, temp };
    const { code, outputs, used, log } = await runAction(given);
    assert.equal(code, 1, log);
    assert.match(readFileSync(path.join(workspace, 'weighbridge.sarif'), 'utf8'), /"version": ?"2\.1\.0"/);
    assert.equal(outputs['exit-code'], '1');
    assert.match(readFileSync(outputs['report'] ?? '', 'utf8'), /"old\.pkl"/);
    assert.equal(outputs['base-report'], '');
    assert.equal(used.length, 1);
    assert.match(used[0]?.uses ?? '', /^github\/codeql-action\/upload-sarif@[0-9a-f]{40}$/);
    assert.deepEqual(used[0]?.with, { sarif_file: 'weighbridge.sarif', category: 'weighbridge' });
    assert.match(log, /old\.pkl/);
    assert.ok(existsSync(path.join(temp, 'weighbridge/package/dist/weighbridge.cjs')));
  });

  it('takes its inputs as they stand: none is code, and none an option', async () => {
    const marks = ['$(touch ran)', '`touch ran`', '"; touch ran; "', '--help', "'", '${{ github.token }}'];
    const { code, log, workspace } = await run({ paths: ['fine.pkl', ...marks].join('\n'), upload: 'false' });
    // Nothing has such a name, which is what it is told.
    assert.equal(code, 2, log);
    for (const mark of marks) assert.ok(log.includes(`cannot read ${mark}`), `${mark}: ${log}`);
    assert.ok(!existsSync(path.join(workspace, 'ran')));
    for (const inputs of [{ config: '$(touch ran)', baseline: '`touch ran`', base }, { 'fail-on': '$(touch ran)' }]) {
      const refused = await run(inputs);
      assert.equal(refused.code, 2, refused.log);
      assert.ok(!existsSync(path.join(refused.workspace, 'ran')));
    }
  });

  it('passes on what is configured', async () => {
    const inputs = { paths: 'old.pkl', 'fail-on': 'never', sarif: 'out/of/models.sarif', category: 'nightly' };
    const { code, outputs, used, workspace } = await run(inputs);
    assert.deepEqual([code, outputs['exit-code'], outputs['sarif']], [0, '0', 'out/of/models.sarif']);
    assert.match(readFileSync(path.join(workspace, 'out/of/models.sarif'), 'utf8'), /old\.pkl/);
    assert.deepEqual(used[0]?.with, { sarif_file: 'out/of/models.sarif', category: 'nightly' });
    assert.deepEqual((await run({ paths: 'fine.pkl', upload: 'false' })).used, []);
  });

  it('obeys no command that a file name spells, and gives a fork nothing that it may not have', async (context) => {
    const github = await fakeGitHub(context, 7);
    const { commands, log, used } = await run({ comment: 'true' }, pullRequest('stranger/models'), github.url);
    assert.match(log, /^::add-mask::@octocat/m);
    assert.equal(commands.length, 1);
    assert.match(commands[0] ?? '', /^::notice::A pull request from a fork/);
    assert.deepEqual([used, github.requests], [[], []]);
  });

  it('shows in a pull request what is new, and lets nothing else fail it where that is asked for', async () => {
    const inputs = { paths: 'train.py\nold.pkl\nfine.pkl', 'only-new': 'true' };
    const { code, summary, log, outputs, workspace } = await run(inputs, pullRequest());
    assert.equal(code, 0, log);
    assert.match(
      summary,
      /^<!-- weighbridge new findings: weighbridge -->\n### Weighbridge: \d+ new findings? \(\d+ info\)/,
    );
    assert.doesNotMatch(summary, /train\.py|old\.pkl/);
    assert.ok(existsSync(outputs['base-report'] ?? ''));
    // The clone is as it was.
    assert.equal(git(workspace, 'worktree', 'list').trim().split('\n').length, 1);
  });

  it('goes on without a base that cannot be had, and says so', async () => {
    const { code, commands } = await run({ base: 'f'.repeat(40), 'only-new': 'true', paths: 'old.pkl' });
    assert.equal(code, 1);
    assert.match(commands.join('\n'), /::warning::The base could not be scanned/);
    const wrong = await run({ base: 'main' });
    assert.equal(wrong.code, 2);
    assert.match(wrong.commands.join('\n'), /::error::base must be the full id/);
  });

  it('comments in a pull request', async (context) => {
    const github = await fakeGitHub(context, 7);
    const { code, log } = await run({ comment: 'true', 'only-new': 'true' }, pullRequest(), github.url);
    assert.equal(code, 1, log);
    assert.match(log, /^Commented\.$/m);
    assert.match(github.comments[0]?.body ?? '', /### Weighbridge: \d+ new findings \(1 error/);
    assert.match(github.comments[0]?.body ?? '', /` ::add-mask::@octocat/);
  });

  describe('and the action that comments from a second workflow', () => {
    /** Reports of a scan of a harmless and of a dangerous file. */
    const reports = () => ({ none: path.join(scratch, 'none.json'), bad: path.join(scratch, 'bad.json') });
    before(() => {
      const { none, bad } = reports();
      for (const [file, paths] of [
        [none, 'train.py'],
        [bad, '.'],
      ] as const) {
        const args = ['scan', '--quiet', '--no-cache', '--fail-on', 'never', '--report', `json=${file}`, paths];
        execFileSync(path.join(scratch, 'bin/weighbridge'), args, { cwd: origin });
      }
    });

    async function comment(github: FakeGitHub, report: string, sha = head) {
      const temp = path.join(scratch, `comment-${++jobs}`);
      const { none } = reports();
      return runAction({
        action: path.join(repository, 'deploy/github/comment'),
        inputs: { 'base-report': none, report },
        github: {
          event_name: 'workflow_run',
          repository: 'octo/models',
          event: {
            workflow_run: { head_sha: sha, head_branch: 'a b', head_repository: { owner: { login: 'stranger' } } },
          },
        },
        workspace: scratch,
        temp,
        environment: { GITHUB_API_URL: github.url },
        done: unpacked(temp),
      });
    }

    async function withPulls(context: TestContext, refuse?: number): Promise<FakeGitHub> {
      const github = await fakeGitHub(context, 7, refuse);
      github.pulls.push({ number: 6, head: { sha: base, label: 'stranger:a b' } });
      github.pulls.push({ number: 7, head: { sha: head, label: 'stranger:a b' } });
      return github;
    }

    it('comments once, changes its comment in place, and leaves those of others alone', async (context) => {
      const github = await withPulls(context);
      const { none, bad } = reports();
      const body = 'Looks good.';
      const others = Array.from({ length: 130 }, (_, id): Comment => ({ id, body, user: { login: 'ada' } }));
      others[3] = { id: 3, body: '<!-- weighbridge new findings: weighbridge -->\nmine', user: { login: 'mallory' } };
      others[5] = { id: 5, body: '<!-- weighbridge new findings: nightly -->\nanother', user: bot };
      github.comments.push(...structuredClone(others));
      // Who has nothing new is told nothing, but where something was.
      assert.match((await comment(github, none)).log, /^Nothing is new/m);
      assert.equal(github.comments.length, 130);
      assert.match((await comment(github, bad)).log, /^Commented\.$/m);
      const posted = github.comments[130];
      assert.match(posted?.body ?? '', /### Weighbridge: \d+ new findings \(2 errors/);
      assert.match((await comment(github, bad)).log, /^The comment is as it should be\.$/m);
      assert.match((await comment(github, none)).log, /^Changed the comment\.$/m);
      assert.match(posted?.body ?? '', /no new findings/);
      assert.equal(github.comments.length, 131);
      assert.deepEqual(github.comments.slice(0, 130), others);
    });

    it('trusts the event, and not what the reports say', async (context) => {
      const github = await withPulls(context);
      assert.match((await comment(github, reports().bad, 'e'.repeat(40))).log, /No open pull request has this commit/);
      const forged = path.join(scratch, 'forged.json');
      writeFileSync(forged, '{"schemaVersion": 1, "body": "@everyone"}');
      const refused = await comment(github, forged);
      assert.notEqual(refused.code, 0);
      assert.match(refused.log, /forged\.json is no report/);
      assert.deepEqual(github.comments, []);
    });

    it('says which permission is missing', async (context) => {
      const { code, commands } = await comment(await withPulls(context, 403), reports().bad);
      assert.equal(code, 1);
      assert.match(commands.join('\n'), /::error::The pull request got no comment: .*pull-requests: write/);
    });
  });
});

function git(cwd: string, ...args: string[]): string {
  return execFileSync('git', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
