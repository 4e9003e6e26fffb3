import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Parser, type Node } from 'web-tree-sitter';
import { parsePython } from './python.ts';
import { pythonGrammar } from './pythonGrammar.ts';
import { plainString, PythonTree } from './pythonTree.ts';

const text = `import torch as t
@decorated(1)
class C(Base):
    x: int = field(default="a")
    async def f(self, y=b"b", *z, **w) -> None:
        """Text."""
        for i, j in zip(y, f"{i} and {j!r:>{w}}"):
            yield t.load(i + "s" % j, not_in=[k for k in y if k not in z], **{"a": -1.5})
match x:
    case C(a=1) as c: print(c, 'é' "\\U0001f600")
def g(: pass
`;

test('the table says of each node what the library says of it', async () => {
  const grammar = await pythonGrammar();
  const parser = new Parser();
  parser.setLanguage(grammar.language);
  const root = parser.parse(text)?.rootNode;
  assert.ok(root);
  const tree = new PythonTree(grammar);
  const cursor = root.walk();
  // Twice, for the table is used again; the cursor is where it was.
  for (let time = 0; time < 2; time++) assert.equal(tree.read(cursor, text, Infinity), true);
  assert.equal(cursor.nodeType, 'module');
  assert.equal(cursor.gotoFirstChild(), true);
  assert.equal(cursor.nodeType, 'import_statement');

  let compared = 0;
  const compare = (node: number, known: Node, parent: number): void => {
    compared++;
    assert.deepEqual(
      [tree.type(node), tree.start(node), tree.end(node), tree.text(node), tree.parent(node)],
      [known.type, known.startIndex, known.endIndex, known.text, parent],
    );
    const children = tree.children(node);
    if (children.length === 0) return;
    const ofLibrary = known.namedChildren.filter((child) => child !== null);
    assert.equal(children.length, ofLibrary.length, known.text);
    for (const [index, child] of ofLibrary.entries()) compare(children[index] ?? -1, child, node);
    for (const field of ['function', 'arguments', 'left', 'right', 'operator', 'name', 'value', 'attribute']) {
      const found = tree.child(node, field);
      if (found !== undefined) assert.equal(tree.start(found), known.childForFieldName(field)?.startIndex);
    }
  };
  compare(0, root, -1);
  assert.ok(compared > 120, `${compared} nodes`);
  const call = Array.from({ length: tree.length }, (_, node) => node).find((node) => tree.type(node) === 'call') ?? -1;
  assert.equal(tree.text(tree.child(call, 'function') ?? -1), 'decorated');
});

test('a walk that takes too long stops, and what it has is whole', async () => {
  const grammar = await pythonGrammar();
  const parser = new Parser();
  parser.setLanguage(grammar.language);
  const root = parser.parse('x = f(1)\n'.repeat(2_000))?.rootNode;
  assert.ok(root);
  const tree = new PythonTree(grammar);
  const cursor = root.walk();
  assert.equal(tree.read(cursor, '', 0), false);
  assert.ok(tree.length > 100 && tree.length < 2_000, `${tree.length} nodes`);
  assert.equal(cursor.nodeType, 'module');
  assert.equal(tree.children(0).length, Math.ceil((tree.length - 1) / 7));
});

test('strings that are text alone are told from all others', async () => {
  const plain = ['""', "'a'", '"""a"b"""', "r'\\d'", 'U"x"', String.raw`"a\\"`, String.raw`'''\''''`];
  const others = ['f"a"', 'b"a"', 'rb"a"', '"a', '"""a"', '"""', String.raw`"a\"`, String.raw`'''a\'''`, 'x'];
  assert.deepEqual(
    [...plain, ...others].filter((each) => plainString(each) !== null),
    plain,
  );
  const { strings } = await parsePython(String.raw`load(r"\'", r'\\', "\'")`);
  assert.deepEqual(
    strings.map(({ value }) => value),
    ["\\'", '\\\\', "'"],
  );
  assert.deepEqual(plainString(String.raw`R"a\""`), { raw: true, from: 2, to: 5 });
});
