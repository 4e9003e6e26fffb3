import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { GraphFacts } from '../graph/facts.ts';
import { identify } from '../identify.ts';
import { readOpenvino } from '../openvino/reader.ts';
import { readPmml } from '../pmml/reader.ts';
import { record } from '../recordingContext.fixture.ts';
import { MemorySource } from '../source.ts';
import { xmlAttribute, xmlEntities, xmlRoot, xmlTags } from './tags.ts';

const utf16 = (text: string) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]);
const root = (text: string | Uint8Array) => xmlRoot(new MemorySource(Buffer.from(text as string)));
const facts = (reader: typeof readPmml, text: string | Uint8Array) =>
  record(reader, Buffer.from(text as string)).parts[0] as GraphFacts;
const named = ({ references }: GraphFacts) => references.map(({ what, by, name }) => [what, by, name]);

function tags(text: string) {
  const found: string[] = [];
  const recording = record((source, context) => {
    for (const { kind, name, offset } of xmlTags(source, context)) found.push(`${kind} ${name} ${offset}`);
  }, Buffer.from(text));
  return { found, problems: recording.problems };
}

describe('the tags of an XML document', () => {
  it('leave out comments, CDATA, instructions and text', () => {
    const { found } = tags('<?xml version="1.0"?><!-- <no/> --><a><![CDATA[<no/>]]> 1 > 0 <b c="<no/>"/></a>');
    assert.deepEqual(found, ['open a 35', 'open b 62', 'close a 76']);
  });

  it('have attributes in either quotes, with characters resolved', () => {
    const text = `a x="1 &lt; 2" y = 'it "is"' z="&#65;&#x42;&unknown;"`;
    const tag = { kind: 'open' as const, name: 'a', text, offset: 0 };
    assert.deepEqual(
      ['x', 'y', 'z', 'none'].map((name) => xmlAttribute(tag, name)),
      ['1 < 2', 'it "is"', 'AB&unknown;', null],
    );
  });

  it('have entities, of which external ones are fetched', () => {
    const text =
      '!DOCTYPE r SYSTEM "http://x/r.dtd" [<!ENTITY a "b>c"> <!ENTITY b SYSTEM \'file:///x\'> <!ENTITY % p PUBLIC "-//x" "y.ent">]';
    assert.deepEqual(
      xmlEntities({ kind: 'doctype', name: 'r', text, offset: 0 }).map(({ name, external, value }) => [
        name,
        external,
        value,
      ]),
      [
        ['r', true, 'http://x/r.dtd'],
        ['a', false, 'b>c'],
        ['b', true, 'file:///x'],
        ['p', true, 'y.ent'],
      ],
    );
  });

  it('find the root, whatever stands before it and however it is encoded', () => {
    assert.equal(root('<net/>'), 'net');
    assert.equal(
      root(`\n<?xml version="1.0"?><!--${' '.repeat(20_000)}--><!DOCTYPE net [<!ENTITY a "<b>">]><net>`),
      'net',
    );
    assert.equal(root(utf16('<net/>')), 'net');
    assert.equal(root(Buffer.from('\ufeff<net/>')), 'net');
    for (const text of ['', 'plain', '{"a": "<net>"}', '<!-- only -->', '</net>']) assert.equal(root(text), null);
  });

  it('tell a tag that is too long', () => {
    const { found, problems } = tags(`<a x="${'y'.repeat(100_000)}"/><b/>`);
    assert.deepEqual([found.length, problems.map(({ code }) => code)], [2, ['limit-memory']]);
  });

  it('never throw', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('<', '>', '!', '[', ']', '"', "'", '-', '?', 'DOCTYPE', 'ENTITY', ' ', 'a', '=')),
        (parts) => {
          const bytes = Buffer.from(`<net${parts.join('')}`);
          for (const reader of [readPmml, readOpenvino]) assert.equal(record(reader, bytes).parts.length, 1);
          xmlRoot(new MemorySource(bytes));
        },
      ),
    );
  });
});

describe('the readers of XML models', () => {
  it('tell layers and weights of OpenVINO', () => {
    const text = `<?xml version="1.0"?><net name="m" version="11"><layers>
      <layer id="0" name="w" type="Const" version="opset1"><data element_type="f16" shape="2, 3" offset="0" size="12"/></layer>
      <layer id="1" name="x" type="Mine" version="extension"/></layers></net>`;
    assert.deepEqual(identify(new MemorySource(Buffer.from(text)), 'x.txt'), ['openvino']);
    for (const document of [text, utf16(text)]) {
      const { operators, tensors, properties } = facts(readOpenvino, document);
      assert.deepEqual(
        operators.map(({ domain, name }) => [domain, name]),
        [
          ['opset1', 'Const'],
          ['extension', 'Mine'],
        ],
      );
      assert.deepEqual(tensors, [{ name: 'w', dtype: 'F16', shape: [2, 3], bytes: 12 }]);
      assert.deepEqual(properties, { name: 'm', 'IR version': '11' });
    }
  });

  it('tell classes, scripts and entities of PMML', () => {
    const text = `<!DOCTYPE PMML [<!ENTITY e SYSTEM "file:///etc/passwd">]><PMML version="4.4"><TreeModel/>
      <Apply function="x-log"/><Apply function="if"/><Apply function="java.lang.Runtime"/>
      <Extension name="javascript" value="f()"/><Extension name="shape" value="round"/></PMML>`;
    assert.deepEqual(identify(new MemorySource(Buffer.from(text)), 'x'), ['pmml']);
    assert.deepEqual(named(facts(readPmml, text)), [
      ['entity', 'e', 'file:///etc/passwd'],
      ['class', 'Apply', 'java.lang.Runtime'],
      ['code', 'Extension', 'javascript f()'],
    ]);
  });
});
