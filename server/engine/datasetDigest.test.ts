import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { datasetDigest } from './datasetDigest.ts';
import { makeWorkspace } from './workspace.fixture.ts';

const md5 = (content: string | Uint8Array) => createHash('md5').update(content).digest('hex');

test('files are hashed as they are', (context) => {
  const { path } = makeWorkspace(context, { 'a.csv': 'x,y\r\n1,2\r\n' });
  assert.equal(datasetDigest(path('a.csv'), 'md5'), md5('x,y\r\n1,2\r\n'));
  assert.equal(datasetDigest(path('a.csv'), 'sha256'), createHash('sha256').update('x,y\r\n1,2\r\n').digest('hex'));
  assert.equal(datasetDigest(path('none'), 'md5'), undefined);
});

test('the legacy digest takes CRLF for LF in text, and leaves binary alone', (context) => {
  const binary = Buffer.from('a\r\nb\0c\r\n');
  const { path } = makeWorkspace(context, { 'a.csv': 'x,y\r\n1,2\r\n', 'b.bin': binary });
  assert.equal(datasetDigest(path('a.csv'), 'md5-dos2unix'), md5('x,y\n1,2\n'));
  assert.equal(datasetDigest(path('b.bin'), 'md5-dos2unix'), md5(binary));
});

test('a changed file is hashed again', (context) => {
  const { path, write } = makeWorkspace(context, { a: 'one' });
  assert.equal(datasetDigest(path('a'), 'md5'), md5('one'));
  write('a', 'three');
  assert.equal(datasetDigest(path('a'), 'md5'), md5('three'));
});

test("a folder's digest is that of DVC's listing: code-point order, Python's JSON", (context) => {
  const { root } = makeWorkspace(context, {
    b: '1',
    'a/\u{1f600}': '2',
    'a/\uffee': '3',
    'a/é"': '4',
    '.dvcignore': '',
  });
  const listing = [
    `{"md5": "${md5('4')}", "relpath": "a/\\u00e9\\""}`,
    `{"md5": "${md5('3')}", "relpath": "a/\\uffee"}`,
    `{"md5": "${md5('2')}", "relpath": "a/\\ud83d\\ude00"}`,
    `{"md5": "${md5('1')}", "relpath": "b"}`,
  ];
  assert.equal(datasetDigest(root, 'md5-dir'), md5(`[${listing.join(', ')}]`));
  assert.equal(datasetDigest(root, 'md5'), undefined);
});
