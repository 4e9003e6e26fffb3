import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { dangerousPickle, harmlessPickle, makeWorkspace } from '../../server/engine/workspace.fixture.ts';
import { weighbridge } from './weighbridge.ts';

interface Report {
  summary: Record<string, number>;
  artifacts: { path: string; complete: boolean }[];
  findings: { path: string; ruleId: string; severity: string }[];
  errors: { path: string }[];
}

const json = (text: string) => JSON.parse(text) as Report;

test('findings give 1, none gives 0, and the threshold decides', async (context) => {
  const bad = makeWorkspace(context, { 'bad.pkl': dangerousPickle });
  const fine = makeWorkspace(context, { 'fine.pkl': harmlessPickle });
  const unknown = makeWorkspace(context, { 'u.pkl': 'cmylab.layers\nNorm\n.' });
  const code = async (root: string, ...args: string[]) => (await weighbridge(root, ['scan', '-q', ...args])).code;
  assert.equal(await code(bad.root), 1);
  assert.equal(await code(bad.root, '--fail-on', 'never'), 0);
  assert.equal(await code(bad.root, '--rule', 'pickle/*=off'), 0);
  assert.equal(await code(fine.root), 0);
  assert.equal(await code(fine.root, '--fail-on', 'info'), 1);
  assert.equal(await code(unknown.root), 0);
  assert.equal(await code(unknown.root, '--fail-on', 'warning'), 1);
  assert.equal(await code(unknown.root, '--rule', 'pickle/unknown-import=error'), 1);
});

test('JSON goes to stdout alone, and is the same every time', async (context) => {
  const { root } = makeWorkspace(context, { 'b.pkl': dangerousPickle, 'a/x.pkl': dangerousPickle, 'c.txt': 'text' });
  const first = await weighbridge(root, ['scan', '--format', 'json', '--no-cache']);
  const second = await weighbridge(root, ['scan', '--format', 'json', '--no-cache', '--jobs', '1']);
  assert.equal(first.stdout, second.stdout);
  assert.equal(first.stderr, '');
  const report = json(first.stdout);
  assert.equal(report.summary['error'], 2);
  assert.deepEqual(
    report.artifacts.map(({ path }) => path),
    ['a/x.pkl', 'b.pkl'],
  );
});

test('a cached run says the same as a fresh one, also when the cache was damaged', async (context) => {
  const { root, write } = makeWorkspace(context, { 'a.pkl': dangerousPickle, 'b.pkl': harmlessPickle });
  const caches = join(root, '.cache-of-test/weighbridge');
  write('.gitignore', '.cache-of-test\n');
  const scan = async () => (await weighbridge(root, ['scan', '--format', 'json'])).stdout;
  const fresh = await scan();
  assert.equal(await scan(), fresh);
  const [file = ''] = readdirSync(caches);
  const whole = readFileSync(join(caches, file), 'utf8');
  for (const damaged of ['', 'other', whole.slice(0, -20), whole.replace('b.pkl', 'a.pkl')]) {
    writeFileSync(join(caches, file), damaged);
    assert.equal(await scan(), fresh);
  }
  assert.deepEqual(readdirSync(caches), [file]);
  write('b.pkl', dangerousPickle);
  assert.equal(json(await scan()).summary['error'], 2);
});

test('no cache is kept in CI, nor when it is not wanted', async (context) => {
  const { root } = makeWorkspace(context, { 'a.pkl': harmlessPickle });
  await weighbridge(root, ['scan', '--no-cache']);
  await weighbridge(root, ['scan'], { CI: 'true' });
  assert.ok(!existsSync(join(root, '.cache-of-test')));
});

test('a missing path is one line on stderr and 2; findings in the others win', async (context) => {
  const { root } = makeWorkspace(context, { 'bad.pkl': dangerousPickle, 'fine.pkl': harmlessPickle });
  const missing = await weighbridge(root, ['scan', 'none.pkl', 'fine.pkl']);
  assert.equal(missing.code, 2);
  assert.equal(missing.stderr, 'weighbridge: cannot read none.pkl: there is no such file or folder\n');
  const both = await weighbridge(root, ['scan', 'none.pkl', 'bad.pkl', '--format', 'json']);
  assert.equal(both.code, 1);
  assert.deepEqual(
    json(both.stdout).errors.map(({ path }) => path),
    ['none.pkl'],
  );
});

