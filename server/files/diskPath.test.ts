import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nameOf, onDisk, percentEncoded, wellFormed } from './diskPath.ts';

const bytes = (latin1: string) => Buffer.from(latin1, 'latin1');

test('any bytes become a name that gives the same bytes again', () => {
  const names = [
    'a',
    'z\xff',
    '\xc3',
    '\xe2\x82',
    '\xed\xa0\x80',
    '\xf0\x9f\x98\x80\x80',
    '\xef\xbf\xbd\xfe',
    '\xc0\xaf',
  ];
  for (const name of names)
    assert.deepEqual(Buffer.from(onDisk(nameOf(bytes(name)))), bytes(name), JSON.stringify(name));
  assert.equal(nameOf(bytes('z\xff.pkl')), 'z\udcff.pkl');
});

test('what is UTF-8 stays as it is, U+FFFD too', () => {
  for (const name of ['m\u00fc.pt', '\u{1f600}', '\ufffd']) {
    assert.equal(nameOf(Buffer.from(name)), name);
    assert.equal(onDisk(name), name);
  }
});

test('reports show such a byte as an escape, and addresses percent-encode it', () => {
  assert.equal(wellFormed('z\udcff \ud800 \u{1f600}'), 'z\\xff \\u{d800} \u{1f600}');
  assert.equal(percentEncoded('a b/z\udcff/\u00fc'), 'a%20b/z%FF/%C3%BC');
  assert.doesNotThrow(() => percentEncoded('\ud800'));
});
