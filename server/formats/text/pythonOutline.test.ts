import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PythonCall } from './facts.ts';
import { parsePython, parseWholePython } from './python.ts';
import { nameMayConcern, partMayConcern, startsPrograms } from './pythonConcern.ts';

/** Long enough to be left out, with nothing that concerns a rule. */
const silent = (name: string, body = 'return sum(x)'): string =>
  `def ${name}(x):\n    """Loads nothing: torch.load(x)."""\n    total = x + 1 + 2 + 3 + 4 + 5 + 6 + 7 + 8\n    ${body}\n\n`;

const callees = (calls: readonly PythonCall[]): string[] => calls.map(({ callee }) => callee);

test('functions that concern no rule are left out, and what remains stands where it stood', async () => {
  const text = `import torch\n\n${silent('first')}class C:\n    y: int = 1\n\n${indented(silent('second'))}    def load(self):\n        return torch.load('a.pt')\n\n${silent('third')}torch.load('b.pt')\n`;
  const whole = await parseWholePython(text);
  const part = await parsePython(text);
  assert.deepEqual(callees(whole.calls), ['sum', 'sum', 'torch.load', 'sum', 'torch.load']);
  assert.deepEqual(
    part.calls,
    whole.calls.filter(({ callee }) => callee === 'torch.load'),
  );
  assert.deepEqual(part.strings, whole.strings);
  assert.deepEqual(part.defaults, whole.defaults);
});

test('functions in which names of the rest mean something are read after all, in the order of the text', async () => {
  const cases: [name: string, text: string][] = [
    ['an import', `from torch import load as tl\n${silent('f', 'return tl(x)')}tl('b.pt')\n`],
    ['a module', `import subprocess as sp\n${silent('f', 'return sp.run(x)')}sp.run('b')\n`],
    ['an alias of an alias', `import torch\na = torch.load\nb = a\n${silent('f', 'return b(x)')}b('b.pt')\n`],
    ['a string', `URL = 'http://models.example.org/a'\n${silent('f', 'return get(URL)')}load(URL)\n`],
    ['what binds a name once more', `PATH = 'a'\n${silent('f', 'PATH = 1')}load(PATH)\n`],
    ['a parameter that binds a name once more', `PATH = 'a'\n${silent('f').replace('(x)', '(PATH)')}load(PATH)\n`],
    ['a function that has the name', `PATH = 'a'\n${silent('PATH')}load(PATH)\n`],
    ['what binds an alias', `import torch\nf = torch.load\n${silent('g', 'f = 1')}f('a')\n`],
    ['a name within a function', `${silent('f', 'p = x')}def load():\n    p = 'a'\n    load(p)\n`],
    ['a command', `import subprocess\n${silent('f', 'c = f"{x}"')}def g(c):\n    subprocess.run(c, shell=True)\n`],
    ['letters of any alphabet', `import torch\nprüfe = torch.load\n${silent('f', 'return prüfe(x)')}prüfe('a')\n`],
    [
      'a default',
      `${silent('f').replace('(x)', '(x, given=True)')}def load(given):\n    load('o/m', trust_remote_code=given)\n`,
    ],
  ];
  for (const [name, text] of cases) {
    assert.deepEqual(await parsePython(text), await parseWholePython(text), name);
    assert.equal((await parsePython(text)).defaults.length, name === 'a default' ? 1 : 0, name);
  }
});

test('what is broken, and what cannot be told apart, is read whole', async () => {
  for (const broken of ['x = = 1\n', 'x = (\n', 'if x:\n\treturn f"{a["b"]}"\n']) {
    const text = `${silent('f')}${broken}load('a.pt')\n`;
    assert.deepEqual(await parsePython(text), await parseWholePython(text), broken);
  }
});

/** Numbers that look random and are the same on every run. */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >>> 8) % below;
  };
}

const names = ['a', 'b', 'path', 'cmd', 'Ä', 'f', 'g', 'one', 'two', 'three', 'four', 'five', 'six', 'seven'];
const statements = [
  "NAME = 'x'",
  "NAME = 'model.pt'",
  'NAME = OTHER',
  'NAME = torch.load',
  'NAME = f"{OTHER}"',
  'OTHER(NAME)',
  'NAME.OTHER(1)',
  'torch.load(NAME)',
  'NAME, OTHER = 1, 2',
  'for NAME in OTHER: pass',
  'subprocess.run(NAME, shell=True)',
  "print('# \"', NAME)",
  '"""Text."""',
  'x = [NAME,\n  OTHER(1)]',
  'load(OTHER=NAME, trust_remote_code=NAME)',
  'with open(NAME) as OTHER: OTHER.read()',
  'x = f"{NAME}{{"',
];
const imports = ['import torch', 'import torch as NAME', 'from torch import load as NAME', 'import subprocess as NAME'];

test('of any module, what is read is what is read of the whole, and what is not has nothing for a rule', async () => {
  let [compared, left] = [0, 0];
  for (let seed = 1; seed <= 400; seed++) {
    const roll = dice(seed);
    const pick = (of: readonly string[]): string => of[roll(of.length)] ?? '';
    const filled = (line: string): string => line.replace('NAME', pick(names)).replace('OTHER', pick(names));
    const some = (of: readonly string[], most: number): string =>
      Array.from({ length: 1 + roll(most) }, () => filled(pick(of))).join('\n') + '\n';
    const method = (): string =>
      `${roll(4) === 0 ? `@${pick(names)}\n` : ''}def ${pick(names)}(${pick(names)}, ${pick(names)}2=True):\n${indented(`${some(statements, 4)}x = 1 + 2 + 3 + 4 + 5 + 6 + 7 + 8 + 9\n`)}`;
    const text = Array.from({ length: 8 }, () =>
      roll(3) === 0
        ? some([...statements, ...imports], 3)
        : roll(2) === 0
          ? method()
          : `class C:\n${indented(Array.from({ length: 1 + roll(3) }, method).join(''))}`,
    ).join('\n');
    const whole = await parseWholePython(text);
    const part = await parsePython(text);
    const place = ({ range }: PythonCall): string => JSON.stringify(range);
    const found = new Map(part.calls.map((call) => [place(call) + call.callee, call]));
    assert.deepEqual(
      part.calls.map((call) => place(call)),
      whole.calls.filter((call) => found.has(place(call) + call.callee)).map((call) => place(call)),
    );
    for (const call of whole.calls) {
      const same = found.get(place(call) + call.callee);
      compared++;
      if (same) assert.deepEqual(plain(same), plain(call), `seed ${seed}\n${text}`);
      else {
        left++;
        const isSilent = !nameMayConcern(call.callee) && !partMayConcern(text.split('\n')[call.range.line - 1] ?? '');
        assert.ok(isSilent, `seed ${seed}: ${call.callee} of line ${call.range.line}\n${text}`);
      }
    }
  }
  assert.ok(compared > 4_000 && left > 300, `${compared} calls, ${left} of them left out`);
});

/** Whether a value is put together is asked of commands alone. */
function plain(call: PythonCall): PythonCall {
  if (startsPrograms(call.callee)) return call;
  return { ...call, positional: call.positional.map((given) => ({ ...given, interpolated: false })), keywords: {} };
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '    ');
}