test('what is no file is not waited for', async (context) => {
  const { root } = makeWorkspace(context, {});
  const { code, stderr } = await weighbridge(root, ['scan', '/dev/null']);
  assert.equal(code, 2);
  assert.match(stderr, /is neither a file nor a folder/);
});

test('a folder or file that may not be read is an error, and the rest is scanned', async (context) => {
  const { root, path } = makeWorkspace(context, {
    'locked/x.pkl': dangerousPickle,
    'secret.pkl': dangerousPickle,
    'ok.pkl': harmlessPickle,
  });
  chmodSync(path('locked'), 0);
  chmodSync(path('secret.pkl'), 0);
  const { code, stdout } = await weighbridge(root, ['scan', '--format', 'json']);
  chmodSync(path('locked'), 0o700);
  const report = json(stdout);
  // Who runs as root reads everything: then there are findings instead.
  if (process.getuid?.() === 0) assert.equal(code, 1);
  else {
    assert.equal(code, 2);
    assert.deepEqual(
      report.errors.map((error) => error.path),
      ['locked', 'secret.pkl'],
    );
  }
  assert.ok(report.artifacts.some((artifact) => artifact.path === 'ok.pkl'));
});

test('mistakes of use are one line with the way out', async (context) => {
  const { root } = makeWorkspace(context, { 'weighbridge.yaml': 'version: 1\n' });
  const cases: [args: string[], message: RegExp][] = [
    [['scan', '--fail-one', 'error'], /unknown option .*--fail-on/],
    [['scan', '--fail-on', 'high'], /--fail-on must be error, warning, info, never, not "high"/],
    [['scan', '--format', 'xml'], /--format must be text, json, sarif/],
    [['scan', '--jobs', '0'], /--jobs must be a number/],
    [['scan', '--rule', 'pickle/unknown-imports=off'], /did you mean "pickle\/unknown-import"/],
    [['scan', '--rule', 'pickle/unknown-import'], /ID=error\|warning\|info\|off/],
    [['scan', '--config', 'none.yaml'], /there is no configuration file/],
    [['scan', '--baseline', 'none.json'], /there is no baseline/],
    [['scan', '--update-baseline'], /needs --baseline FILE/],
    [['scan', '--output'], /--output/],
    [['scna'], /unknown command "scna"; did you mean "scan"\?/],
    [['promote', 'model'], /unknown command "promote"/],
    [['lsp'], /lsp --stdio/],
  ];
  for (const [args, message] of cases) {
    const { code, stdout, stderr } = await weighbridge(root, args);
    assert.equal(code, 2, args.join(' '));
    assert.equal(stdout, '');
    assert.match(stderr, message);
    assert.equal(stderr.split('\n').length, 2, stderr);
  }
});

test('a mistake in the configuration is told with file, line and column', async (context) => {
  const { root, path } = makeWorkspace(context, { 'weighbridge.yaml': 'version: 1\nfail-on: high\n' });
  mkdirSync(path('deep/er'), { recursive: true });
  const { code, stderr } = await weighbridge(path('deep/er'), ['scan']);
  assert.equal(code, 2);
  assert.equal(stderr.split('\n').length, 2);
  assert.match(stderr, /weighbridge\.yaml:2:10: "fail-on" must be error, warning, info or never, not "high"/);
  assert.match((await weighbridge(root, ['scan'])).stderr, /^weighbridge: weighbridge\.yaml:2:10: /);
});

test('a report is written whole to the file that is named, or not at all', async (context) => {
  const { root, path } = makeWorkspace(context, { 'bad.pkl': dangerousPickle });
  const written = await weighbridge(root, ['scan', '--format', 'sarif', '--output', 'out.sarif']);
  assert.equal(written.code, 1);
  assert.equal(written.stdout, '');
  assert.equal((JSON.parse(readFileSync(path('out.sarif'), 'utf8')) as { version: string }).version, '2.1.0');
  const failed = await weighbridge(root, ['scan', '--output', 'none/out.json']);
  assert.equal(failed.code, 2);
  assert.match(failed.stderr, /cannot write/);
});

