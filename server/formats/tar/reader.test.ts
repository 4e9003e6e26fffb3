import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ArchiveFacts } from '../facts.ts';
import { record } from '../recordingContext.fixture.ts';
import { looksLikeTar, readTar } from './reader.ts';
import { buildTar, buildTarEntry, type BuildTarEntry } from './tarBuilder.fixture.ts';

const read = (bytes: Uint8Array) => {
  const recording = record(readTar, bytes);
  const facts = recording.parts[0] as ArchiveFacts;
  return {
    problems: recording.problems.map((problem) => problem.code),
    names: facts.entries.map((entry) => entry.name),
    codes: facts.anomalies.map((anomaly) => anomaly.code),
    contents: recording.members.map((member) => [member.name, Buffer.from(member.bytes).toString('latin1')]),
  };
};

const pax = (key: string, value: string): BuildTarEntry => {
  const body = ` ${key}=${value}\n`;
  const bytes = Buffer.byteLength(body);
  let length = bytes + 1;
  while (String(length).length + bytes !== length) length++;
  return { name: 'pax', type: 'x', data: `${length}${body}` };
};

describe('a tar archive', () => {
  it('is known by the checksum of its first header', () => {
    const bytes = buildTar([{ name: 'a' }]);
    assert.ok(looksLikeTar(bytes));
    assert.ok(!looksLikeTar(bytes.subarray(0, 511)));
    assert.ok(!looksLikeTar(new Uint8Array(512)));
    bytes[0] = 0x62;
    assert.ok(!looksLikeTar(bytes));
  });

  it('gives its files', () => {
    const { names, codes, problems, contents } = read(
      buildTar([
        { name: 'd/', type: '5' },
        { name: 'd/a', data: 'one' },
        { name: 'b', data: 'x'.repeat(600) },
      ]),
    );
    assert.deepEqual([codes, problems], [[], []]);
    assert.deepEqual(names, ['d/', 'd/a', 'b']);
    assert.deepEqual(contents, [
      ['d/a', 'one'],
      ['b', 'x'.repeat(600)],
    ]);
  });

  it('may have GNU long names, pax paths and pax sizes', () => {
    const long = 'long/'.repeat(40) + 'data.pkl';
    const { names, contents } = read(
      buildTar([
        { name: '././@LongLink', type: 'L', data: `${long}\0` },
        { name: 'cut', data: '1' },
        pax('path', 'pax/ü.pkl'),
        { name: 'other', data: '2' },
        pax('size', '3'),
        { name: 'sized', data: '345', size: '00000000000\0' },
        { name: 'last', data: '6' },
      ]),
    );
    assert.deepEqual(names, [long, 'pax/ü.pkl', 'sized', 'last']);
    assert.deepEqual(
      contents.map(([, content]) => content),
      ['1', '2', '345', '6'],
    );
  });

  it('shows names and links that lead elsewhere', () => {
    const codesOf = (entry: BuildTarEntry) => read(buildTar([entry])).codes;
    assert.deepEqual(codesOf({ name: '../x', data: '1' }), ['escaping-name']);
    assert.deepEqual(codesOf({ name: '/etc/x', data: '1' }), ['escaping-name']);
    assert.deepEqual(codesOf({ name: 'a/l', type: '2', link: '../../x' }), ['link']);
    assert.deepEqual(codesOf({ name: 'a/l', type: '2', link: '../x' }), []);
    assert.deepEqual(codesOf({ name: 'a/l', type: '1', link: '../x' }), ['link']);
    assert.deepEqual(codesOf({ name: 'l', type: '2', link: '/etc/passwd' }), ['link']);
    assert.deepEqual(codesOf({ name: 'p', type: '6' }), ['link']);
  });

  it('is read on after its end mark', () => {
    const first = buildTar([{ name: 'a', data: '1' }]);
    const second = buildTar([{ name: 'a', data: '2' }]);
    const { codes, contents } = read(new Uint8Array([...first, ...second, ...Buffer.from('cos\nsystem')]));
    assert.deepEqual(codes, ['trailing-data', 'duplicate-name', 'trailing-data']);
    assert.deepEqual(contents.slice(0, 2), [
      ['a', '1'],
      ['a', '2'],
    ]);
    assert.equal(contents[2]?.[0], '(after the archive)');
    assert.ok(contents[2]?.[1]?.startsWith('cos\nsystem'));
  });

  it('says when it is cut short, and gives what there is', () => {
    const bytes = buildTarEntry({ name: 'a', data: 'x'.repeat(1000) }).subarray(0, 812);
    const { problems, contents } = read(bytes);
    assert.deepEqual(problems, ['truncated']);
    assert.deepEqual(contents, [['a', 'x'.repeat(300)]]);
  });

  it('stops at absurd sizes and at the limit of entries', () => {
    assert.deepEqual(read(buildTar([{ name: 'a', size: '\x80' + '\x7f'.repeat(11) }])).problems, ['malformed']);
    const many = buildTar(Array.from({ length: 9 }, (_, index) => ({ name: `e${index}` })));
    assert.equal(record(readTar, many, { entries: 5 }).problems[0]?.code, 'limit-entries');
    const nothing = buildTar(Array.from({ length: 50 }, () => pax('path', 'p')));
    assert.equal(record(readTar, nothing, { entries: 5 }).problems[0]?.code, 'limit-entries');
  });

  it('never makes the reader throw, whatever its bytes', () => {
    const valid = buildTar([pax('path', 'p'), { name: 'a', data: 'one' }, { name: 'l', type: '2', link: 'a' }]);
    fc.assert(fc.property(fc.uint8Array({ maxLength: 1500 }), (bytes) => void record(readTar, bytes)));
    fc.assert(
      fc.property(fc.nat(valid.length - 1), fc.nat(255), fc.nat(valid.length), (at, value, length) => {
        const bytes = valid.slice();
        bytes[at] = value;
        record(readTar, bytes);
        record(readTar, bytes.subarray(0, length));
      }),
    );
  });
});
