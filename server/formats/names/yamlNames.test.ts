import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pythonTags, valuesOf } from './yamlNames.ts';

describe('tags of Python in YAML', () => {
  for (const [how, text] of Object.entries({
    'with the usual handle': 'a: !!python/object/apply:os.system [id]\n',
    'written out': 'a: !<tag:yaml.org,2002:python/object/apply:os.system> [id]\n',
    'with a handle of their own': '%TAG !p! tag:yaml.org,2002:python/\n---\na: !p!object/apply:os.system [id]\n',
    'with the plain handle': '%TAG ! tag:yaml.org,2002:\n---\na: !python/object/apply:os.system [id]\n',
    'with escapes': 'a: !!python%2Fobject/%61pply:os.system [id]\n',
  }))
    it(`are found ${how}`, () =>
      assert.deepEqual(
        pythonTags(text).map(({ name }) => name),
        ['os.system'],
      ));
  it('are not found in texts, and not where they build plain values', () => {
    assert.deepEqual(pythonTags('a: "!!python/object:os.system"\nb: !!python/tuple [1]\n'), []);
    assert.deepEqual(pythonTags('a: !python/object:os.system [id]\n'), []);
  });
});

const targets = (text: string): string[] => valuesOf('_target_', text).map(({ name }) => name);

describe('the values of a key in YAML', () => {
  const cases: Record<string, [text: string, expected: string[]]> = {
    'in a block': ['a:\n  _target_: os.system # why\n', ['os.system']],
    'in quotes': ['"_target_": "os.system"\n', ['os.system']],
    'in single quotes': ["'_target_': 'os.system'\n", ['os.system']],
    'in escapes': ['"\\x5ftarget_": "os\\u002esystem"\n', ['os.system']],
    'in flow style': ['a: {b: 1, _target_: os.system, c: [x]}\n', ['os.system']],
    'in the style of JSON': ['{"a":[{"_target_":"os.system"}]}', ['os.system']],
    'in a list': ['- _target_: os.system\n- a: 1\n', ['os.system']],
    'on the next line': ['_target_:\n  os.system\n', ['os.system']],
    'as an explicit key': ['? _target_\n: os.system\n', ['os.system']],
    'through an anchor of the value': ['a: &x os.system\n_target_: *x\n', ['os.system']],
    'through an anchor of the key': ['a: &k _target_\nb:\n  *k : os.system\n', ['os.system']],
    'with an anchor and a tag': ['_target_: !!str &x os.system\n', ['os.system']],
    'as a block scalar': ['_target_: |\n  os.system\n', ['os.system']],
    'behind a block scalar': ['- a: |\n    text\n  _target_: os.system\n', ['os.system']],
    'behind a block scalar of a list': ['- |\n  text\n- _target_: os.system\n', ['os.system']],
    'in a further document': ['a: 1\n---\n_target_: os.system\n', ['os.system']],
    twice: ['_target_: a.b\nx: {_target_: c.d}\n', ['a.b', 'c.d']],
    'with Windows lines': ['a:\r\n  _target_: os.system\r\n', ['os.system']],
    'not when it is empty': ['_target_:\nb: x\n', []],
    'not in a comment': ['# _target_: os.system\na: 1 # _target_: x.y\n', []],
    'not in a text': ['a: |\n  _target_: os.system\nb: "_target_: os.system"\n', []],
    'not in another key': ['my_target_: os.system\n', []],
    'not as an address with a colon': ['url: http://a/b:c\n_target_: a:b.c\n', ['a:b.c']],
  };
  for (const [where, [text, expected]] of Object.entries(cases))
    it(where, () => assert.deepEqual(targets(text), expected));

  it('is told with its place', () => {
    assert.equal(valuesOf('_target_', 'a: 1\n_target_: os.system\n')[0]?.offset, 15);
  });

  it('ends on any text', () => {
    const text = Object.values(cases)
      .map(([each]) => each)
      .join('');
    for (let at = 0; at < text.length; at++)
      for (const character of '{["\'|&*!:-\n')
        assert.ok(Array.isArray(targets(text.slice(at) + character + text.slice(0, at))));
    assert.ok(Array.isArray(targets('['.repeat(100_000) + '_target_: a')));
  });
});

it('tags of Python are found, and no others', () => {
  const tags = pythonTags(
    'a: !!python/object/apply:os.system ["id"]\nb: !!str x\nc: "!!python/name:a.b"\nd: !<tag:yaml.org,2002:python/name:builtins.exec> ""\n',
  );
  assert.deepEqual(
    tags.map(({ name, path }) => [name, path]),
    [
      ['os.system', '!!python/object/apply'],
      ['builtins.exec', '!!python/name'],
    ],
  );
});
