import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConfigScalar, TextRange } from './facts.ts';
import { noPython, parseText, textLanguage, textLimits, type ParsedText, type TextLanguage } from './parse.ts';

async function scalars(language: 'yaml' | 'json', text: string): Promise<Record<string, ConfigScalar>> {
  const parsed = await parseText(language, text);
  assert.ok('scalars' in parsed);
  return Object.fromEntries(parsed.scalars.map((scalar) => [scalar.path.join('.'), scalar]));
}

async function python(text: string): Promise<Extract<ParsedText, { language: 'python' }>> {
  const parsed = await parseText('python', text);
  assert.ok(parsed.language === 'python');
  return parsed;
}

/** What stands at a range, so that a test reads like the file. */
function at(text: string, range: TextRange | undefined): string {
  assert.ok(range);
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/);
  assert.equal(range.line, range.endLine);
  return (lines[range.line - 1] ?? '').slice(range.column - 1, range.endColumn - 1);
}

test('the language follows the name', () => {
  assert.deepEqual(
    ['a/train.yaml', 'b.YML', 'data.csv.dvc', 'dvc.lock', 'x/config.json', 'train.py', 'poetry.lock', 'x.ipynb'].map(
      textLanguage,
    ),
    ['yaml', 'yaml', 'yaml', 'yaml', 'json', 'python', 'requirements', 'notebook'],
  );
});

test('YAML: values of all documents, at the characters between the quotes', async () => {
  const text = '\uFEFFmodel: "./é 😀/a.bin" # path\r\nlist:\r\n  - plain\r\n  - {deep: \'q\'}\r\n---\r\nmodel: b\r\n';
  const found = await parseText('yaml', text);
  assert.ok(found.language === 'yaml');
  assert.deepEqual(
    found.scalars.map((scalar) => [
      scalar.path.join('.'),
      scalar.value,
      at(text, scalar.innerRange),
      at(text, scalar.range),
    ]),
    [
      ['model', './é 😀/a.bin', './é 😀/a.bin', '"./é 😀/a.bin"'],
      ['list.0', 'plain', 'plain', 'plain'],
      ['list.1.deep', 'q', 'q', "'q'"],
      ['model', 'b', 'b', 'b'],
    ],
  );
  assert.deepEqual(found.problems, []);
});

test('YAML: an alias of a scalar has its value; aliases of collections are not expanded', async () => {
  const text = `flag: &on true\nuse: *on\na: &a [x, x]\n${Array.from({ length: 40 }, (_, level) => `b${level}: &b${level} [*${level ? `b${level - 1}` : 'a'}, *a]`).join('\n')}`;
  const parsed = await parseText('yaml', text);
  assert.ok(parsed.language === 'yaml');
  assert.deepEqual(
    parsed.scalars.map((scalar) => [scalar.path.join('.'), scalar.value]),
    [
      ['flag', true],
      ['use', true],
      ['a.0', 'x'],
      ['a.1', 'x'],
    ],
  );
});

test('YAML: templates and tags never break a file', async () => {
  const text =
    '{% if gpu %}\nmodel: {{ model }}\n{% endif %}\nrole: !Ref Role\nimage: "{{ registry }}/x"\nseed: ${oc.env:SEED}\n';
  const found = await scalars('yaml', text);
  assert.equal(found['model']?.value, '{{ model }}');
  assert.equal(found['role']?.value, 'Role');
  assert.equal(found['image']?.value, '{{ registry }}/x');
  assert.equal(found['seed']?.value, '${oc.env:SEED}');
});

test('YAML: what stands before and after a mistake is kept, and the mistake is a problem', async () => {
  const parsed = await parseText('yaml', 'a: 1\nb: [1, 2\nc: 3\n');
  assert.ok(parsed.language === 'yaml');
  assert.equal(parsed.scalars[0]?.value, 1);
  assert.equal(parsed.problems[0]?.code, 'malformed');
});

test('JSON: comments, trailing commas, escapes and a cut end', async () => {
  const text = '// c\n{"a": [1, "x\\n", true,], "b": {"c": "é"}, "d": "cut';
  const found = await scalars('json', text);
  assert.equal(found['a.1']?.value, 'x\n');
  assert.equal(at(text, found['a.1']?.innerRange), 'x\\n');
  assert.equal(found['a.2']?.value, true);
  assert.equal(at(text, found['b.c']?.range), '"é"');
});

