// What is read line by line is read as the library reads it, or left to it.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { rules } from '../../rules/index.ts';
import { LineIndex } from './lineIndex.ts';
import { parseText, textLanguage, textLimits } from './parse.ts';
import { readByLibrary, readingOf, type YamlReading } from './yamlLibrary.ts';
import { YamlLines } from './yamlLines.ts';
import { Unusual } from './yamlScalars.ts';
import { YamlNodes } from './yamlNodes.ts';

/** Null where the text is left to the library. */
function quickly(text: string): YamlReading | null {
  const nodes = new YamlNodes(text, new LineIndex(text));
  try {
    new YamlLines(text, nodes).read(0);
  } catch (error) {
    if (error instanceof Unusual) return null;
    throw error;
  }
  return readingOf(nodes, []);
}

/** Whether the text is read line by line. */
function isAlike(text: string): boolean {
  const found = quickly(text);
  if (found) assert.deepEqual(found, readByLibrary(text, text, new LineIndex(text), 0), JSON.stringify(text));
  return found !== null;
}

const scalars = fc.constantFrom(
  ...[
    'a',
    'a b',
    '1',
    '-1',
    '0x1F',
    '0o17',
    '1e3',
    '.5',
    '1.',
    '.inf',
    '-.Inf',
    '.nan',
    '~',
    'null',
    'true',
    'False',
    'no',
    '1_000',
    '12:30',
    '2024-01-01',
  ],
  ...[
    'http://a/b',
    'a#b',
    'a:b',
    "it's",
    'a, b',
    'x]',
    '-a',
    '--flag',
    'a  b',
    'é',
    '{{ x }}',
    '$x',
    '/a',
    '<<',
    '@a',
    '%a',
    '`a',
    'a:',
    'a: b',
    ': a',
    '? a',
    '...',
  ],
  ...[
    '"a"',
    '"a b: c # d"',
    '"\\n\\t\\u00e9\\""',
    '"a\\\\"',
    "'a'",
    "'it''s'",
    "''",
    '""',
    '"a"b',
    '"a" # c',
    '"a',
    "'a",
    '"\\x"',
    '"\\q"',
  ],
  ...['"a\n   b"', "'a\n\n   b'", '"a\nb"', '"a\\\n   b"', 'a\n   b', 'a\n\n   b', 'a\n   b: c', 'a\n   # c'],
  ...[
    '[]',
    '{}',
    '[a, b]',
    '[1, [2, {}], "x"]',
    '{a: 1, b: [x]}',
    '{"a":1}',
    '{a: {b: "c,d"}}',
    '[a,]',
    '[,]',
    '[a: b]',
    '{a}',
    '{a: }',
    '[a #b]',
    '[a, # b\n    c]',
    '[\n    a,\n    b ]',
    '[\n]',
    '{a: b: c}',
    '[-1, - a]',
    '[a:b, http://c]',
    '[*x, &y z]',
    "['a''b', \"c\\\"d\"]",
    '[a\n   b]',
    '[a]b',
    '[a] # c',
    '{*x : 1}',
    '{1: a, true: b}',
    '{a b: c d}',
    '{a : b}',
    '{? a}',
    '[!t a]',
  ],
  ...[
    '|\n    a\n      b\n',
    '|-\n    a\n',
    '>\n    a\n    b\n\n    c\n',
    '>-\n    a\n',
    '|+\n    a\n\n',
    '|2\n    a\n',
    '|\n',
    '|\n\n    a\n',
    '|\n    a\n   b\n',
    '|\n    a\n  \n',
    '|\n    a\n      \n',
    '| # c\n    a\n',
    '|\n    # a\n',
    '>\n    a\n     b\n',
  ],
  ...[
    '&x a',
    '*x',
    '&x [a]',
    '&x',
    '!t a',
    '!t',
    '!t &x a',
    '&x !t "a"',
    '!!str 1',
    '!<a> b',
    '! a',
    '!a!b c',
    '*x : a',
    '&x *x',
    '&a.b c',
    '!t [a]',
    '&x |\n    a\n',
    '&x\n    a: b',
    '!t\n    - a',
    '&x - a',
    '&x a: b',
    '!t ~',
    '*nothing',
  ],
);
const indent = fc.constantFrom('', '', '', '  ', '  ', '    ', ' ', '      ');
const lead = fc.constantFrom(
  '',
  'k: ',
  'k: ',
  'a b: ',
  '- ',
  '- ',
  '- k: ',
  '- - ',
  '"q": ',
  "'q' : ",
  'k:',
  '-',
  '1: ',
  'true: ',
  '~: ',
  'k:  ',
  '-   ',
  '- # c',
  'k: # c',
  '? ',
  'http://x: ',
  'a#b: ',
  'é: ',
  '<<: ',
  '.5: ',
  '"a\\"b": ',
  'k:\t',
  '-\t',
);
const other = fc.constantFrom(
  '',
  '# c',
  '  # c',
  '      # c',
  '   ',
  '---',
  '--- # c',
  '--- a',
  '...',
  '%YAML 1.2',
  '\t',
  '{{ x }}',
  '{% if %}',
  'a',
  '\uFEFFa: b',
  'a: b\r',
);
const lines = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(indent, lead, scalars).map((parts) => parts.join('')) },
  { weight: 1, arbitrary: other },
  { weight: 2, arbitrary: fc.tuple(indent, lead).map((parts) => parts.join('')) },
);

