import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pathsAt } from './namedPath.ts';

describe('a path in a text', () => {
  const lines: [string, string][] = [
    ['  resume_from: models/ba|se.pt', 'models/base.pt'],
    ['  resume_from: my models/ba|se.pt  # the base', 'my models/base.pt'],
    ['- models/ba|se.pt', 'models/base.pt'],
    ['model = torch.load("mod|els/base.pt", weights_only=False)', 'models/base.pt'],
    ["load('models/base.pt|')", 'models/base.pt'],
    ['{"weights": "models/|base.pt"}', 'models/base.pt'],
    ['Download [the model](models/ba|se.pt) first.', 'models/base.pt'],
    ['It stands in models/ba|se.pt.', 'models/base.pt'],
    ['python train.py --init=models/ba|se.pt --epochs 3', 'models/base.pt'],
    ['|models/base.pt', 'models/base.pt'],
  ];
  for (const [marked, expected] of lines) {
    it(marked, () => {
      const line = marked.replace('|', '');
      const found = pathsAt(line, marked.indexOf('|'));
      const path = found.find(({ text }) => text === expected);
      assert.ok(path, JSON.stringify(found));
      assert.equal(line.slice(path.start, path.end), expected);
    });
  }

  it('is not what stands elsewhere in the line', () => {
    const found = pathsAt('a: "models/one.pt", b: "models/two.pt"', 30);
    assert.ok(!found.some(({ text }) => text === 'models/one.pt'));
  });

  it('is looked for near the pointer only, however long the line is', () => {
    const found = pathsAt(`${'x '.repeat(500_000)}models/base.pt`, 1_000_003);
    assert.ok(found.some(({ text }) => text === 'models/base.pt'));
  });
});