test('Python: import aliases, keywords, spreads and places', async () => {
  const text = [
    'import torch as t',
    'from torch import load',
    'from transformers import AutoModel as A',
    'x = t.load("é/😀.pt", weights_only=False,)',
    "m = A.from_pretrained('org/x', trust_remote_code=True, **options)",
    'load("a" "b")',
    'options = {"trust_remote_code": True, "revision": f"{x}"}',
    'build().to("cuda")',
  ].join('\r\n');
  const { calls } = await python(text);
  assert.deepEqual(
    calls.map((call) => call.callee),
    ['torch.load', 'transformers.AutoModel.from_pretrained', 'torch.load', 'dict', '.to', 'build'],
  );
  const [first, second, third, dictionary] = calls;
  assert.equal(first?.positional[0]?.value, 'é/😀.pt');
  assert.equal(at(text, first?.positional[0]?.innerRange), 'é/😀.pt');
  assert.equal(first?.keywords['weights_only']?.value, false);
  assert.deepEqual(first?.insertAt, { line: 4, column: 41 });
  assert.equal(first?.spread, undefined);
  assert.equal(second?.spread, true);
  assert.equal(third?.positional[0]?.value, 'ab');
  assert.equal(dictionary?.keywords['trust_remote_code']?.value, true);
  assert.equal(dictionary?.keywords['revision']?.value, undefined);
});

test('Python: strings are kept but for docstrings, bytes and interpolated ones', async () => {
  const { strings } = await python(
    [
      '"""docs of model.pt"""',
      'def load():',
      '    "docs"',
      "    return [r'a\\b', 'c\\x41', b'no', f'{load}', u'é']",
    ].join('\n'),
  );
  assert.deepEqual(
    strings.map((string) => string.value),
    ['a\\b', 'cA', 'é'],
  );
});

test('Python: an import below its use counts, a file with nothing to load is not parsed', async () => {
  const late = await python('def f():\n    return t.load(x)\nimport torch as t\n');
  assert.equal(late.calls[0]?.callee, 'torch.load');
  assert.deepEqual(await python('print("hello")\n'), noPython([]));
});

test('hostile texts end at a limit that is reported', async () => {
  const cases: [TextLanguage, string, string][] = [
    ['yaml', 'a: b\n'.repeat(textLimits.length.yaml / 4), 'limit-length'],
    ['yaml', '['.repeat(50_000), 'limit-depth'],
    ['yaml', `${'- '.repeat(20_000)}x`, 'limit-depth'],
    ['yaml', `${'x\n---\n'.repeat(textLimits.facts)}`.slice(0, 650_000), 'limit-facts'],
    ['json', '['.repeat(500_000), 'limit-depth'],
    ['json', `[${'1,'.repeat(textLimits.facts + 1)}1]`, 'limit-facts'],
    ['python', 'load()\n'.repeat(textLimits.length.python / 4), 'limit-length'],
    ['python', 'load('.repeat(50_000), 'malformed'],
    ['python', `load(${"'a',".repeat(textLimits.facts)})`, 'limit-facts'],
  ];
  for (const [language, text, code] of cases) {
    const { problems } = await parseText(language, text);
    assert.ok(
      // Which limit comes first depends on the machine: a slow one is out of time before it is out of facts.
      problems.some((problem) => problem.code === code || problem.code === 'limit-time'),
      `${language} ${text.slice(0, 10)}: ${JSON.stringify(problems)}`,
    );
  }
});

test('YAML: what stands in front of too much punctuation is kept, and that more follows is told', async () => {
  // Comments are no values, of which there is a limit, too; a key that is written out leaves the text to the library.
  const parsed = await parseText('yaml', `a: b\n? e\n: f\n${'#\n'.repeat(250_000)}c: d\n`);
  assert.ok('scalars' in parsed);
  assert.deepEqual(
    parsed.scalars.map(({ value }) => value),
    ['b', 'f'],
  );
  assert.deepEqual(
    parsed.problems.map(({ code }) => code),
    ['limit-facts'],
  );
  assert.ok((parsed.problems[0]?.line ?? 0) > 90_000);
});
