import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assemblePickle } from './assembler.fixture.ts';

const hex = (listing: string): string => Buffer.from(assemblePickle(listing)).toString('hex');

test('a listing becomes the bytes that Python writes for the same opcodes', () => {
  // pickle.dumps({'a': [1, -300, 2.5, b'x', None]}, protocol=4)
  assert.equal(
    hex(`
      PROTO 4
      FRAME auto
      EMPTY_DICT
      MEMOIZE
      SHORT_BINUNICODE 'a'
      MEMOIZE
      EMPTY_LIST
      MEMOIZE
      MARK
      BININT1 1
      BININT -300
      BINFLOAT 2.5
      SHORT_BINBYTES b'x'
      MEMOIZE
      NONE
      APPENDS
      SETITEM
      STOP
    `),
    '80049521000000000000007d948c0161945d94284b014ad4feffff474004000000000000430178944e65732e',
  );
});

test('text arguments stand as they are written, quoted ones are unescaped', () => {
  assert.equal(hex('INT 0x10'), Buffer.from('I0x10\n').toString('hex'));
  assert.equal(hex("STRING 'a\\tb'"), Buffer.from("S'a\\tb'\n").toString('hex'));
  assert.equal(hex('GLOBAL os system'), Buffer.from('cos\nsystem\n').toString('hex'));
  assert.equal(hex("INST 'a b' c"), Buffer.from('ia b\nc\n').toString('hex'));
  assert.equal(hex("UNICODE 'é😀'"), Buffer.from('Vé\\U0001f600\n', 'latin1').toString('hex'));
  assert.equal(
    hex("BINUNICODE 'it\\'s # no comment' # a comment"),
    Buffer.from("X\x11\0\0\0it's # no comment").toString('hex'),
  );
  assert.equal(hex("BINUNICODE '\\xe9'"), '5802000000c3a9');
  assert.equal(hex("SHORT_BINSTRING '\\xe9'"), '5501e9');
});

test('long integers take as few bytes as hold them', () => {
  assert.equal(hex('LONG1 0'), '8a00');
  assert.equal(hex('LONG1 127'), '8a017f');
  assert.equal(hex('LONG1 128'), '8a028000');
  assert.equal(hex('LONG1 -128'), '8a0180');
  assert.equal(hex('LONG1 -300'), '8a02d4fe');
  assert.equal(hex('LONG4 hex:ffff'), '8b02000000ffff');
  assert.equal(hex('LONG 12'), Buffer.from('L12L\n').toString('hex'));
});

test('frames count to the next frame or the STOP; raw bytes and numbers are taken as written', () => {
  assert.equal(
    hex('FRAME auto\nNONE\nFRAME auto\nSTOP\nRAW hex:00 ff'),
    '9501000000000000004e9501000000000000002e00ff',
  );
  assert.equal(hex('FRAME 18446744073709551615'), '95ffffffffffffffff');
  assert.equal(hex('  12: MARK'), '28');
});

test('a mistake in a listing names its line', () => {
  assert.throws(() => assemblePickle('NONE\nNOPE'), /line 2: no such opcode: NOPE/);
  assert.throws(() => assemblePickle('BININT1 256'), /line 1: 256 does not fit into 1 bytes/);
  assert.throws(() => assemblePickle('STOP 1'), /line 1: STOP takes no argument/);
  assert.throws(() => assemblePickle('GLOBAL os'), /line 1: two names expected: os/);
});
