import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TextRange } from './facts.ts';
import { parseText } from './parse.ts';

const cell = (source: string | string[], type = 'code') => ({ cell_type: type, metadata: {}, outputs: [], source });
const notebook = (cells: object[], metadata: object = {}) =>
  JSON.stringify({ cells, metadata, nbformat: 4, nbformat_minor: 5 }, null, 1);

async function parse(text: string) {
  const parsed = await parseText('notebook', text);
  assert.ok(parsed.language === 'python');
  const lines = text.split('\n');
  const shown = ({ line, column, endLine, endColumn }: TextRange) => {
    assert.equal(line, endLine);
    return lines[line - 1]?.slice(column - 1, endColumn - 1);
  };
  return { ...parsed, lines, shown };
}

describe('the code cells of a notebook', () => {
  it('of a shell are one script, and no Python', async () => {
    const text = notebook([
      cell(['%%bash\n', 'pip install \\\n', '  torch\n', 'wget x']),
      cell('%%html\n<a>load</a>'),
      cell('import pickle\npickle.load(f)'),
      cell('%%sh\ncurl "y"'),
    ]);
    const { calls, embedded = [], shown } = await parse(text);
    const [script] = embedded;
    assert.ok(embedded.length === 1 && script?.facts.language === 'shell');
    const places = script.facts.words.filter(({ value }) => value.trim() !== '');
    assert.deepEqual(
      places.map(({ range }) => shown(script.places?.range(range) ?? script.outer)),
      ['pip', 'install', 'torch', 'wget', 'x', 'curl', String.raw`\"y\"`],
    );
    assert.deepEqual(
      calls.map(({ callee }) => callee),
      ['pickle.load'],
    );
  });

  it('that are written to files are those files', async () => {
    const text = notebook([
      cell(['%%writefile train.py\n', 'import torch\n', 'torch.load("a", weights_only=False)']),
      cell('%%writefile -a requirements.txt\ntorch==2.5.1\n'),
      cell('%%writefile notes.txt\nload'),
      cell('%%file README.md\n---\na: 1\n---\n'),
    ]);
    const { calls, embedded = [], shown } = await parse(text);
    assert.deepEqual(
      embedded.map(({ name, language }) => [name, language]),
      [
        ['train.py', 'python'],
        ['requirements.txt', 'requirements'],
      ],
    );
    const [code] = embedded;
    assert.ok(code?.facts.language === 'python' && code.places);
    assert.equal(
      shown(code.places.range(code.facts.calls[0]?.range ?? code.outer)),
      String.raw`torch.load(\"a\", weights_only=False)`,
    );
    assert.deepEqual(calls, []);
  });

  it('are Python, with places in the text of the notebook', async () => {
    const text = notebook([
      cell(['# A title\n', 'import torch'], 'markdown'),
      cell(['import torch as t\n', '\n', 'w = t.load("model.pt", map_location=\'cpu\')\n', 'print("x")']),
    ]);
    const { calls, strings, shown, lines } = await parse(text);
    const load = calls.find(({ callee }) => callee === 'torch.load');
    assert.ok(load);
    assert.equal(shown(load.range), String.raw`t.load(\"model.pt\", map_location='cpu')`);
    const [path] = strings;
    assert.ok(path);
    assert.equal(shown(path.range), String.raw`\"model.pt\"`);
    assert.equal(shown(path.innerRange), 'model.pt');
    const { line, column } = load.insertAt;
    assert.ok(lines[line - 1]?.slice(0, column - 1).endsWith("map_location='cpu'"));
  });

  it('know the imports of one another, written as one string or escaped', async () => {
    const first = notebook([cell('import pickle\n'), cell('pickle.load(open("a\\\\b", "rb"))')]);
    assert.ok((await parse(first)).calls.some(({ callee }) => callee === 'pickle.load'));
    const escaped = first.replace('pickle.load(', String.raw`\u0070ickle.load(`);
    const { calls, shown } = await parse(escaped);
    const load = calls.find(({ callee }) => callee === 'pickle.load');
    assert.match(load ? (shown(load.range) ?? '') : '', /^\\u0070ickle\.load\(/);
  });

  it('may hold magics, and cells in other languages are left out', async () => {
    const { calls } = await parse(
      notebook([
        cell('%matplotlib inline\n!pip install x\nimport torch\ntorch.load("a.pt")'),
        cell('%%time\ntorch.load("b.pt")'),
        cell('%%bash\npython -c "torch.load(1)"'),
      ]),
    );
    assert.deepEqual(
      calls.filter(({ callee }) => callee === 'torch.load').map(({ positional }) => positional[0]?.value),
      ['a.pt', 'b.pt'],
    );
    const other = notebook([cell('torch.load("a.pt")')], { language_info: { name: 'R' } });
    assert.deepEqual((await parse(other)).calls, []);
  });

  it('are found in version 3, too', async () => {
    const old = JSON.stringify({ worksheets: [{ cells: [{ cell_type: 'code', input: ['torch.load("a.pt")'] }] }] });
    assert.equal((await parse(old)).calls.length, 1);
  });

  it('of what is no notebook are none', async () => {
    for (const text of [
      '',
      '[',
      '{"cells": 7}',
      '{"cells": [{"source": [[["torch.load(1)"]]]}]}',
      '"\\',
      '['.repeat(50_000),
    ])
      assert.deepEqual((await parse(text)).calls, []);
  });
});
