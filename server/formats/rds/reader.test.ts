import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { inspect } from '../inspect.ts';
import { record } from '../recordingContext.fixture.ts';
import { MemorySource } from '../source.ts';
import type { RdsFacts } from './facts.ts';
import { rdsStart } from './input.ts';
import { readRds } from './reader.ts';

const int = (...values: number[]): Buffer =>
  Buffer.concat(
    values.map((value) => {
      const bytes = Buffer.alloc(4);
      bytes.writeInt32BE(value);
      return bytes;
    }),
  );
const char = (text: string): Buffer => Buffer.concat([int(0x40009, text.length), Buffer.from(text)]);
const symbol = (name: string): Buffer => Buffer.concat([int(1), char(name)]);
const string = (text: string): Buffer => Buffer.concat([int(16, 1), char(text)]);
const nil = int(254);
const call = (name: string, argument: Buffer): Buffer => Buffer.concat([int(6), symbol(name), int(2), argument, nil]);
const file = (item: Buffer, start = 'X\n'): Uint8Array =>
  new Uint8Array(Buffer.concat([Buffer.from(start), int(3, 0x40300, 0x30500, 5), Buffer.from('UTF-8'), item]));

const facts = (bytes: Uint8Array): RdsFacts => {
  const [part] = record(readRds, bytes).parts;
  assert.ok(part?.kind === 'rds');
  return part;
};

describe('readRds', () => {
  const promise = Buffer.concat([int(5, 252), call('system', string('id'))]);
  it('finds what R evaluates, and what it calls', () => {
    const { code, calls, version } = facts(file(promise));
    assert.equal(version, 3);
    assert.deepEqual(calls, ['system']);
    assert.deepEqual(
      code.map(({ what }) => what),
      ['pending promise', 'language'],
    );
  });

  it('finds it in lists, attributes, environments and files of several objects', () => {
    const list = Buffer.concat([int(19, 2), int(14, 1, 0, 0), promise]);
    const attributes = Buffer.concat([int(13 | 0x200, 1, 7), int(2 | 0x400), symbol('a'), promise, nil]);
    const environment = Buffer.concat([int(4, 0), nil, int(2 | 0x400), symbol('x'), promise, nil, nil, nil]);
    for (const item of [list, attributes, environment])
      assert.ok(facts(file(item)).code.some(({ what }) => what === 'pending promise'));
    assert.ok(facts(file(promise, 'RDX3\nX\n')).code.some(({ what }) => what === 'pending promise'));
  });

  it('reads what is written with xdr = FALSE and with ascii = TRUE', () => {
    // Numbers and strings of a list: two doubles, a raw byte, and a promise to call system("a\\tb").
    const items = [
      [3, 262912, 197888, 5, 'UTF-8', 19, 3, 14, 2, 1.5, 2.5, 24, 1, 'z', 5, 252, 6, 1, 262153, 6, 'system'],
      [2, 16, 1, 9, 3, 'a\tb', 254],
    ].flat();
    const little = items.map((item) => {
      if (typeof item === 'string') return Buffer.from(item);
      return Number.isInteger(item) ? int(item).swap32() : Buffer.alloc(8);
    });
    const ascii = items.map((item) => (item === 'z' ? '7a' : item === 'system' ? 's\\171stem' : item));
    const words = `${ascii.join('\n').replace('\t', '\\t')}\n`;
    for (const bytes of [
      Buffer.concat([Buffer.from('B\n'), ...little]),
      Buffer.concat([Buffer.from('RDB3\nB\n'), ...little]),
      Buffer.from(`A\n${words}`),
      Buffer.from(`RDA3\nA\n${words}`),
    ]) {
      const { parts, problems, format } = inspect(new MemorySource(bytes), 'model.rds');
      const [part] = parts;
      assert.equal(format, 'rds');
      assert.ok(part?.kind === 'rds');
      assert.deepEqual([part.calls, part.code[0]?.what, problems], [['system'], 'pending promise', []]);
      for (let at = 0; at < bytes.length; at++) {
        const changed = Uint8Array.from(bytes);
        changed[at] = 0x39;
        assert.doesNotThrow(() => facts(changed));
        assert.doesNotThrow(() => facts(bytes.subarray(0, at)));
      }
    }
    for (const text of ['A\n3\nmore words', 'A\n', 'B\nand so on', 'RDA3\nX\n'])
      assert.equal(rdsStart(Buffer.from(text)), null, text);
  });

  it('is used for compressed files', () => {
    const { parts } = inspect(new MemorySource(gzipSync(file(promise))), 'model.rds');
    assert.ok(parts.some(({ kind }) => kind === 'rds'));
  });

  it('says nothing of data', () => {
    const frame = Buffer.concat([
      int(19 | 0x300, 1),
      int(14, 2, 0, 0, 0, 0),
      int(2 | 0x400),
      symbol('names'),
      string('x'),
      nil,
    ]);
    const { code, objects } = facts(file(frame));
    assert.deepEqual(code, []);
    assert.equal(objects['double'], 1);
    assert.deepEqual(record(readRds, file(frame)).problems, []);
  });

  it('ends on any change of any byte, and on what is nested without end', () => {
    const bytes = file(Buffer.concat([int(19, 2), promise, string('x')]));
    for (let at = 2; at < bytes.length; at++) {
      for (const value of [0, 5, 0x13, 0xfe, 0xff]) {
        const changed = Uint8Array.from(bytes);
        changed[at] = value;
        assert.doesNotThrow(() => facts(changed), `byte ${at} = ${value}`);
      }
      assert.doesNotThrow(() => facts(bytes.subarray(0, at)));
    }
    const nested = Buffer.concat(Array.from({ length: 50_000 }, () => int(19, 1)));
    assert.ok(record(readRds, file(nested)).problems.some(({ code }) => code === 'limit-depth'));
    const chain = Buffer.concat([...Array.from({ length: 50_000 }, () => Buffer.concat([int(2), nil])), nil]);
    assert.deepEqual(record(readRds, file(chain)).problems, []);
  });
});
