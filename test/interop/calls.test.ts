import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { Budget, defaultLimits } from '../../server/formats/limits.ts';
import { assemblePickle } from '../../server/formats/pickle/assembler.fixture.ts';
import { unpacked } from '../../server/formats/pickle/codecs.ts';
import { List, Slice, type Constant } from '../../server/formats/pickle/constants.ts';
import { evasions, harmless, unresolvable } from '../../server/formats/pickle/evasions.fixture.ts';
import { canonicalName, foldFunction } from '../../server/formats/pickle/folding.ts';
import { runPython } from './python.ts';

const bytes = (value: string | Uint8Array) => new Uint8Array(Buffer.from(value));
const list = (...items: Constant[]) => List.from(items);
const texts = [
  '',
  'os',
  'a b',
  ' posix\t',
  'o-s',
  'ßystem',
  'ǅ',
  '\x1cos',
  'b3M=',
  'b3-M=_',
  'bzM',
  '6f73',
  'OS',
  "they're a1b",
  'x\ud800y',
  '𝐨s',
  '%s',
  '{}',
  '1_1',
  '0x10',
];
const datas = [
  ...['', 'os', 'b3M=', 'b3-M=', 'bw==cw==', 'b==3M=', '6f73', '6f 73', 'N5ZQ====', 'Xk/', 'AoDS', 'z', '\xff\xfe'].map(
    bytes,
  ),
  bytes(deflateSync('os')),
  bytes(Buffer.concat([deflateSync('os'), deflateSync('x')])),
  bytes(deflateRawSync('os')),
  bytes(gzipSync('os')),
  bytes(Buffer.concat([gzipSync('o'), gzipSync('s')])),
  bytes(deflateSync('os').subarray(0, -2)),
];
const textMethods = [
  'upper',
  'lower',
  'casefold',
  'swapcase',
  'capitalize',
  'title',
  'strip',
  'lstrip',
  'rstrip',
  'split',
  'encode',
];
const decoders = [
  'base64.b64decode',
  'base64.urlsafe_b64decode',
  'base64.b32decode',
  'base64.b16decode',
  'base64.b85decode',
  'base64.a85decode',
  'binascii.unhexlify',
  'binascii.a2b_base64',
  'zlib.decompress',
  'gzip.decompress',
  'bz2.decompress',
  'lzma.decompress',
  'builtins.list',
  'builtins.tuple',
  'builtins.reversed',
  'builtins.len',
  'builtins.bytes',
  'binascii.hexlify',
];
const codecs = [
  'utf8',
  'UTF-8',
  'ascii',
  'latin-1',
  'utf-16-le',
  'utf_16',
  'utf-8-sig',
  'hex',
  'base64',
  'zlib',
  'rot13',
  'bz2',
  'punycode',
];
const slices = [
  [null, null, -1],
  [1, null, null],
  [null, -1, null],
  [-3, 5, 2],
  [5, -9, -2],
  [0, 0, 0],
].map((bounds) => new Slice(bounds));

