import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { namesInPython } from './pythonCode.ts';

const names = (text: string): string[] => namesInPython(text).map(({ name }) => name);

it('resolves names through imports', () => {
  assert.deepEqual(names('import os as o\no.system("x")\n'), ['os.system']);
  assert.deepEqual(names('from subprocess import (\n  run as r,\n  PIPE\n)\nr(1)\n'), [
    'subprocess.run',
    'subprocess.PIPE',
  ]);
  assert.deepEqual(names("import os\ngetattr(os, 'popen')('x')\n"), ['os.popen']);
  assert.deepEqual(names("import os\ngetattr(os, 'sys' + 'tem')\n"), ['builtins.getattr(os)']);
  assert.deepEqual(names('import a.b.c\na.b.c.d()\n'), ['a.b.c', 'a.b.c.d']);
});

it('tells the line of each', () => {
  assert.deepEqual(namesInPython('import os\n\nos . system ("x")\n').at(-1), {
    name: 'os.system',
    path: 'line 3',
    offset: 11,
  });
});

it('takes no string and no comment for code, but what f-strings compute', () => {
  const text =
    "import os\n# os.system\ns = \"os.system(1)\" + '''\nexec(os.popen)\n'''\nt = f\"{os.getcwd()} os.remove\"\nmodel.eval()\n";
  assert.deepEqual(names(text), ['os.getcwd']);
});

it('knows built-in functions, unless the code defines its own', () => {
  assert.deepEqual(names('exec(x)\n'), ['builtins.exec']);
  assert.deepEqual(names('def exec(x): pass\nexec(1)\nself.eval(2)\n'), []);
});

it('ends on any text', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void namesInPython(text)));
  assert.deepEqual(
    names(`${'import a\n'.repeat(20_000)}${'"'.repeat(50_000)}${'f"{'.repeat(20_000)}`).length < 10,
    true,
  );
});
