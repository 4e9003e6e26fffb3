import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseText, textLanguage, type ParsedText } from '../../server/formats/text/parse.ts';
import { judgeText } from '../../server/rules/judgeText.ts';
import { workspaceOf } from '../../server/rules/exampleFiles.fixture.ts';
import { rules } from '../../server/rules/index.ts';
import type { Finding } from '../../server/rules/finding.ts';
import { assertInside, placesIn } from './places.ts';
import { textLanguages } from './textLanguages.ts';

const runs = process.env['WEIGHBRIDGE_TEST_FULL'] === '1' ? 20_000 : 600;
const settings = { numRuns: runs, seed: 20_240_229 };

/** Facts of texts inside texts lie inside of those, and their places lead back into the outer text. */
function assertEmbeddedInside(text: string, parsed: ParsedText, name: string): void {
  for (const inner of ('embedded' in parsed ? parsed.embedded : undefined) ?? []) {
    assertInside(inner.text, inner.facts, `${name} ${inner.name}`);
    for (const { line, column, endLine = line, endColumn = column } of placesIn(inner.facts)) {
      const place = inner.places?.range({ line, column, endLine, endColumn }) ?? inner.outer;
      assertInside(text, place, `${name} ${inner.name}`);
    }
    assertEmbeddedInside(inner.text, inner.facts, name);
  }
}

async function judge(path: string, text: string): Promise<{ parsed: ParsedText; findings: Finding[] }> {
  const language = textLanguage(path);
  assert.ok(language, path);
  const parsed = await parseText(language, text);
  const { problems, ...facts } = parsed;
  assert.ok(Array.isArray(problems));
  const findings = judgeText({ path, text, workspace: workspaceOf(new Map(), new Map()), ...facts });
  return { parsed, findings };
}

/** Every text that a rule page shows, by its name: what the damage begins with. */
const samples = rules
  .flatMap(({ meta }) => [...meta.avoid, ...meta.prefer])
  .flatMap(({ file, text }) => (text !== undefined && textLanguage(file) !== null ? [{ file, text }] : []));

const pieces = fc.constantFrom(
  ...[
    '{',
    '}',
    '[',
    ']',
    '"',
    "'",
    '\\',
    '\n',
    '\r\n',
    '\r',
    ':',
    ' ',
    '- ',
    '#',
    ';',
    '=',
    '{{ x }}',
    '{% if %}',
    '${x}',
    '&a',
    '*a',
    '<<: ',
    '|',
    '>',
    '!Ref x',
    '\t',
    '---\n',
    '\0',
    '\u{1F600}',
    '\uFEFF',
    'é',
    '!pip ',
    'FROM ',
    'RUN <<EOF\n',
    '__proto__',
    '"""',
    "f'{",
    'null',
    '~',
    '1e-4',
    '.5',
    '@',
    '--',
    '-e git+',
  ],
);

/** A sample in which pieces are put, taken out, or doubled. */
const damaged = fc
  .tuple(
    fc.constantFrom(...samples),
    fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), pieces, fc.nat(12)), { maxLength: 6 }),
  )
  .map(([{ file, text }, cuts]) => {
    let now = text;
    for (const [place, piece, taken] of cuts) {
      const at = Math.floor(place * now.length);
      now = now.slice(0, at) + piece + now.slice(at + taken);
    }
    return { file, text: now };
  });

test('damaged texts of every language: no parser and no rule throws, and every place is inside of the file', async () => {
  await fc.assert(
    fc.asyncProperty(damaged, async ({ file, text }) => {
      const { parsed, findings } = await judge(file, text);
      assertInside(text, parsed, file);
      assertEmbeddedInside(text, parsed, file);
      for (const finding of findings)
        assertInside(text, [finding.location, finding.edits], `${file} ${finding.ruleId}`);
    }),
    settings,
  );
});

const languages = [...Object.values(textLanguages).map(({ file }) => file), 'uv.lock', '.env'];

