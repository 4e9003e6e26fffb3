import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EditedJson } from './editedJson.ts';
import { EditedPython } from './editedPython.ts';
import { EditedYaml } from './editedYaml.ts';
import { parseJson } from './json.ts';
import { parseYaml } from './yaml.ts';
import { parseWholePython } from './python.ts';

/** Numbers that look random and are the same on every run. */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >>> 8) % below;
  };
}

const python = `import torch as t
from transformers import AutoModel
PATH = "ckpt/model.pt"
load = t.load

class Config:
    trust_remote_code: bool = True
    """What it is."""

    def read(self, path=PATH):
        with open(path) as file:
            for line in file:
                yield t.load(line, weights_only=False)

if __name__ == "__main__":
    parser.add_argument("--trust-remote-code", action="store_true")
    model = load(PATH, map_location={"cuda:0": "cpu", "x": PATH})
    try:
        AutoModel.from_pretrained("org/model", trust_remote_code=True, **{"revision": "main"})
    except OSError as error:
        print(f"failed {error}")
`;

/** Longer than a statement that is kept as a whole. */
const long = `class Long:
    def run(self, given):
        local = "local.pt"
        if given:
${Array.from({ length: 60 }, (_, index) => `            t.load(local, map_location=given, name="part ${index}")`).join('\n')}
        def inner():
            within = "within.pt"
            return load(within)
        return local
`;

const pieces = [
  'x',
  '\n',
  ' ',
  '    ',
  '(',
  ')',
  '"',
  "'",
  '"""',
  ':',
  ',',
  '=',
  '#',
  'é',
  '\u{1F600}',
  '\r\n',
  '\\',
  'PATH = 2\n',
  'def f(load):\n    ',
  '    return t.load("b.pt")\n',
  'import os\n',
];

/** The text with some of it taken out and a piece put in. */
function edit(text: string, roll: (below: number) => number, of = pieces): string {
  const at = roll(text.length + 1);
  const taken = roll(3) === 0 ? roll(12) : 0;
  const piece = roll(4) === 0 ? '' : (of[roll(of.length)] ?? '');
  return text.slice(0, at) + piece + text.slice(at + taken);
}

test('a Python text that is edited step by step says what it says when it is read as a whole', async () => {
  for (let seed = 1; seed <= 12; seed++) {
    const roll = dice(seed);
    const edited = new EditedPython();
    try {
      let text = seed % 3 === 0 ? python + long : python.repeat(1 + (seed % 3));
      for (let step = 0; step < 60; step++) {
        const whole = await parseWholePython(text);
        const now = await edited.parse(text);
        const at = `seed ${seed}, step ${step}: ${JSON.stringify(text)}`;
        // Where the grammar is broken, the parser may mend an edited text otherwise than a new one.
        if (whole.problems.length === 0) assert.deepEqual(now, whole, at);
        else assert.deepEqual(now.problems, whole.problems, at);
        text = step % 7 === 6 ? (step % 2 === 0 ? python : long + python) : edit(text, roll);
      }
    } finally {
      edited.dispose();
    }
  }
});

/** Statements of a module, as a change of one may reach into the next. */
const modulePieces = [
  ...[
    'else: pass\n',
    'elif x:\n    pass\n',
    '@dec\n',
    'match x:\n',
    '    case 1:\n        t.load("c.pt")\n',
    'if x:\n',
  ],
  ...[
    'try:\n    pass\n',
    'except X:\n    pass\n',
    '; f()',
    '# c\n',
    '    # c\n',
    '\f',
    'x = t.\n',
    'x = \\\n',
    '[\n',
    ']\n',
  ],
  ...[
    '    t.load("a.pt")\n',
    't.load(PATH)\n',
    '\n\n',
    'load = print\n',
    'async ',
    '"""\n',
    'class A:\n',
    'def g():\n',
  ],
];

test('a Python text that is not broken is read from the statements of the module that a change touches', async () => {
  for (let seed = 1; seed <= 12; seed++) {
    const roll = dice(seed);
    const edited = new EditedPython();
    try {
      let text = `# Top.\n\n${python.repeat(2)}${long}\nx = 1; y = t.load("d.pt")\n${python}`;
      let last = text;
      for (let step = 0; step < 60; step++) {
        const whole = await parseWholePython(text);
        const now = await edited.parse(text);
        const where = `seed ${seed}, step ${step}: ${JSON.stringify(text)}`;
        if (whole.problems.length === 0) {
          assert.deepEqual(now, whole, where);
          last = text;
        } else assert.deepEqual(now.problems, whole.problems, where);
        // What is broken is taken back.
        const [before, behind] = [roll(last.length), roll(4) === 0 ? roll(40) : 0];
        const at = roll(3) === 0 ? before : last.lastIndexOf('\n', before) + 1;
        const piece = roll(6) === 0 ? '' : (modulePieces[roll(modulePieces.length)] ?? '');
        text = last.slice(0, at) + piece + last.slice(at + behind);
      }
    } finally {
      edited.dispose();
    }
  }
});