/** Texts that are well formed more often than not. */
const { block } = fc.letrec<{ block: string[] }>((tie) => {
  const deeper = (by: number) => (inner: string[]) => inner.map((each) => (each === '' ? each : ' '.repeat(by) + each));
  const item = fc.oneof(
    {
      weight: 3,
      arbitrary: fc
        .tuple(fc.constantFrom('k: ', 'key two: ', '"q": ', '7: '), scalars)
        .map(([key, value]) => (key + value).split('\n')),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.constantFrom('k:', 'a.b:', 'k: &x', 'k: !t', 'k: # c'), fc.constantFrom(0, 1, 2, 4), tie('block'))
        .map(([key, by, inner]) => [key, ...deeper(by)(inner)]),
    },
    { weight: 1, arbitrary: fc.constantFrom(['# c'], [''], ['   # c'], ['k:']) },
  );
  const entry = fc.oneof(
    { weight: 3, arbitrary: scalars.map((value) => `- ${value}`.split('\n')) },
    {
      weight: 2,
      arbitrary: tie('block').map((inner) =>
        deeper(2)(inner).map((each, index) => (index === 0 ? `- ${each.slice(2)}` : each)),
      ),
    },
    { weight: 1, arbitrary: tie('block').map((inner) => ['-', ...deeper(2)(inner)]) },
    { weight: 1, arbitrary: fc.constantFrom(['# c'], [''], ['-']) },
  );
  return {
    block: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.array(item, { minLength: 1, maxLength: 3 }).map((all) => all.flat()),
      fc.array(entry, { minLength: 1, maxLength: 3 }).map((all) => all.flat()),
    ),
  };
});
const streams = fc
  .tuple(fc.array(block, { minLength: 1, maxLength: 2 }), fc.boolean())
  .map(([all, ends]) => all.map((each) => each.join('\n')).join('\n---\n') + (ends ? '\n' : ''));

describe('whatever is read line by line is read as the library reads it', () => {
  test('well-formed texts', () => {
    let read = 0;
    fc.assert(
      fc.property(streams, (text) => void (isAlike(text) && read++)),
      { numRuns: 3_000, seed: 20_240_229 },
    );
    assert.ok(read > 300, `${read} were read line by line`);
  });

  test('lines of all kinds', () => {
    let read = 0;
    const text = fc.array(lines, { maxLength: 6 }).map((all) => all.join('\n'));
    fc.assert(
      fc.property(text, (each) => void (isAlike(each) && read++)),
      { numRuns: 6_000, seed: 20_240_229 },
    );
    assert.ok(read > 300, `${read} were read line by line`);
  });

  test('every text of a rule page, and nearly all of them are', () => {
    let read = 0;
    let left = 0;
    for (const { meta } of rules)
      for (const { file, text } of [...meta.avoid, ...meta.prefer])
        if (text !== undefined && textLanguage(file) === 'yaml')
          if (isAlike(text)) read++;
          else left++;
    assert.ok(read > 20 * left, `${read} were read line by line, ${left} were not`);
  });
});

test('forms that files are written in are read line by line', () => {
  const forms = [
    'a: 1\nb:\n  - c\n  - d: e\n    f: g\n',
    'a:\n- b\n- c\n',
    'a: "b: c" # d\n\n# e\nf: \'g\'\n',
    'a: |\n  b\n\n  c\nd: >-\n  e\n  f\n',
    'a: {b: 1, "c": [d, e]}\nf: [\n  g,\n  h ]\n',
    '---\na: &x\n  b: 1\nc: *x\n<<: *x\n---\n# d\ne: !Ref f\n',
    'a: b\n  c d\ne: "f\n  g"\n',
    '',
    '# a\n',
  ];
  for (const form of forms) assert.ok(isAlike(form), form);
});

describe('limits are told of, and what stands before them is kept', () => {
  const filled = `first: 1\n${'a: 1\n'.repeat(textLimits.facts)}`;
  test('values', async () => {
    const parsed = await parseText('yaml', filled);
    assert.ok('scalars' in parsed);
    assert.equal(parsed.scalars.length, textLimits.facts - 1);
    assert.deepEqual(parsed.scalars[0]?.path, ['first']);
    assert.deepEqual(
      parsed.problems.map(({ code, line }) => [code, line]),
      [['limit-facts', textLimits.facts]],
    );
  });

  test('values in brackets', async () => {
    const parsed = await parseText('yaml', `first: 1\nl: [${'1, '.repeat(textLimits.facts)}1]\n`);
    assert.ok('scalars' in parsed);
    assert.deepEqual(parsed.scalars[0]?.path, ['first']);
    assert.deepEqual(
      parsed.problems.map(({ code }) => code),
      ['limit-facts'],
    );
  });

  test('levels', async () => {
    const deep = Array.from({ length: textLimits.depth + 2 }, (_, level) => `${' '.repeat(level)}a:`).join('\n');
    const parsed = await parseText('yaml', `first: 1\n${deep}\n`);
    assert.ok('scalars' in parsed);
    assert.deepEqual(parsed.scalars[0]?.path, ['first']);
    assert.deepEqual(
      parsed.problems.map(({ code }) => code),
      ['limit-depth'],
    );
  });
});

test('long texts of one kind end', async () => {
  const long = 1 << 14;
  for (const unit of [
    '- a\n',
    'a\n',
    'a ',
    '"',
    "'",
    '\\',
    '- ',
    '-\n',
    '[',
    '[a ',
    '{',
    ':',
    ' ',
    '\n',
    '#\n',
    'a: b\n',
    '---\n',
    '|\n',
    '&a ',
    '!a ',
    '*a\n',
    "- 'a\n",
    '1',
    ' \n',
    'a:\n',
  ])
    for (const head of ['', 'a: ', 'a: "', 'a: [', 'a: |\n  ']) {
      const { problems } = await parseText('yaml', head + unit.repeat(long / unit.length));
      assert.ok(Array.isArray(problems));
    }
});
