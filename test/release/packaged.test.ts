import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { listFiles } from '@vscode/vsce';
import { packagedPlaces, packageDigest, stage } from '../../scripts/packaged.mjs';

const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

describe('what is packaged', () => {
  const scratch = mkdtempSync(path.join(tmpdir(), 'weighbridge-packaged-'));
  const root = path.join(scratch, 'root');
  const write = (name: string, text: string): void => {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), text);
  };
  before(() => {
    const letIn = ['!dist/**/*.{js,css}', '!dist/**/!(fleet).cjs', '!docs/rules/**', '!package.json', '!none.json'];
    write('.vscodeignore', ['# Left out, and let in.', '**', ...letIn, ''].join('\n'));
    write('package.json', '{ "name": "small", "publisher": "us", "version": "1.0.0", "engines": { "vscode": "*" } }');
    write('dist/client.cjs', '1');
    write('dist/fleet.cjs', '2');
    write('dist/programs/a.js', '3');
    write('dist/programs/a.cache', '4');
    write('docs/rules/x/y.md', '5');
    write('docs/guide.md', '6');
    write('.tools/large', '7');
  });
  after(() => rmSync(scratch, { recursive: true, force: true }));

  it('stands in the places that .vscodeignore lets in', () => {
    assert.deepEqual(packagedPlaces(root), ['dist', 'docs/rules', 'package.json']);
  });

  it('is the same from a folder with those places alone as from the whole tree', async () => {
    const folder = path.join(scratch, 'staged');
    stage(root, folder);
    assert.deepEqual(readdirSync(folder).sort(), ['.vscodeignore', 'dist', 'docs', 'package.json']);
    assert.ok(!existsSync(path.join(folder, 'docs', 'guide.md')));
    const files = (cwd: string): Promise<string[]> => listFiles({ cwd });
    assert.deepEqual(await files(folder), await files(root));
    assert.deepEqual((await files(root)).sort(), [
      'dist/client.cjs',
      'dist/programs/a.js',
      'docs/rules/x/y.md',
      'package.json',
    ]);
  });

  it('has another digest when any of it changes, and the same when something else does', () => {
    const digest = packageDigest(root);
    write('docs/guide.md', 'changed');
    assert.equal(packageDigest(root), digest);
    const digests = [digest, packageDigest(root, ['linux-x64']), packageDigest(root, ['docs/guide.md'])];
    for (const name of [
      'dist/client.cjs',
      'docs/rules/x/y.md',
      'dist/programs/new.js',
      '.vscodeignore',
      'package-lock.json',
    ]) {
      write(name, `**\n!dist/**\n!docs/rules/**\n${name}`);
      digests.push(packageDigest(root));
    }
    assert.equal(new Set(digests).size, 8);
  });

  it('is all that stands in the repository for it', () => {
    const places = packagedPlaces(repository);
    for (const name of ['media/icon.png', 'syntaxes', 'l10n', 'docs/rules', 'package.json', 'README.md']) {
      assert.ok(places.includes(name), name);
    }
  });
});