/** Calls of functions that only compute, with many kinds of arguments. */
const calls: [dotted: string, args: Constant[]][] = [
  ...textMethods.flatMap((name) => texts.map((text): [string, Constant[]] => [`builtins.str.${name}`, [text]])),
  ...textMethods
    .slice(0, -1)
    .flatMap((name) => datas.slice(0, 13).map((data): [string, Constant[]] => [`builtins.bytes.${name}`, [data]])),
  ...decoders.flatMap((name) => [...texts, ...datas].map((value): [string, Constant[]] => [name, [value]])),
  ...codecs.flatMap((codec) =>
    [...texts, ...datas].flatMap((value): [string, Constant[]][] => [
      ['codecs.decode', [value, codec]],
      ['codecs.encode', [value, codec]],
      ['builtins.str', [value, codec]],
      ['builtins.bytes', [value, codec]],
      ['codecs.decode', [value, codec, 'ignore']],
    ]),
  ),
  ...[...texts, bytes('posix'), ['a', 'b', 'c'], list('a', 'b', 'c')].flatMap((value) => [
    ...slices.map((slice): [string, Constant[]] => ['operator.getitem', [value, slice]]),
    ...[0, 1, -1, 7].map((index): [string, Constant[]] => ['operator.getitem', [value, index]]),
  ]),
  ...texts.flatMap((text): [string, Constant[]][] => [
    ['builtins.str.join', [text, ['a', 'b']]],
    ['builtins.str.join', [text, 'xyz']],
    ['builtins.str.replace', [text, 'o', 'xx']],
    ['builtins.str.replace', [text, '', 'x']],
    ['builtins.str.split', [text, '-']],
    ['builtins.str.strip', [text, 'os ']],
    ['builtins.str.removeprefix', [text, 'o']],
    ['builtins.str.removesuffix', [text, 's']],
    ['builtins.str.removesuffix', [text, '']],
    ['builtins.str.format', [text, 'a']],
    ['operator.mod', [text, 'a']],
    ['operator.mod', [text, list('a')]],
    ['operator.mod', [text, ['a']]],
    ['operator.add', [text, 'x']],
    ['operator.concat', [text, 'x']],
    ['operator.mul', [text, 2]],
    ['operator.mul', [text, -1]],
    ['builtins.int', [text]],
    ['builtins.int', [text, 16]],
    ['builtins.ord', [text]],
    ['builtins.bytes.fromhex', [text]],
  ]),
  ...['%s%s', '%d', '%5s', '%%s', '%c', '%x', '{0}{1}', '{1}{0}', '{{}}', '{0.real}', '{!r}', '{:>5}', '{'].flatMap(
    (pattern): [string, Constant[]][] => [
      ['operator.mod', [pattern, ['o', 's']]],
      ['operator.mod', [pattern, 7]],
      ['operator.mod', [pattern, 111]],
      ['builtins.str.format', [pattern, 'o', 's']],
      ['builtins.str.format', [pattern, 7, 'x']],
    ],
  ),
  ...[0, 111, 0x1f600, -1, 0x110000].map((code): [string, Constant[]] => ['builtins.chr', [code]]),
  ...['add', 'sub', 'mul', 'mod', 'floordiv', 'xor', 'or_', 'and_'].flatMap((name) =>
    [-7, 0, 3].flatMap((a) => [-2, 3].map((b): [string, Constant[]] => [`operator.${name}`, [a, b]])),
  ),
  ['builtins.bytes', [[111, 115]]],
  ['builtins.bytes', [list(111, 256)]],
  ['builtins.bytes', [3]],
  ['operator.add', [['a'], ['b']]],
  ['operator.add', [list('a'), list('b')]],
  ['operator.mul', [list('a'), 2]],
  ['zlib.decompress', [bytes(deflateRawSync('os')), -15]],
  ['zlib.decompress', [bytes(gzipSync('os')), 31]],
  ['zlib.decompress', [bytes(deflateSync('os')), 15]],
  ['builtins.bytes.join', [bytes('-'), [bytes('a'), bytes('b')]]],
  ['builtins.bytes.hex', [bytes('os')]],
  ['builtins.bytes.decode', [bytes('os')]],
  ['builtins.bytes.replace', [bytes('a#b'), bytes('#'), bytes('')]],
];

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

function toJson(value: Constant): Json {
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('base64') };
  if (value instanceof Slice) return { slice: [...value.bounds] };
  if (value instanceof List) return { list: Array.from(value, toJson) };
  return Array.isArray(value) ? Array.from(value, toJson) : value;
}

describe('calls that are worked out', () => {
  let answers: { pickles: Record<string, Json[]>; calls: Json[] } = { pickles: {}, calls: [] };

  before(async () => {
    const twins = Object.entries({ ...evasions, ...unresolvable }).map(([name, listing]): [string, string] => [
      name,
      Buffer.from(assemblePickle(`PROTO 4\n${listing(harmless)}STOP`)).toString('base64'),
    ]);
    const asked = calls.map(([dotted, args]) => [dotted, args.map(toJson)]);
    const questions = JSON.stringify({ pickles: Object.fromEntries(twins), calls: asked });
    answers = JSON.parse(await runPython('calls_oracle.py', [], questions)) as typeof answers;
  });

  it('give what Python gives, or are not known', () => {
    const tools = {
      longest: 1 << 20,
      unpack: (format: Parameters<typeof unpacked>[0], data: Uint8Array) =>
        unpacked(format, data, new Budget(defaultLimits), () => {}),
    };
    let known = 0;
    for (const [index, [dotted, args]] of calls.entries()) {
      const answer = answers.calls[index];
      const result = foldFunction(canonicalName(dotted), args, tools);
      // Where Python raises nothing is executed, and it does not matter what stands here.
      if (result === undefined || answer === null) continue;
      known++;
      assert.deepEqual(toJson(result), answer, `${dotted}(${JSON.stringify(args.map(toJson))})`);
    }
    console.log(`${calls.length} calls, ${known} worked out`);
    assert.ok(known > 400);
  });

  it('are what Python calls: every evasion works with something harmless in its place', () => {
    for (const [name, results] of Object.entries(answers.pickles))
      for (const result of results)
        assert.ok(JSON.stringify(result)?.includes('true'), `${name}: ${JSON.stringify(result)}`);
    assert.equal(Object.keys(answers.pickles).length, Object.keys({ ...evasions, ...unresolvable }).length);
  });
});
