import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { rmSync, symlinkSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { addToBaseline } from './baseline.ts';
import { defaultConfiguration, type Configuration } from './configuration.ts';
import type { FileResult } from './report.ts';
import {
  dangerousPickle,
  emptySafetensors,
  harmlessPickle,
  makeWorkspace,
  type Workspace,
} from './workspace.fixture.ts';
import { WorkspaceScanner } from './workspaceScanner.ts';

function scannerOf(context: TestContext, { root }: Workspace, over: Partial<Configuration> = {}, isolate = false) {
  const scanner = new WorkspaceScanner({
    base: root,
    configuration: { ...defaultConfiguration(root), ...over },
    isolate,
  });
  context.after(() => scanner.dispose());
  return scanner;
}

/** `path rule` of what is no information. */
const alarms = (findings: { path: string; ruleId: string; severity: string }[]) =>
  findings.filter(({ severity }) => severity !== 'info').map(({ path, ruleId }) => `${path} ${ruleId}`);

const loads = (path: string) => `import torch\nmodel = torch.load("${path}", weights_only=True)\n`;

for (const isolate of [false, true]) {
  const where = isolate ? 'in workers' : 'on this thread';

  test(`a workspace is scanned ${where}: artifacts, texts that name them, directories`, async (context) => {
    const workspace = makeWorkspace(context, {
      'models/bad.pkl': dangerousPickle,
      'models/good.safetensors': emptySafetensors,
      'notes.md': 'nothing',
      'train.py': loads('models/bad.pkl'),
      'conf/train.yaml': 'checkpoint: ../models/bad.pkl\n',
    });
    const report = await scannerOf(context, workspace, {}, isolate).scan();
    assert.deepEqual(alarms(report.findings), [
      'conf/train.yaml load/unsafe-checkpoint',
      'models/bad.pkl pickle/dangerous-import',
      'train.py load/unsafe-checkpoint',
    ]);
    assert.deepEqual(
      report.artifacts.map(({ path, format }) => `${path} ${format}`),
      ['conf/train.yaml text', 'models/bad.pkl pickle', 'models/good.safetensors safetensors', 'train.py text'],
    );
    assert.ok(report.findings.some(({ ruleId, path }) => ruleId === 'model/unsigned' && path === 'models'));
    assert.equal(report.files, 5);
    assert.equal(report.counts.error, 3);
  });

  test(`changes are followed ${where}, and what refers to them`, async (context) => {
    const workspace = makeWorkspace(context, { 'm.pkl': harmlessPickle, 'train.py': loads('m.pkl') });
    const scanner = scannerOf(context, workspace, {}, isolate);
    assert.deepEqual(alarms((await scanner.scan()).findings), []);

    workspace.write('m.pkl', dangerousPickle);
    const changed = await scanner.update([workspace.path('m.pkl')]);
    assert.deepEqual(alarms(changed.flatMap(({ findings }) => findings)).sort(), [
      'm.pkl pickle/dangerous-import',
      'train.py load/unsafe-checkpoint',
    ]);

    rmSync(workspace.path('m.pkl'));
    const gone = await scanner.update([workspace.path('m.pkl')]);
    assert.deepEqual(
      gone.find(({ path }) => path === 'm.pkl'),
      { path: 'm.pkl', artifact: null, findings: [] },
    );
    assert.equal(scanner.results().size, 0);

    workspace.write('new/m.pkl', dangerousPickle);
    workspace.write('train.py', loads('new/m.pkl'));
    const added = await scanner.update([workspace.path('new'), workspace.path('train.py')]);
    assert.deepEqual(alarms(added.flatMap(({ findings }) => findings)).sort(), [
      'new/m.pkl pickle/dangerous-import',
      'train.py load/unsafe-checkpoint',
    ]);
  });
}

test('a checkpoint that a scanned text names is read although it is ignored or was not named', async (context) => {
  const workspace = makeWorkspace(context, {
    '.git/HEAD': '',
    '.gitignore': 'checkpoints/\n',
    'checkpoints/bad.pt': dangerousPickle,
    'train.yaml': 'resume_from_checkpoint: checkpoints/bad.pt\n',
  });
  const whole = await scannerOf(context, workspace).scan();
  assert.deepEqual(alarms(whole.findings), ['train.yaml load/unsafe-checkpoint']);
  const scanner = scannerOf(context, workspace);
  const single = await scanner.scan([workspace.path('train.yaml')]);
  assert.deepEqual(alarms(single.findings), ['train.yaml load/unsafe-checkpoint']);
  assert.deepEqual(
    single.artifacts.map(({ path }) => path),
    ['train.yaml'],
  );
  workspace.write('checkpoints/bad.pt', harmlessPickle);
  const changed = await scanner.update([workspace.path('checkpoints/bad.pt')]);
  assert.deepEqual(
    changed.map(({ path, findings }) => [path, alarms(findings)]),
    [['train.yaml', []]],
  );
});

test('a dataset manifest is held against the file, and again when the file changes', async (context) => {
  const md5 = (text: string) => createHash('md5').update(text).digest('hex');
  const manifest = `outs:\n- md5: ${md5('a,b\n')}\n  hash: md5\n  path: train.csv\n`;
  const workspace = makeWorkspace(context, { 'data/train.csv': 'a,b\n', 'data/train.csv.dvc': manifest });
  const scanner = scannerOf(context, workspace);
  assert.deepEqual(alarms((await scanner.scan()).findings), []);
  workspace.write('data/train.csv', 'changed');
  const [result] = await scanner.update([workspace.path('data/train.csv')]);
  assert.deepEqual(alarms(result?.findings ?? []), ['data/train.csv.dvc dataset/hash-mismatch']);
});

test('an unsaved text is judged with what is known of the workspace, and leaves results alone', async (context) => {
  const workspace = makeWorkspace(context, { 'm.pkl': dangerousPickle, 'train.py': 'import torch\n' });
  const scanner = scannerOf(context, workspace, {}, true);
  await scanner.scan();
  const findings = await scanner.judgeBuffer(workspace.path('train.py'), loads('m.pkl'));
  assert.deepEqual(alarms(findings), ['train.py load/unsafe-checkpoint']);
  assert.equal(scanner.result('train.py'), undefined);
  assert.deepEqual(await scanner.judgeBuffer(workspace.path('README.md'), 'text'), []);
});

test('severities, silenced rules and allowed imports of the configuration hold', async (context) => {
  const workspace = makeWorkspace(context, { 'm.pkl': 'cmylab.layers\nNorm\n.', 'bad.pkl': dangerousPickle });
  const scan = async (over: Partial<Configuration>) =>
    (await scannerOf(context, workspace, over).scan()).findings.map(
      ({ ruleId, severity, path }) => `${path} ${ruleId} ${severity}`,
    );
  assert.ok((await scan({})).includes('m.pkl pickle/unknown-import warning'));
  const stricter = { 'pickle/unknown-import': { severity: 'error' as const, allow: [] } };
  assert.ok((await scan({ rules: stricter })).includes('m.pkl pickle/unknown-import error'));
  const silenced = await scan({
    rules: { 'pickle/*': { severity: 'off', allow: [] }, 'model/*': { severity: 'off', allow: [] } },
  });
  assert.deepEqual(silenced, []);
  const vouched = { 'pickle/unknown-import': { allow: ['mylab.*'] } };
  assert.ok(!(await scan({ rules: vouched })).some((line) => line.includes('unknown-import')));
  assert.ok(!(await scan({ allowImports: ['mylab.layers.Norm'] })).some((line) => line.includes('unknown-import')));
});

test('what the baseline accepts is counted and left out', async (context) => {
  const workspace = makeWorkspace(context, { 'bad.pkl': dangerousPickle });
  const baseline = workspace.path('baseline.json');
  const before = await scannerOf(context, workspace).scan();
  addToBaseline(baseline, before.findings, 'known', workspace.root);
  const after = await scannerOf(context, workspace, { baseline }).scan();
  assert.deepEqual(after.findings, []);
  assert.equal(after.accepted, before.findings.length);
  assert.equal(after.acceptedFindings.length, before.findings.length);
});

test('results are told as they come, and progress reaches its end', async (context) => {
  const workspace = makeWorkspace(context, { 'a.pkl': dangerousPickle, 'b.txt': 'x', 'train.py': loads('a.pkl') });
  const told = new Map<string, FileResult>();
  const progress: string[] = [];
  const scanner = scannerOf(context, workspace);
  await scanner.scan(undefined, {
    onResult: (result) => void told.set(result.path, result),
    onProgress: ({ done, total }) => void progress.push(`${done}/${total}`),
  });
  assert.deepEqual([...told].sort(), [...scanner.results()].sort());
  assert.equal(progress.at(-1), '3/3');
});

test('JSON too long to be parsed is silent as data, and reported where it holds what rules look for', async (context) => {
  const blanks = ' '.repeat(3 << 20);
  const data = JSON.stringify({ rows: ['a.png', '.pt', 'The end. bin'], 'x.pt': 1, model: 'gpt' });
  const files = {
    'flag.json': `{"trust_remote_code": true,${blanks}"x": 1}`,
    'late.json': `{${blanks}${blanks}${blanks}"trust_remote_code": true}`,
    'hidden.json': `{"trust_remote_c\\u006fde": true,${blanks}"x": 1}`,
    'path.json': `{"a": "m.pt",${blanks}"x": 1}`,
    'folder.json': `{"model_path": "./m",${blanks}"x": 1}`,
    'data.json': `[${data},${blanks}1]`,
    'large.json': `[${data},${blanks}${blanks}${blanks}1]`,
  };
  const report = await scannerOf(context, makeWorkspace(context, files)).scan();
  const expected = ['flag.json', 'folder.json', 'hidden.json', 'late.json', 'path.json'];
  assert.deepEqual(
    report.findings.map(({ path, ruleId }) => `${path} ${ruleId}`),
    expected.map((path) => `${path} file/incomplete`),
  );
  // The contract pairs that finding with "complete": false.
  assert.deepEqual(
    report.artifacts.map(({ path, complete }) => [path, complete]),
    expected.map((path) => [path, false]),
  );
});

test('a word written with escapes is the word', async (context) => {
  const workspace = makeWorkspace(context, {
    'a.json': '{"trust_remote_c\\u006fde": true}',
    'b.yaml': '"trust\\x5fremote_code": true\n',
  });
  const report = await scannerOf(context, workspace).scan();
  assert.deepEqual(alarms(report.findings), ['a.json load/trust-remote-code', 'b.yaml load/trust-remote-code']);
});

test('a file over the configured size is not read, and a finding says so', async (context) => {
  const workspace = makeWorkspace(context, { 'big.pkl': dangerousPickle });
  const report = await scannerOf(context, workspace, { maxFileSize: 10 }).scan();
  assert.deepEqual(alarms(report.findings), ['big.pkl file/incomplete']);
  assert.equal(report.artifacts[0]?.complete, false);
});

test('a scan of some paths leaves the results of others alone, and forgets what went', async (context) => {
  const workspace = makeWorkspace(context, { 'a/x.pkl': dangerousPickle, 'b/y.pkl': dangerousPickle });
  const scanner = scannerOf(context, workspace);
  await scanner.scan();
  rmSync(workspace.path('a/x.pkl'));
  rmSync(workspace.path('b/y.pkl'));
  const report = await scanner.scan([workspace.path('a')]);
  assert.deepEqual(alarms(report.findings), []);
  assert.ok(scanner.result('b/y.pkl'));
  assert.equal(scanner.result(workspace.path('a/x.pkl')), undefined);
});

test('a cancelled scan ends as such, and the next one is whole', async (context) => {
  const workspace = makeWorkspace(context, { 'a.pkl': dangerousPickle });
  const scanner = scannerOf(context, workspace);
  await assert.rejects(scanner.scan(undefined, { signal: AbortSignal.abort() }), { code: 'cancelled' });
  assert.deepEqual(alarms((await scanner.scan()).findings), ['a.pkl pickle/dangerous-import']);
});

test('one file is inspected with all its facts', async (context) => {
  const workspace = makeWorkspace(context, { 'a.pkl': dangerousPickle, folder: '' });
  for (const isolate of [false, true]) {
    const scanner = scannerOf(context, workspace, {}, isolate);
    const { summary, inspection, findings } = await scanner.files.inspectFile(workspace.path('a.pkl'));
    assert.equal(summary.format, 'pickle');
    assert.equal(inspection.parts[0]?.kind, 'pickle');
    assert.deepEqual(alarms(findings), ['a.pkl pickle/dangerous-import']);
    await assert.rejects(scanner.files.inspectFile(workspace.path('none')), { code: 'not-found' });
    await assert.rejects(scanner.files.inspectFile(workspace.root), { code: 'unreadable' });
  }
});

test('a manifest cannot make the scan read outside the workspace', async (context) => {
  const outside = makeWorkspace(context, { 'secret.csv': 'secret' });
  const manifest = 'outs:\n- md5: 00000000000000000000000000000000\n  hash: md5\n  path: PATH\n';
  const workspace = makeWorkspace(context, {
    'a.dvc': manifest.replace('PATH', `../${outside.root.split('/').at(-1)}/secret.csv`),
    'b.dvc': manifest.replace('PATH', outside.path('secret.csv')),
    'c.dvc': manifest.replace('PATH', 'link.csv'),
  });
  symlinkSync(outside.path('secret.csv'), workspace.path('link.csv'));
  const report = await scannerOf(context, workspace).scan();
  const digest = createHash('md5').update('secret').digest('hex');
  assert.ok(!JSON.stringify(report).includes(digest));
});
