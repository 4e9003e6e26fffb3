import assert from 'node:assert/strict';
import { test } from 'node:test';
import { functionSpans } from './pythonFunctions.ts';

const written = (text: string): [whole: string, code: string][] | null =>
  functionSpans(text)?.map(({ start, code, end }) => [text.slice(start, end), text.slice(code, end)]) ?? null;

test('functions are found with their decorators, from their first statement to the last one', () => {
  const text = [
    '@outer(',
    '    1)',
    '# c',
    '@other',
    'async def f(a: int = {1: 2}[1], *b) -> dict[',
    'str, int]:  # c',
    '    r"""Says',
    'nothing."""',
    '',
    '  # less',
    '    return """',
    'x""" if a else \\',
    'b',
    '',
    '# behind',
    'class C:',
    '    x = 1',
    '    def g(self):',
    '        def inner(): pass',
    "        f = f'{self.x!r:>{2}}' + '\\'' + \"#\"",
    '        return [',
    '1]',
    '    def short(self): return 1',
    'if x:',
    '    def h():',
    '        pass',
  ];
  for (const end of ['\n', '\r\n']) {
    const found = written(text.join(end))?.map((each) => each.map((part) => part.split(end)));
    assert.deepEqual(found, [
      [text.slice(0, 13), ['', ...text.slice(8, 13)]],
      [
        ['def g(self):', ...text.slice(18, 22)],
        ['def inner(): pass', ...text.slice(19, 22)],
      ],
      [['def h():', '        pass'], ['pass']],
    ]);
  }
});

test('a docstring alone is all that stands in a function, and a string with more behind it is none', () => {
  assert.deepEqual(written('def f():\n    "Says."\n'), [['def f():\n    "Says."', '']]);
  assert.deepEqual(written('def f():\n    "Says.".x()\n'), [['def f():\n    "Says.".x()', '"Says.".x()']]);
  assert.deepEqual(written('def f():\n    "a" "b"\n'), [['def f():\n    "a" "b"', '"a" "b"']]);
});

test('a string that is a statement outside of functions is found, too: it says nothing', () => {
  const text = '"""Says."""\nx = "none"\nclass C:\n    r"""Says\n    more."""\n    y = 1\n    f"{x}"\n';
  assert.deepEqual(written(text), [
    ['"""Says."""', ''],
    ['r"""Says\n    more."""', ''],
  ]);
});

test('where the end of something is not plain, nothing is said', () => {
  const unclear = [
    'def f():\n\treturn 1\n',
    'def f():\n    x = (1\n',
    'def f():\n    x = 1)\n',
    'def f():\n    x = "\n',
    'def f():\n    x = """\n',
    'def f():\n    x = 1 \\ 2\n',
    'def f():\r    x = 1\r',
    // Strings in strings of the same quotes (PEP 701): what looks like code between them is none.
    'def f():\n    x = f"{a["b"]}"\n',
    'def f():\n    x = rf"{a["#"]}"\n',
  ];
  for (const text of unclear) assert.equal(written(text), null, JSON.stringify(text));
  assert.deepEqual(written('def f():\n    x = f"{{" + f"{a[\'b\']}"\n')?.length, 1);
});