test('what stands in other statements of the module is the same facts in the next version, moved', async () => {
  const edited = new EditedPython();
  try {
    const text = 'import torch\ntorch.load("a.pt")\nx = 1\ntorch.load("b.pt")\n';
    const [above, below] = (await edited.parse(text)).calls;
    const next = await edited.parse(text.replace('x = 1', 'x = (1,\n  torch.load("c.pt"))'));
    assert.equal(next.calls[0], above);
    assert.equal(next.calls[2], below);
    assert.equal(below?.range.line, 5);
  } finally {
    edited.dispose();
  }
});

const yaml = `# A stack.
version: "3.9"
services:
  worker:
    image: registry/worker:1
    command: python serve.py --model /models/m
    environment:
      - A=b
      - {C: d}
    text: |
      some
        text: of lines

      more
    ports: [1,
      2]
  # Between.
  other:
    list:
    - name: x
      value: 1
      deep: {a: b}

    - name: y
      value: "quoted
        further"
    empty:
    last: true
end: null
---
kind: Job
spec:
  - &here a: 1
    b: 2
  - *here
  - c:
      d: e
`;

const yamlPieces = [
  ...pieces,
  '- ',
  '  ',
  'key: value\n',
  '    nested: 1\n',
  '  - item\n',
  '---\n',
  '&a ',
  '*a',
  '|\n',
  '{',
  ']',
  '# x',
  '\n\n',
  '{{ x }}',
  '? ',
];

test('a YAML text that is edited step by step says what it says when it is read as a whole', () => {
  for (let seed = 1; seed <= 40; seed++) {
    const roll = dice(seed);
    const edited = new EditedYaml();
    let text = yaml;
    for (let step = 0; step < 80; step++) {
      const [now, whole] = [edited.parse(text), parseYaml(text)];
      const at = `seed ${seed}, step ${step}: ${JSON.stringify(text)}`;
      // Each document of a stream with templates is masked for itself.
      const isExact = !text.includes('{{');
      // Where the grammar is broken, what the parser makes of the words around the break may differ.
      if (isExact && whole.problems.length === 0) assert.deepEqual(now, whole, at);
      else if (isExact)
        assert.deepEqual(
          now.problems.map(({ code }) => code),
          whole.problems.map(({ code }) => code),
          at,
        );
      text = step % 9 === 8 ? yaml.repeat(1 + (step % 2)) : edit(text, roll, yamlPieces);
    }
  }
});

const json = `// Jobs.
{
  "jobs": [
    {
      "name": "one", "seed": 1,
      "environment": {"OUT": "/out", "PATH": "/bin"},
      "limits": [1, 2, [3, {"deep": [true, false, null]}], "\\u00e9"],
      /* Between. */ "empty": {}, "none": []
    }, {"name": "two",
      "seed": 2, "model": "org/\u{1F600}"},
    {
      "name": "three",
      "more": {"a": {"b": {"c": "d"}}}
    }
  ],
  "last": -1.5e3
}
`;

const jsonPieces = [
  ...['x', '\n', ' ', '"', '{', '}', '[', ']', ',', ':', '\\', '\r\n', '\r', '//', '/*', '*/', '\u{1F600}', '1', '-'],
  ...['"key": "value",\n', '{"a": [1]}', ', {}', '"open": {', '[[', ']]', '\\u12', '{"eventTime": 1}\n{', '""'],
];

test('a JSON text that is edited step by step says what it says when it is read as a whole, broken or not', () => {
  for (let seed = 1; seed <= 60; seed++) {
    const roll = dice(seed);
    const edited = new EditedJson();
    let text = json;
    for (let step = 0; step < 120; step++) {
      assert.deepEqual(edited.parse(text), parseJson(text), `seed ${seed}, step ${step}: ${JSON.stringify(text)}`);
      text = step % 9 === 8 ? (step % 2 === 0 ? json : json.replaceAll('\n', '\r\n')) : edit(text, roll, jsonPieces);
    }
  }
});

test('what does not change in a JSON text is the same nodes in the next version, moved', () => {
  const edited = new EditedJson();
  const first = edited.parse('{"jobs": [\n{"a": 1},\n{"b": 2}\n]}');
  const [, before] = first.scalars;
  const next = edited.parse('{"jobs": [\n{"a":\n\n1},\n{"b": 2}\n]}');
  assert.equal(next.scalars[1], before);
  assert.equal(before?.range.line, 5);
});

test('a key that is being typed into YAML leaves the items around it the same nodes, from its first letter on', () => {
  const others = Array.from({ length: 4 }, (_, index) => `  other${index}:\n    image: x\n    ports: [1]\n`).join('');
  const edited = new EditedYaml();
  const typed = (key: string): string => `services:\n  one:\n    image: x\n${key}    env:\n      - A=b\n${others}`;
  let { scalars } = edited.parse(typed('    \n'));
  for (const key of ['    s\n', '    st\n', '    sto\n', '    stop:\n', '    stop: 1\n']) {
    const before = scalars.at(-1);
    ({ scalars } = edited.parse(typed(key)));
    assert.equal(scalars.at(-1), before, key);
    assert.equal(before?.range.line, 18, key);
  }
});

