import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { record } from '../recordingContext.fixture.ts';
import type { GgufFacts } from './facts.ts';
import { buildGguf } from './ggufBuilder.fixture.ts';
import { readGguf } from './reader.ts';

function facts(bytes: Uint8Array): GgufFacts {
  const part = record(readGguf, bytes).parts.find(({ kind }) => kind === 'gguf');
  assert.ok(part?.kind === 'gguf');
  return part;
}

const templates = (bytes: Uint8Array): unknown[] =>
  record(readGguf, bytes).parts.flatMap((part) =>
    part.kind === 'template' ? [[part.name, part.reaches.map(({ name, byteOffset }) => [name, byteOffset])]] : [],
  );

const whole = {
  metadata: {
    'general.name': 'probe',
    'tokenizer.ggml.tokens': ['<s>', 'eval('],
    'tokenizer.chat_template': '{{ é.__class__ }}',
  },
  tensors: [
    { name: 'a', shape: [4, 2], offset: 0 },
    { name: 'b', shape: [32], type: 8, offset: 32 },
  ],
  data: 96,
};

describe('readGguf', () => {
  for (const [how, options] of Object.entries({
    'version 3': {},
    'version 1': { version: 1 },
    'big-endian': { big: true },
  }))
    it(`reads metadata and tensors: ${how}`, () => {
      const { metadata, tensors, violations, dataOffset } = facts(buildGguf({ ...whole, ...options }));
      assert.deepEqual(violations, []);
      assert.deepEqual(
        metadata.map(({ key, type, value }) => [key, type, value]),
        [
          ['general.name', 'string', 'probe'],
          ['tokenizer.ggml.tokens', 'array', '[2 x string] <s>, eval('],
          ['tokenizer.chat_template', 'string', '{{ é.__class__ }}'],
        ],
      );
      assert.deepEqual(
        tensors.map(({ name, dtype, shape, bytes, offset }) => [name, dtype, shape, bytes, (offset ?? 0) - dataOffset]),
        [
          ['a', 'F32', [2, 4], 32, 0],
          ['b', 'Q8_0', [32], 34, 32],
        ],
      );
    });

  it('reads every template, and tells the byte of what it reaches', () => {
    const bytes = buildGguf(whole);
    const at = Buffer.from(bytes).indexOf('__class__');
    assert.deepEqual(templates(bytes), [['tokenizer.chat_template', [['__class__', at]]]]);
    const named = buildGguf({
      metadata: { 'tokenizer.chat_template': 'x', 'tokenizer.chat_template.tool': '{{ a.__class__ }}' },
    });
    assert.equal(templates(named).length, 2);
  });

  it('finds templates under other keys, too', () => {
    const found = record(readGguf, buildGguf({ metadata: { 'prompt.template': '{{ x }}' } })).parts;
    assert.equal(found.filter(({ kind }) => kind === 'template').length, 1);
  });

  it('tells what cannot be right', () => {
    const code = (bytes: Uint8Array): string[] => facts(bytes).violations.map((violation) => violation.code);
    const tensor = (more: object) => buildGguf({ tensors: [{ name: 'a', shape: [4], offset: 0, ...more }], data: 16 });
    assert.deepEqual(code(tensor({ shape: [2 ** 40, 2 ** 40] })), ['shape', 'offset']);
    assert.deepEqual(code(tensor({ offset: 32 })), ['offset']);
    assert.deepEqual(code(tensor({ offset: 1 })), ['alignment', 'offset']);
    assert.deepEqual(code(tensor({ type: 4 })), ['type']);
    assert.deepEqual(code(tensor({ shape: [1, 1, 1, 1, 1] })), ['shape']);
    assert.deepEqual(code(tensor({ type: 8 })), ['shape']);
    assert.deepEqual(code(buildGguf({ version: 7 })), ['version']);
    const overlapping = [0, 0].map((offset, index) => ({ name: String(index), shape: [4], offset }));
    assert.deepEqual(code(buildGguf({ tensors: overlapping, data: 32 })), ['overlap']);
  });

  it('allocates nothing by what the header claims, and ends on any change of any byte', () => {
    const bytes = buildGguf(whole);
    for (let at = 4; at < bytes.length; at++) {
      for (const value of [0, 0x7f, 0xff]) {
        const changed = Uint8Array.from(bytes);
        changed[at] = value;
        assert.doesNotThrow(() => facts(changed), `byte ${at} = ${value}`);
      }
    }
    for (let length = 4; length < bytes.length; length++) assert.doesNotThrow(() => facts(bytes.subarray(0, length)));
  });
});