test('texts of pieces alone, in every language', async () => {
  const text = fc.array(
    fc.oneof(pieces, fc.constantFrom('a', 'server', 'load', 'torch.load(', 'image', 'name', '[[package]]\n')),
    { maxLength: 40 },
  );
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...languages), text, async (file, parts) => {
      const { parsed, findings } = await judge(file, parts.join(''));
      assertInside(parts.join(''), [parsed, findings.map(({ location, edits }) => [location, edits])], file);
    }),
    settings,
  );
});

test('line ends and a byte order mark change no finding but its columns', async () => {
  for (const { file, text } of samples) {
    if (/[\r\uFEFF]/.test(text) || file.endsWith('.ipynb')) continue;
    const plain = await judge(file, text);
    for (const other of [text.replaceAll('\n', '\r\n'), `\uFEFF${text}`]) {
      const changed = await judge(file, other);
      const brief = (findings: Finding[]) =>
        findings.map(({ ruleId, location }) => [ruleId, location.line, location.column]);
      assert.deepEqual(brief(changed.findings), brief(plain.findings), `${file}: ${JSON.stringify(other)}`);
    }
  }
});

const deep = 100_000;

const hostile: Record<string, [file: string, text: string]> = {
  'aliases of aliases': [
    'a.yaml',
    `a: &a [x, x]\n${Array.from({ length: 60 }, (_, level) => `b${level}: &b${level} [*${level ? `b${level - 1}` : 'a'}, *${level ? `b${level - 1}` : 'a'}]`).join('\n')}`,
  ],
  'merges of merges': [
    'a.yaml',
    `apiVersion: v1\nkind: Pod\na: &a {x: 1}\n${Array.from({ length: 60 }, (_, level) => `b${level}: &b${level}\n  <<: [*${level ? `b${level - 1}` : 'a'}, *${level ? `b${level - 1}` : 'a'}]`).join('\n')}\nspec:\n  <<: *b59\n  containers: [{image: x}]\n`,
  ],
  'an alias of itself': ['a.yaml', 'a: &a\n  b: *a\n  <<: *a\n'],
  'deep YAML': ['a.yaml', '['.repeat(deep)],
  'deep block YAML': ['a.yaml', Array.from({ length: 2000 }, (_, level) => `${' '.repeat(level)}a:`).join('\n')],
  'deep JSON': ['a.json', '{"a":'.repeat(deep)],
  'deep TOML': ['a.toml', `a = ${'['.repeat(deep)}`],
  'deep nginx': ['nginx.conf', 'server {'.repeat(deep)],
  'deep text format': ['a.pbtxt', 'a {'.repeat(deep)],
  'deep Python': ['a.py', `load(${'('.repeat(deep)}`],
  'long continuation': ['Dockerfile', `FROM x\nRUN ${'a \\\n'.repeat(20_000)}`],
  'long requirement': ['requirements.txt', `${'a'.repeat(200_000)}${'['.repeat(200_000)}`],
  'many blanks': ['requirements.txt', `a${' '.repeat(300_000)}#${' '.repeat(300_000)}b`],
  'many options': ['requirements.txt', `--${'-a '.repeat(100_000)}`],
  'many quotes': ['nginx.conf', `a ${'"'.repeat(300_001)}`],
  'many backslashes': ['a.properties', `a=${'\\'.repeat(500_000)}`],
  'one long word': ['nginx.conf', 'x'.repeat(1_000_000)],
  'many stages': ['Dockerfile', 'FROM x\n'.repeat(100_000)],
  'many downloads in one command': ['Dockerfile', `FROM x\nRUN ${'curl http://x '.repeat(20_000)}`],
  'many mistakes': ['a.yaml', '"a" '.repeat(200_000)],
  'many locations': ['nginx.conf', `http { server { ${'location / { proxy_pass http://a; } '.repeat(30_000)}}}`],
  'many tables': ['a.toml', Array.from({ length: 20_000 }, (_, index) => `[a${index}]\nb=1`).join('\n')],
  'many dotted keys': ['a.toml', Array.from({ length: 20_000 }, (_, index) => `a.b${index}.c=1`).join('\n')],
  'a template without end': ['a.yaml', '{{ '.repeat(100_000)],
};

for (const [name, [file, text]] of Object.entries(hostile)) {
  test(`hostile: ${name}`, async () => {
    const { parsed } = await judge(file, text);
    assertInside(text, parsed, name);
  });
}
