import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parseTOML, type AST } from 'toml-eslint-parser';
import { rules } from '../../rules/index.ts';
import type { ConfigNode, ConfigValue, TextRange } from './facts.ts';
import { LineIndex } from './lineIndex.ts';
import { textLanguage, textLimits } from './parse.ts';
import { parseToml } from './toml.ts';

interface Value {
  path: string;
  value: ConfigValue;
  place: string;
}

const written = ({ line, column, endLine, endColumn }: TextRange): string =>
  `${line}:${column}-${endLine}:${endColumn}`;

/** Where a value ends is not compared: of a `0` at the end of a text the reference says that it is empty. */
const end = /-.*$/;

/** What a text holds as we read it. */
function ours(text: string): { values: Value[]; problems: string[] } {
  const { scalars, problems } = parseToml(text);
  return {
    values: scalars.map(({ path, value, range }) => ({
      path: JSON.stringify(path),
      value,
      place: written(range).replace(end, ''),
    })),
    problems: problems.map(({ code }) => code),
  };
}

/** The same as a reader of others has it, which is the reference here; null for a text that it does not take. */
function theirs(text: string): Value[] | null {
  const lines = new LineIndex(text);
  let program: AST.TOMLProgram;
  try {
    program = parseTOML(text);
  } catch {
    return null;
  }
  const values: Value[] = [];
  const keys = ({ keys: parts }: AST.TOMLKey) =>
    parts.map((part) => (part.type === 'TOMLBare' ? part.name : part.value));
  const walk = (node: AST.TOMLContentNode, path: (string | number)[]): void => {
    if (node.type === 'TOMLArray') return node.elements.forEach((each, index) => walk(each, [...path, index]));
    if (node.type === 'TOMLInlineTable')
      return node.body.forEach((pair) => walk(pair.value, [...path, ...keys(pair.key)]));
    const value =
      node.kind === 'integer' || node.kind === 'float'
        ? Number(node.value)
        : 'datetime' in node
          ? node.datetime
          : node.value;
    values.push({ path: JSON.stringify(path), value, place: written(lines.range(...node.range)).replace(end, '') });
  };
  for (const item of program.body[0].body) {
    if (item.type === 'TOMLKeyValue') walk(item.value, keys(item.key));
    else for (const pair of item.body) walk(pair.value, [...item.resolvedKey, ...keys(pair.key)]);
  }
  return values;
}

const byPlace = (one: Value, other: Value): number => one.place.localeCompare(other.place);

function assertAlike(text: string): boolean {
  const expected = theirs(text);
  if (expected === null) return false;
  const { values, problems } = ours(text);
  assert.deepEqual(problems, [], text);
  assert.deepEqual(values.sort(byPlace), expected.sort(byPlace), text);
  return true;
}

const hex = fc.constantFrom('\\u00e9', '\\U0001F600', '\\n', '\\t', '\\\\', '\\"', '\\b');
const sign = fc.constantFrom('a', 'é', ' ', '#', ',', ']', '}', '=', '[', '.', '{{');
const basic = fc.array(fc.oneof(sign, hex, fc.constant("'"))).map((parts) => `"${parts.join('')}"`);
const literal = fc.array(fc.oneof(sign, fc.constantFrom('\\', '"'))).map((parts) => `'${parts.join('')}'`);
const lines = fc.constantFrom('\n', 'x\n', '\n  ');
const longBasic = fc
  .array(fc.oneof(sign, hex, lines, fc.constantFrom('"a', '""b', '\\\n   ', '\\  \n\n x')))
  .map((parts) => `"""${parts.join('')}"""`);
const longLiteral = fc
  .array(fc.oneof(sign, lines, fc.constantFrom("'a", "''b", '\\')))
  .map((parts) => `'''${parts.join('')}'''`);
const number = fc.constantFrom(
  ...[
    '0',
    '+1',
    '-17',
    '1_000',
    '0xDEAD_beef',
    '0o755',
    '0b1101',
    '1.5',
    '-0.01',
    '5e+22',
    '1e6',
    '6.626e-34',
    '9_224.1',
    'inf',
    '-inf',
    '+nan',
    '9007199254740993',
  ],
);
const date = fc.constantFrom(
  '1979-05-27T07:32:00Z',
  '1979-05-27 07:32:00.999-07:00',
  '1979-05-27',
  '07:32:00',
  '1979-05-27t00:32:00',
);
const scalar = fc.oneof(basic, literal, longBasic, longLiteral, number, date, fc.constantFrom('true', 'false'));
const bare = fc.constantFrom('a', 'b', 'c', 'd-e', '1', 'true', '2024-01-01', '_');
const part = fc.oneof(
  { weight: 4, arbitrary: bare },
  { weight: 1, arbitrary: basic },
  { weight: 1, arbitrary: literal },
);
const dot = fc.constantFrom('.', ' . ', '\t.');
const key = fc
  .tuple(fc.array(part, { minLength: 1, maxLength: 3 }), dot)
  .map(([parts, between]) => parts.join(between));
const gap = fc.constantFrom('', ' ', '\n', ' # c ] }\n', '\r\n  ');
const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc
      .tuple(fc.array(fc.tuple(gap, tie('value'), gap), { maxLength: 3 }), fc.constantFrom('', ','))
      .map(([items, end]) => `[${items.map((each) => each.join('')).join(',')}${items.length > 0 ? end : ''} ]`),
    fc
      .array(fc.tuple(key, tie('value')), { maxLength: 3 })
      .map((pairs) => `{ ${pairs.map(([name, each]) => `${name} = ${each}`).join(' , ')} }`),
  ),
}));
const line = fc.oneof(
  fc.tuple(key, fc.constantFrom('=', ' = '), value).map((parts) => parts.join('')),
  key.map((name) => `[${name}]`),
  key.map((name) => `[[ ${name} ]]`),
  fc.constantFrom('', '# a = [', '  ', '\t# é'),
);
const document = fc
  .tuple(fc.array(line, { maxLength: 8 }), fc.constantFrom('\n', '\r\n', ' # end\n'), fc.boolean())
  .map(([all, end, closed]) => all.join(end) + (closed ? end : ''));

