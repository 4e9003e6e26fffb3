// What is new between two scans of a repository, and one scan that leaves several reports.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { dangerousPickle, harmlessPickle, makeWorkspace } from '../../server/engine/workspace.fixture.ts';
import { weighbridge } from './weighbridge.ts';

const unsafe = 'import torch\nmodel = torch.load("a.pt", weights_only=False)\n';

test('a scan writes its report in several formats, each as if it were the only one', async (context) => {
  const { root, path } = makeWorkspace(context, { '.git/HEAD': '', 'a.pkl': dangerousPickle, 'train.py': unsafe });
  const formats = ['json', 'sarif', 'gitlab', 'text'];
  const reports = formats.flatMap((format) => ['--report', `${format}=.git/report.${format}`]);
  const { code, stdout } = await weighbridge(root, ['scan', '--no-cache', ...reports]);
  assert.equal(code, 1);
  for (const format of formats) {
    const alone = await weighbridge(root, ['scan', '--no-cache', '--format', format]);
    assert.equal(readFileSync(path(`.git/report.${format}`), 'utf8'), alone.stdout, format);
    if (format === 'text') assert.equal(stdout, alone.stdout);
  }
});

test('a report that cannot be written is refused before the scan', async (context) => {
  const { root } = makeWorkspace(context, { 'a.pkl': dangerousPickle, 'b.py': 'pass\n' });
  const refused: [string[], RegExp][] = [
    [['--report', 'xml=a.xml'], /--report must be FORMAT=FILE/],
    [['--report', 'json'], /--report must be FORMAT=FILE/],
    [['--report', 'json='], /--report must be FORMAT=FILE/],
    [['--report', 'json=a.pkl'], /--report would replace .*a\.pkl, and the file there is a model/],
    [['--report', 'json=b.py'], /--report would replace .*b\.py, and the file there is python/],
    [['--report', 'json=r.json', '--report', 'sarif=r.json'], /this command reads or writes that file itself/],
    [['--report', 'json=r.json', '--output', 'r.json'], /this command reads or writes that file itself/],
    [['--report', 'json=r.json', '--baseline', 'n.json', '--update-baseline'], /--update-baseline writes/],
  ];
  for (const [args, message] of refused) {
    const { code, stdout, stderr } = await weighbridge(root, ['scan', ...args]);
    assert.deepEqual([code, stdout], [2, ''], args.join(' '));
    assert.match(stderr, message);
  }
});

test('what is new decides the exit code, and lines that moved are not new', async (context) => {
  const { root, write } = makeWorkspace(context, { '.git/HEAD': '', 'a.pkl': dangerousPickle, 'train.py': unsafe });
  const scan = (name: string) => weighbridge(root, ['scan', '-q', '--no-cache', '--report', `json=.git/${name}`]);
  const diff = (...args: string[]) => weighbridge(root, ['diff', '.git/base.json', '.git/head.json', ...args]);
  await scan('base.json');
  write('train.py', `# A remark.\n\n${unsafe}`);
  write('b.pkl', harmlessPickle);
  await scan('head.json');
  const harmless = await diff();
  assert.equal(harmless.code, 0, harmless.stdout);
  assert.doesNotMatch(harmless.stdout, /train\.py/);
  assert.equal((await diff('--fail-on', 'info')).code, 1);
  write('b.pkl', dangerousPickle);
  await scan('head.json');
  const dangerous = await diff('--format', 'json');
  assert.equal(dangerous.code, 1);
  const { summary, new: added } = JSON.parse(dangerous.stdout) as {
    summary: { new: { error: number } };
    new: { path: string; severity: string }[];
  };
  assert.equal(summary.new.error, 1);
  assert.ok(added.some(({ path, severity }) => path === 'b.pkl' && severity === 'error'));
  assert.equal((await diff('--fail-on', 'never')).code, 0);
  const markdown = await diff('--format', 'markdown', '--category', 'nightly');
  assert.ok(markdown.stdout.startsWith('<!-- weighbridge new findings: nightly -->\n### Weighbridge: '));
});

test('what cannot be compared is refused in one line', async (context) => {
  const { root } = makeWorkspace(context, { 'a.pkl': dangerousPickle });
  await weighbridge(root, ['scan', '-q', '--report', 'json=a.json', '--report', 'gitlab=g.json']);
  const refused: [string[], RegExp][] = [
    [[], /name two reports/],
    [['a.json'], /name two reports/],
    [['a.json', 'none.json'], /none\.json/],
    [['a.json', 'a.pkl'], /a\.pkl is no report/],
    [['a.json', 'g.json'], /g\.json is no report/],
    [['a.json', 'a.json', '--category', 'a --> b'], /--category must be/],
    [['a.json', 'a.json', '--output', 'a.json'], /--output would replace/],
  ];
  for (const [args, message] of refused) {
    const { code, stdout, stderr } = await weighbridge(root, ['diff', ...args]);
    assert.deepEqual([code, stdout, stderr.trimEnd().split('\n').length], [2, '', 1], args.join(' '));
    assert.match(stderr, message);
  }
});