test('a baseline is written, holds, and forgets what is gone', async (context) => {
  const { root, write } = makeWorkspace(context, { 'bad.pkl': dangerousPickle });
  const update = ['scan', '--baseline', 'baseline.json', '--update-baseline'];
  const first = await weighbridge(root, update);
  assert.equal(first.code, 0);
  assert.match(first.stdout, /accepted findings?\.\n$/);
  assert.equal((await weighbridge(root, ['scan', '--baseline', 'baseline.json', '--fail-on', 'info'])).code, 0);
  write('new.pkl', dangerousPickle);
  assert.equal((await weighbridge(root, ['scan', '--baseline', 'baseline.json'])).code, 1);
  write('bad.pkl', harmlessPickle);
  assert.match((await weighbridge(root, update)).stdout, /matched nothing any more and went/);
});

test('names and texts with control characters are shown, not obeyed', async (context) => {
  const { root } = makeWorkspace(context, { 'a\u001b[31m\nb.pkl': dangerousPickle });
  const { stdout } = await weighbridge(root, ['scan']);
  assert.ok(stdout.includes('a\\x1b[31m\\nb.pkl'));
  assert.ok(!stdout.includes('\u001b'));
});

test('Windows paths in a text are shown as they are, and lead nowhere else', async (context) => {
  const { root } = makeWorkspace(context, {
    'models/bad.pkl': dangerousPickle,
    'train.yaml': 'checkpoint: models\\bad.pkl\nother: C:\\models\\bad.pkl\n',
  });
  const { stdout } = await weighbridge(root, ['scan', '--format', 'json']);
  const found = json(stdout).findings.filter(({ path }) => path === 'train.yaml');
  assert.equal(found.length, 1);
});

test('loops of links end', async (context) => {
  const { root, path } = makeWorkspace(context, { 'a/bad.pkl': dangerousPickle });
  symlinkSync('..', path('a/up'));
  symlinkSync('self', path('self'));
  const report = json((await weighbridge(root, ['scan', '--format', 'json'])).stdout);
  assert.deepEqual(
    report.artifacts.map((artifact) => artifact.path),
    ['a/bad.pkl'],
  );
});

test('20,000 files are scanned, and the dangerous one is found', async (context) => {
  const { root, path, write } = makeWorkspace(context, {});
  for (let folder = 0; folder < 100; folder++) {
    mkdirSync(path(`d${folder}`));
    for (let file = 0; file < 200; file++) writeFileSync(path(`d${folder}/f${file}.txt`), `text ${file}`);
  }
  write('d77/z.txt', dangerousPickle);
  const report = json((await weighbridge(root, ['scan', '--format', 'json'])).stdout);
  assert.ok(
    report.findings.some(({ path: where, ruleId }) => where === 'd77/z.txt' && ruleId === 'pickle/dangerous-import'),
  );
});

test('a reader that has seen enough is no error', async (context) => {
  const files = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`${index}.pkl`, dangerousPickle]));
  const { root } = makeWorkspace(context, files);
  const { spawn } = await import('node:child_process');
  const { program } = await import('./weighbridge.ts');
  const child = spawn(process.execPath, [program, 'scan', '--format', 'json', '--no-cache'], { cwd: root });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdout.once('data', () => child.stdout.destroy());
  const code = await new Promise((resolve) => child.once('exit', resolve));
  assert.equal(code, 1);
  assert.equal(stderr, '');
});

test('--quiet silences the report for people, and not one that --format asks for', async (context) => {
  const { root } = makeWorkspace(context, { 'bad.pkl': dangerousPickle });
  const said = async (...args: string[]) => {
    const { code, stdout, stderr } = await weighbridge(root, ['scan', '--no-cache', ...args]);
    assert.equal(code, 1);
    assert.equal(stderr, '');
    return stdout;
  };
  assert.equal(await said('--quiet'), '');
  for (const format of ['json', 'sarif']) {
    assert.equal(await said('--quiet', '--format', format), await said('--format', format));
  }
});