/** The versions of a text into which lines are typed, key by key, at random places; some are left unfinished. */
function* typing(text: string, roll: (below: number) => number, lines: readonly string[]): Generator<string> {
  const end = text.includes('\r\n') ? '\r\n' : '\n';
  let version = text;
  for (let round = 0; round < 6; round++) {
    const starts = [...version.matchAll(/\n/g)].map(({ index }) => index + 1);
    let at = starts[roll(starts.length)] ?? 0;
    const typed = `${lines[roll(lines.length)] ?? ''}${end}`;
    const keys = [...typed].slice(0, roll(4) === 0 ? roll(typed.length) : typed.length);
    for (const key of keys) {
      version = version.slice(0, at) + key + version.slice(at);
      at += key.length;
      yield version;
    }
  }
}

test('YAML into which lines are typed key by key says what it says when it is read as a whole', () => {
  const lines = [
    ...['    stop_signal: é\u{1F600}', '  third:', '      - "x: y"', '    text: >-', 'last: &l {a: [1, 2]}'],
    ...['    - name: z', '      value: |', '        words', "    quoted: 'it''s'", '  # remark', '    on: *l'],
  ];
  for (let seed = 1; seed <= 12; seed++) {
    const roll = dice(seed);
    const edited = new EditedYaml();
    for (const text of typing(seed % 3 === 0 ? yaml.replaceAll('\n', '\r\n') : yaml, roll, lines)) {
      const [now, whole] = [edited.parse(text), parseYaml(text)];
      const at = `seed ${seed}: ${JSON.stringify(text)}`;
      if (whole.problems.length === 0) assert.deepEqual(now, whole, at);
      else assert.equal(now.problems.length, whole.problems.length, at);
    }
  }
});

test('Python into which lines are typed key by key says what it says when it is read as a whole, or that it is broken', async () => {
  const lines = [
    ...[
      '    state = t.load(path, map_location="é")',
      'else:',
      'elif x == "a":',
      '@dec(1)',
      'def g(a, b):',
      'x = (1,',
      ')',
    ],
    ...['foo([1, {"a": 2}], """x""")', '# remark (', '"""Doc', 'with a as b:', '    pass', 't.load("q.pt")'],
  ];
  for (let seed = 1; seed <= 12; seed++) {
    const roll = dice(seed);
    const edited = new EditedPython();
    try {
      for (const text of typing(seed % 3 === 0 ? python.replaceAll('\n', '\r\n') : python, roll, lines)) {
        const [now, whole] = [await edited.parse(text), await parseWholePython(text)];
        const at = `seed ${seed}: ${JSON.stringify(text)}`;
        if (whole.problems.length === 0) assert.deepEqual(now, whole, at);
        else assert.deepEqual(now.problems, whole.problems, at);
      }
    } finally {
      edited.dispose();
    }
  }
});

test('what stands around a broken statement is the same facts, and a bracket is found wherever it is closed', async () => {
  const edited = new EditedPython();
  try {
    const text = (typed: string, behind = ''): string =>
      `import torch\ntorch.load("a.pt")\n${typed}\nprint(),\ntorch.load("b.pt")\n${behind}\ntorch.load("c.pt")\n`;
    const before = await edited.parse(text('g = 1'));
    const [above, below] = [before.calls[0], before.calls.at(-1)];
    for (const typed of ['g = f', 'g = f(', 'g = f(a b', 'g = f(a b, [', 'g = \n']) {
      const now = await edited.parse(text(typed));
      assert.equal(now.calls[0], above, typed);
      assert.equal(now.calls.at(-1), below, typed);
      assert.equal(now.problems.length, typed === 'g = f' ? 0 : 1, typed);
    }
    assert.equal(below?.range.line, 8);
    await edited.parse(text('g = f(['));
    const closed = text('g = f([', '])');
    assert.deepEqual(await edited.parse(closed), await parseWholePython(closed));
  } finally {
    edited.dispose();
  }
});

test('what an alias stands for is what stands at its anchor now', () => {
  const services = (one: string): string => `services:\n  one: &one\n    ${one}\n  two:\n    <<: *one\n    image: x\n`;
  const edited = new EditedYaml();
  for (const text of [services('pid: host'), services('pid: none'), services('ipc: host')])
    assert.deepEqual(edited.parse(text), parseYaml(text), text);
});

test('the anchor of a key moves what stands around it', () => {
  const list = (deep: string): string => `list:\n    - name: x\n      value: 1\n${deep}    - name: y\n`;
  const edited = new EditedYaml();
  for (const text of [list('      deep: 1\n'), list('   &a deep: 1\n')])
    assert.equal(edited.parse(text).problems.length, parseYaml(text).problems.length, text);
});