describe('TOML is read as a reader of others reads it', () => {
  test('whatever the grammar allows', () => {
    let valid = 0;
    fc.assert(
      fc.property(document, (text) => void (assertAlike(text) && valid++)),
      { numRuns: 4_000, seed: 20_240_229 },
    );
    assert.ok(valid > 1_000, `${valid} texts of it were valid`);
  });

  test('every text of a rule page', () => {
    let seen = 0;
    for (const { meta } of rules)
      for (const { file, text } of [...meta.avoid, ...meta.prefer])
        if (text !== undefined && textLanguage(file) === 'toml' && assertAlike(text)) seen++;
    assert.ok(seen >= 3, `${seen}`);
  });
});

/** A tree as it is nested: tables with where they stand. */
function tree(node: ConfigNode): unknown {
  if (node.kind === 'mapping')
    return [
      written(node.range),
      ...node.entries.map((entry) => [entry.key, written(entry.keyRange), tree(entry.value)]),
    ];
  if (node.kind === 'sequence') return [written(node.range), node.items.map(tree)];
  return node.kind === 'scalar' ? written(node.innerRange) : '*';
}

test('tables end with their last value, strings inside their quotes', () => {
  const text = 'a.b = """x\ny"""\n[c]\n# d\n[[e.f]]\ng = [\n  {h = 1},\n]\n\n[[e.f]]\n';
  assert.deepEqual(tree(parseToml(text).documents[0] as ConfigNode), [
    '1:1-11:1',
    ['a', '1:1-1:2', ['1:7-2:5', ['b', '1:3-1:4', '1:10-2:2']]],
    ['c', '3:2-3:3', ['3:1-3:4']],
    [
      'e',
      '5:3-5:4',
      [
        '5:1-8:2',
        [
          'f',
          '5:5-5:6',
          [
            '5:1-8:2',
            [['5:1-8:2', ['g', '6:1-6:2', ['6:5-8:2', [['7:3-7:10', ['h', '7:4-7:5', '7:8-7:9']]]]]], ['10:1-10:8']],
          ],
        ],
      ],
    ],
  ]);
});

test('what stands before a mistake is kept, and nothing of what holds it', () => {
  for (const mistake of [
    'b = "c',
    'b = [1, {{ x }}]',
    'b = 1 2',
    '[b',
    'b',
    'b = tru',
    '= 1',
    'b = {c = 1',
    '"b = 1',
    "b = '''x",
  ]) {
    const { values, problems } = ours(`a = 1\n${mistake}\nd = 2\n`);
    assert.deepEqual(
      values.map(({ path }) => path),
      ['["a"]'],
      mistake,
    );
    assert.deepEqual(problems, ['malformed'], mistake);
  }
});

test('a key that is written twice, and a table that is opened twice, are read on', () => {
  const { values, problems } = ours('[a]\nb = 1\nb = 2\n[a]\nc = 3\n[a.b]\nd = 4\n');
  assert.deepEqual(
    values.map(({ path, value: each }) => [path, each]),
    [
      ['["a","b"]', 1],
      ['["a","b"]', 2],
      ['["a","c"]', 3],
    ],
  );
  assert.deepEqual(problems, []);
});

describe('limits are told of, and what stands before them is kept', () => {
  const many = textLimits.facts + 1;
  const deep = textLimits.depth + 1;
  const cases: Record<string, [text: string, code: string]> = {
    values: [`first = 1\nl = [${'1,'.repeat(many)}]\n`, 'limit-facts'],
    tables: [`first = 1\n${'[[a]]\n'.repeat(many)}`, 'limit-facts'],
    pairs: [`first = 1\n${'a = 1\n'.repeat(many)}`, 'limit-facts'],
    brackets: [`first = 1\na = ${'['.repeat(deep)}`, 'limit-depth'],
    'inline tables': [`first = 1\na = ${'{a = '.repeat(deep)}`, 'limit-depth'],
    'keys of a header': [`first = 1\n[a${'.a'.repeat(deep)}]\nb = 1`, 'limit-depth'],
    'keys of a pair': [`first = 1\na${'.a'.repeat(deep)} = 1`, 'limit-depth'],
    'keys and tables': [`first = 1\na = {${`a${'.a'.repeat(99)} = {`.repeat(3)}`, 'limit-depth'],
  };
  for (const [name, [text, code]] of Object.entries(cases))
    test(name, () => {
      const { values, problems } = ours(text);
      assert.deepEqual(problems, [code]);
      assert.equal(values[0]?.path, '["first"]');
    });

  test('of a list that is too long, the beginning', () => {
    const { values } = ours(`l = [${'1,'.repeat(many)}]\n`);
    assert.equal(values.length, textLimits.facts - 1);
  });
});

test('long texts of one kind end', () => {
  const long = 1 << 19;
  for (const unit of ['#\n', '\n', '1', '"', "'", '"\\', '[', '{', '.', 'a.', '"""\\\n', '1_', '=', '\r', ' ', 'a\n'])
    for (const head of ['', 'a = ', 'a = """', 'a = ['])
      assert.ok(Array.isArray(ours(head + unit.repeat(long / unit.length)).problems));
});
