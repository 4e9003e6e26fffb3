import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from '../inspect.ts';
import { assemblePickle } from '../pickle/assembler.fixture.ts';
import { record } from '../recordingContext.fixture.ts';
import { MemorySource } from '../source.ts';
import type { MsgpackFacts } from './facts.ts';
import { Extension, flaxArrayOf, mapOf, pack, type Packable } from './msgpackBuilder.fixture.ts';
import { readMsgpack } from './reader.ts';

const facts = (bytes: Uint8Array): MsgpackFacts => {
  const [part] = record(readMsgpack, bytes).parts;
  assert.ok(part?.kind === 'msgpack');
  return part;
};
const codes = (value: Packable): string[] => facts(pack(value)).violations.map(({ code }) => code);
const weights = flaxArrayOf([2, 3], 'float32', new Uint8Array(24));
const model = mapOf({
  params: mapOf({
    dense: mapOf({ kernel: weights, bias: flaxArrayOf([3], 'bfloat16', new Uint8Array(6)) }),
    scale: new Extension(2, pack([1.5, 0.5])),
  }),
  step: flaxArrayOf([], 'int32', new Uint8Array(4), 3),
  epoch: 3,
});

describe('readMsgpack', () => {
  it('gives the arrays of a Flax model by their keys, whatever the file is called', () => {
    const bytes = pack(model);
    const { format, parts, problems } = inspect(new MemorySource(bytes), 'checkpoint_100');
    assert.equal(format, 'msgpack');
    assert.deepEqual(problems, []);
    const [part] = parts;
    assert.ok(part?.kind === 'msgpack');
    assert.deepEqual(part.violations, []);
    assert.equal(part.layout, 'flax');
    assert.deepEqual(
      part.tensors.map(({ name, dtype, shape, bytes: size }) => [name, dtype, shape, size]),
      [
        ['params/dense/kernel', 'F32', [2, 3], 24],
        ['params/dense/bias', 'BF16', [3], 6],
      ],
    );
    assert.equal(part.tensors[0]?.offset, bytes.indexOf(Buffer.alloc(24)));
    assert.deepEqual(
      part.extensions.map(({ type, count }) => [type, count]),
      [
        [1, 2],
        [2, 1],
        [3, 1],
      ],
    );
  });

  it('puts the chunks of a long array together', () => {
    const half = flaxArrayOf([3], 'float32', new Uint8Array(12));
    const chunked = mapOf({
      __msgpack_chunked_array__: true,
      shape: mapOf({ '0': 2, '1': 3 }),
      chunks: mapOf({ '0': half, '1': half }),
    });
    const { tensors, tensorCount } = facts(pack(mapOf({ a: mapOf({ w: chunked }), b: weights })));
    assert.equal(tensorCount, 2);
    assert.deepEqual(tensors[0], { name: 'a/w', dtype: 'F32', shape: [2, 3], bytes: 24 });
    assert.equal(tensors[1]?.name, 'b');
  });

  it('tells what breaks the structure', () => {
    const broken = (extension: Extension): string[] => codes(mapOf({ good: weights, bad: extension }));
    assert.deepEqual(broken(flaxArrayOf([2, 3], 'float32', new Uint8Array(23))), ['array']);
    assert.deepEqual(broken(flaxArrayOf([2 ** 31, 2 ** 31], 'float64', new Uint8Array(8))), ['array']);
    assert.deepEqual(broken(flaxArrayOf([1], 'object', new Uint8Array(8))), ['array']);
    assert.deepEqual(broken(new Extension(1, new Uint8Array([0x93, 0x91]))), ['array']);
    assert.deepEqual(broken(new Extension(42, new Uint8Array(3))), ['extension']);
    assert.deepEqual(broken(new Extension(-1, new Uint8Array(4))), []);
    assert.deepEqual(
      codes(
        new Map<Packable, Packable>([
          ['w', weights],
          [1, 2],
        ]),
      ),
      ['key'],
    );
    const twice = Buffer.concat([Buffer.from([0x82]), pack('w'), pack(weights), pack('w'), pack(weights)]);
    assert.deepEqual(facts(twice).violations[0]?.code, 'duplicate-key');
    assert.equal(facts(Buffer.concat([pack(model), Buffer.from('more')])).violations[0]?.code, 'trailing');
    assert.equal(facts(pack(model).subarray(0, -1)).violations[0]?.code, 'truncated');
    assert.equal(facts(Buffer.from([0xdf, 0xff, 0xff, 0xff, 0xff, 0xa1, 0x61])).violations[0]?.code, 'count');
    assert.equal(facts(Buffer.alloc(5_000, 0x91)).violations[0]?.code, 'depth');
  });

  it('leaves the data of other programs to them', () => {
    const other = mapOf({ list: [1, 'two', null, 2.5], own: new Extension(42, new Uint8Array(3)) });
    const several = Buffer.concat([pack(other), pack(new Map([[1, true]])), pack([])]);
    assert.equal(inspect(new MemorySource(several), 'log.msgpack').format, 'msgpack');
    assert.equal(inspect(new MemorySource(several), 'log').format, 'unknown');
    const { layout, violations, values } = facts(several);
    assert.deepEqual([layout, violations, values], ['plain', [], 9]);
    assert.equal(inspect(new MemorySource(Buffer.from('{"a": 1}\n')), 'text.msgpack').format, 'text');
  });

  it('looks into bytes that are a pickle, which msgpack-numpy loads', () => {
    const evil = assemblePickle("PROTO 4\nGLOBAL os system\nBINUNICODE 'echo hi'\nTUPLE1\nREDUCE\nSTOP");
    const bytes = pack(mapOf({ nd: true, kind: 'O', data: evil }));
    const { parts } = inspect(new MemorySource(bytes), 'data.msgpack');
    const pickle = parts.find((part) => part.kind === 'pickle');
    assert.equal(pickle?.kind === 'pickle' && pickle.imports[0]?.module, 'os');
  });

  it('ends on any change of any byte and on every prefix', () => {
    const bytes = pack(model);
    for (let at = 0; at < bytes.length; at++) {
      for (const value of [0, 0x7f, 0x81, 0x93, 0xc1, 0xc6, 0xc9, 0xcf, 0xd8, 0xdd, 0xdf, 0xff]) {
        const changed = Uint8Array.from(bytes);
        changed[at] = value;
        assert.doesNotThrow(() => inspect(new MemorySource(changed), 'm.msgpack'), `byte ${at} = ${value}`);
        assert.ok(facts(changed).values <= bytes.length);
      }
      assert.ok(at < 2 || facts(bytes.subarray(0, at)).violations.length > 0, `the first ${at} bytes`);
    }
  });
});
