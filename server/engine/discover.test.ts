import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { test } from 'node:test';
import { FileSource } from '../files/fileSource.ts';
import { defaultConfiguration } from './configuration.ts';
import { discover, Selection } from './discover.ts';
import { makeWorkspace, type Workspace } from './workspace.fixture.ts';

async function found({ root }: Workspace, globs: { include?: string[]; exclude?: string[] } = {}, paths = [root]) {
  const discovery = await discover(paths, { ...defaultConfiguration(root), ...globs });
  return discovery.files.map((file) => relative(root, file).replaceAll('\\', '/'));
}

test('nested ignore files, negations and .git/info/exclude hold as in git', async (context) => {
  const workspace = makeWorkspace(context, {
    '.git/HEAD': '',
    '.git/info/exclude': 'secret.pt\n',
    '.gitignore': '*.log\n/build/\n',
    'a.log': '',
    'build/x': '',
    'secret.pt': '',
    'sub/.gitignore': '!keep.log\ndata/\n',
    'sub/keep.log': '',
    'sub/other.log': '',
    'sub/build/x': '',
    'sub/data/y': '',
  });
  assert.deepEqual(await found(workspace), ['.gitignore', 'sub/.gitignore', 'sub/build/x', 'sub/keep.log']);
});

test('a scan that starts in a subfolder knows the ignore files above it', async (context) => {
  const workspace = makeWorkspace(context, {
    '.git/HEAD': '',
    '.gitignore': '*.ckpt\n',
    'sub/a.ckpt': '',
    'sub/b': '',
  });
  assert.deepEqual(await found(workspace, {}, [workspace.path('sub')]), ['sub/b']);
});

test('what is named is scanned, ignored or not', async (context) => {
  const workspace = makeWorkspace(context, {
    '.git/HEAD': '',
    '.gitignore': 'out/\n*.pt\n',
    'out/m.bin': '',
    'x.pt': '',
  });
  assert.deepEqual(await found(workspace, {}, [workspace.path('out'), workspace.path('x.pt')]), ['out/m.bin', 'x.pt']);
});

test('include brings back what .gitignore and defaults leave out; exclude wins over it', async (context) => {
  const workspace = makeWorkspace(context, {
    '.git/HEAD': '',
    '.gitignore': 'checkpoints/\n',
    'checkpoints/a.pt': '',
    'checkpoints/a.txt': '',
    'checkpoints/old/b.pt': '',
    'node_modules/p/c.pt': '',
    'venv/lib/d.pt': '',
  });
  assert.deepEqual(await found(workspace), ['.gitignore']);
  const all = { include: ['*.pt'] };
  assert.deepEqual(await found(workspace, all), ['.gitignore', 'checkpoints/a.pt', 'checkpoints/old/b.pt']);
  const anchored = { include: ['checkpoints/**', 'node_modules/p/*.pt'], exclude: ['checkpoints/old/'] };
  assert.deepEqual(await found(workspace, anchored), [
    '.gitignore',
    'checkpoints/a.pt',
    'checkpoints/a.txt',
    'node_modules/p/c.pt',
  ]);
});

test('folders and files that are left out are counted', async (context) => {
  const { root } = makeWorkspace(context, {
    '.git/HEAD': '',
    '.gitignore': '*.log\n',
    'a.log': '',
    'venv/x': '',
    'drop/y': '',
  });
  const { skipped } = await discover([root], { ...defaultConfiguration(root), exclude: ['drop'] });
  assert.deepEqual(skipped, { ignored: 1, excluded: 3 });
});

test('links are followed to files once, and never to folders', async (context) => {
  const workspace = makeWorkspace(context, { 'in/model.pkl': '' });
  const outside = makeWorkspace(context, { 'out.pkl': '', 'folder/far.pkl': '' });
  symlinkSync(workspace.root, workspace.path('in/loop'));
  symlinkSync(workspace.path('in/model.pkl'), workspace.path('again.pkl'));
  symlinkSync(outside.path('out.pkl'), workspace.path('one.pkl'));
  symlinkSync(outside.path('out.pkl'), workspace.path('two.pkl'));
  symlinkSync(outside.path('folder'), workspace.path('elsewhere'));
  symlinkSync('circle', workspace.path('circle'));
  symlinkSync('nowhere', workspace.path('dangling'));
  assert.deepEqual(await found(workspace), ['in/model.pkl', 'one.pkl']);
});

test('a name that is not UTF-8 is found, beside a link, and can be read by the path that is given', async (context) => {
  const { root, path } = makeWorkspace(context, { 'ev.pkl': 'x' });
  symlinkSync(path('ev.pkl'), path('l.pkl'));
  const strange = Buffer.concat([Buffer.from(`${root}/z`), Buffer.from([0xff])]);
  try {
    mkdirSync(strange);
  } catch {
    return; // Some file systems take UTF-8 alone.
  }
  writeFileSync(Buffer.concat([strange, Buffer.from('/m'), Buffer.from([0xfe])]), 'four');
  symlinkSync(Buffer.concat([strange, Buffer.from('/m'), Buffer.from([0xfe])]), path('to.pkl'));
  const { files, errors } = await discover([root], defaultConfiguration(root));
  assert.deepEqual(
    files.map((file) => relative(root, file)),
    ['ev.pkl', 'z\udcff/m\udcfe'],
  );
  assert.deepEqual(errors, []);
  assert.equal(new FileSource(files[1] ?? '').size, 4);
});

test('a path that is not there is an error, and the rest is found', async (context) => {
  const { root, path } = makeWorkspace(context, { 'a.pkl': '' });
  const { files, errors } = await discover([path('none'), root], defaultConfiguration(root));
  assert.deepEqual(files, [path('a.pkl')]);
  assert.deepEqual(errors, [{ path: path('none'), message: 'there is no such file or folder' }]);
});

test('20,000 files in 200 folders are found', async (context) => {
  const workspace = makeWorkspace(context);
  for (let folder = 0; folder < 200; folder++) {
    mkdirSync(workspace.path(`d${folder}`));
    for (let file = 0; file < 100; file++) workspace.write(`d${folder}/f${file}`, '');
  }
  assert.equal((await found(workspace)).length, 20_000);
});

test('a cancelled walk ends', async (context) => {
  const { root } = makeWorkspace(context, { 'a/b': '' });
  await assert.rejects(discover([root], defaultConfiguration(root), AbortSignal.abort()), { code: 'cancelled' });
});

test('a single file is selected exactly when a walk would find it', async (context) => {
  const workspace = makeWorkspace(context, {
    '.git/HEAD': '',
    '.gitignore': 'ignored/\n',
    'ignored/a.pt': '',
    'ignored/b.txt': '',
    'plain/c': '',
    'node_modules/d': '',
    'drop/e.pt': '',
  });
  const configuration = { ...defaultConfiguration(workspace.root), include: ['*.pt'], exclude: ['drop/'] };
  const selection = await Selection.of(configuration);
  const walked = await found(workspace, configuration);
  for (const name of ['ignored/a.pt', 'ignored/b.txt', 'plain/c', 'node_modules/d', 'drop/e.pt']) {
    assert.equal(await selection.selects(workspace.path(name), workspace.root), walked.includes(name), name);
  }
});
