import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Budget, defaultLimits } from '../limits.ts';
import { inspect } from '../inspect.ts';
import { MemorySource } from '../source.ts';
import { followUbjson } from './ubjson.ts';

const length = (value: number): string => `L${'\0'.repeat(6)}${String.fromCharCode(value >> 8, value & 0xff)}`;
const key = (name: string): string => `${length(name.length)}${name}`;
const follow = (content: string) =>
  followUbjson(new MemorySource(Buffer.from(content, 'latin1')), new Budget(defaultLimits));

const model = `{${key('learner')}{${key('attributes')}{}${key('sizes')}[$d#${length(2)}${'\0'.repeat(8)}${key('names')}[S${key('age')}]}${key('version')}[i\x02i\0i\0]}`;

describe('the structure of a UBJSON model', () => {
  it('is followed to its end', () => {
    assert.equal(follow(model), null);
    assert.equal(follow(`[$[#${length(2)}ii\0]i\0]`)?.code, 'malformed', 'a list of lists has its own kinds');
    assert.equal(follow(`{#${length(1)}${key('a')}TN`)?.message, '1 bytes follow the end of the model');
    assert.equal(follow(`[NNi\0]`), null);
  });

  it('is broken where lengths lie, wherever the file ends, and where something follows', () => {
    for (let end = 1; end < model.length; end++)
      assert.equal(follow(model.slice(0, end))?.code, 'truncated', String(end));
    assert.equal(follow(model.replace('\0\x02', '\x7f\x02'))?.code, 'truncated');
    assert.equal(follow(`[SL\x7f${'\xff'.repeat(7)}x]`)?.code, 'truncated');
    assert.equal(follow(`[SL${'\xff'.repeat(8)}x]`)?.message, 'the length of a text is below zero');
    assert.equal(follow(`${model}cos\nsystem\n`)?.code, 'malformed');
    assert.equal(follow('[$i]')?.code, 'malformed');
    assert.equal(follow('{X}')?.message, 'the length of the name of a value is no number');
  });

  it('is no stack of ours', () => {
    assert.equal(follow('['.repeat(200_000))?.code, 'limit-depth');
    assert.equal(follow(`[${'[]'.repeat(50_000)}]`), null);
  });

  it('ends on any bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...'{}[]$#LSiUIldDTFNZ\0\x01\xff'), { maxLength: 60 }), (parts) => {
        const found = follow(parts.join(''));
        assert.ok(found === null || found.offset <= parts.length);
      }),
    );
  });
});

describe('a model of XGBoost that does not hold together', () => {
  const problems = (content: string, name: string): string[] =>
    inspect(new MemorySource(Buffer.from(content, 'latin1')), name).problems.map(
      ({ code, incomplete }) => `${code} ${incomplete}`,
    );

  it('is not fully inspected', () => {
    assert.deepEqual(problems(model, 'm.ubj'), []);
    assert.deepEqual(problems(model.slice(0, -4), 'm.ubj'), ['truncated true']);
    const json = '{"learner":{"attributes":{"a":"[[[[[["}},"version":[2,0,0]}';
    assert.deepEqual(problems(`${json}\n`, 'm.json'), []);
    assert.deepEqual(problems(json.slice(0, -2), 'm.json'), ['truncated true']);
    assert.deepEqual(problems(json.replace('{"a"', `${'['.repeat(300)}{"a"`), 'm.json'), ['limit-depth true']);
  });
});
