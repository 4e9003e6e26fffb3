import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { record } from '../recordingContext.fixture.ts';
import { readSevenZip } from './reader.ts';
import { buildSevenZip } from './sevenZipBuilder.fixture.ts';

const files = [
  { name: 'a.txt', data: Buffer.from('first') },
  { name: 'models/b.pkl', data: Buffer.from('second'.repeat(50)) },
];
const read = (archive: Uint8Array): [string, string][] =>
  record(readSevenZip, archive).members.map((member) => [member.name, Buffer.from(member.bytes).toString()]);
const expected = files.map(({ name, data }) => [name, data.toString()]);

describe('readSevenZip', () => {
  it('reads every file, stored or packed, with a plain header or a packed one', () => {
    assert.deepEqual(read(buildSevenZip({ files })), expected);
    assert.deepEqual(read(buildSevenZip({ files, encodedHeader: true })), expected);
    assert.deepEqual(
      read(buildSevenZip({ files, method: '040108', packed: (data) => deflateRawSync(data) })),
      expected,
    );
  });

  it('lists what it cannot unpack, and says so', () => {
    for (const [method, code] of [
      ['030401', 'unsupported'],
      ['06f10701', 'encrypted'],
    ] as const) {
      const { parts, problems, members } = record(readSevenZip, buildSevenZip({ files, method }));
      assert.deepEqual(members, []);
      assert.deepEqual(
        problems.map((problem) => [problem.code, problem.incomplete]),
        [[code, true]],
      );
      assert.ok(parts[0]?.kind === 'archive' && parts[0].entries.length === 2);
    }
  });

  it('tells names that lead out of the folder', () => {
    const { parts } = record(readSevenZip, buildSevenZip({ files: [{ name: '../../x.py', data: Buffer.from('x') }] }));
    assert.ok(parts[0]?.kind === 'archive' && parts[0].anomalies[0]?.code === 'escaping-name');
  });

  it('ends on any change of any byte', () => {
    for (const archive of [buildSevenZip({ files }), buildSevenZip({ files, encodedHeader: true })]) {
      for (let at = 6; at < archive.length; at++) {
        for (const value of [0, 1, 0x7f, 0xff]) {
          const changed = Uint8Array.from(archive);
          changed[at] = value;
          assert.doesNotThrow(() => record(readSevenZip, changed), `byte ${at} = ${value}`);
        }
        assert.doesNotThrow(() => record(readSevenZip, archive.subarray(0, at)));
      }
    }
  });
});
