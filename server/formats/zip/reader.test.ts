import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ArchiveFacts } from '../facts.ts';
import { Budget, defaultLimits } from '../limits.ts';
import { record } from '../recordingContext.fixture.ts';
import { MemorySource, type ByteSource } from '../source.ts';
import { readZipDirectory } from './directory.ts';
import { afterArchive, readZip } from './reader.ts';
import { buildZip, type BuildEntry } from './zipBuilder.fixture.ts';

const read = (bytes: Uint8Array) => {
  const recording = record(readZip, bytes);
  const facts = recording.parts[0] as ArchiveFacts;
  return {
    ...recording,
    facts,
    codes: facts.anomalies.map((anomaly) => anomaly.code),
    contents: recording.members.map((member) => [member.name, Buffer.from(member.bytes).toString('latin1')]),
  };
};

const plain: BuildEntry[] = [
  { name: 'archive/data.pkl', data: 'the pickle' },
  { name: 'archive/data/0', data: 'x'.repeat(5000), method: 8 },
];

describe('an honest archive', () => {
  for (const [what, entries, options] of [
    ['is listed once, whichever view is read', plain, {}],
    ['may leave sizes to data descriptors, as PyTorch does', plain.map((entry) => ({ ...entry, flags: 0x808 })), {}],
    ['may use ZIP64', plain, { zip64: true }],
    ['may have a comment', plain, { comment: Buffer.from('made by hand') }],
    ['may pad its headers', plain.map((entry) => ({ ...entry, extra: Buffer.from('FB\x04\0ZZZZ') })), {}],
  ] as const) {
    it(what, () => {
      const { codes, contents, problems, facts } = read(buildZip([...entries], options));
      assert.deepEqual(codes, []);
      assert.deepEqual(problems, []);
      assert.equal(facts.entries.length, 2);
      assert.deepEqual(contents, [
        ['archive/data.pkl', 'the pickle'],
        ['archive/data/0', 'x'.repeat(5000)],
      ]);
    });
  }

  it('does not take the archive in a stored entry for its own', () => {
    const inner = buildZip([{ name: 'data.pkl', data: 'inner' }]);
    const { codes, facts, members } = read(buildZip([{ name: 'inner.pt', data: inner }]));
    assert.deepEqual(codes, []);
    assert.deepEqual(
      facts.entries.map((entry) => entry.name),
      ['inner.pt'],
    );
    assert.deepEqual(members[0]?.bytes, inner);
  });

  it('is listed without reading tensor data', () => {
    const bytes = buildZip([
      { name: 'data/0', data: new Uint8Array(8 << 20) },
      { name: 'version', data: '3\n' },
    ]);
    const memory = new MemorySource(bytes);
    let touched = 0;
    const counted: ByteSource = {
      size: memory.size,
      read: (position, length) => {
        const result = memory.read(position, length);
        touched += result.length;
        return result;
      },
    };
    const directory = readZipDirectory(counted, new Budget(defaultLimits));
    assert.equal(directory.entries.length, 2);
    assert.ok(touched < 256 * 1024, `${touched} bytes were read`);
  });
});

describe('a hostile archive', () => {
  it('shows both entries of one name', () => {
    const { codes, contents } = read(
      buildZip([
        { name: 'a/data.pkl', data: 'bad' },
        { name: 'a/DATA.pkl', data: 'good' },
      ]),
    );
    assert.deepEqual(codes, ['duplicate-name']);
    assert.deepEqual(contents, [
      ['a/data.pkl', 'bad'],
      ['a/DATA.pkl', 'good'],
    ]);
  });

  it('shows an entry that only a local header has', () => {
    const { codes, contents } = read(
      buildZip([
        { name: 'a', data: '1' },
        { name: 'b', data: '2', localOnly: true },
      ]),
    );
    assert.deepEqual(codes, ['header-mismatch']);
    assert.deepEqual(contents, [
      ['a', '1'],
      ['b', '2'],
    ]);
  });

  it('is read under both names when its headers disagree', () => {
    const { codes, contents } = read(buildZip([{ name: 'data.pkl', data: '1', local: { name: 'readme' } }]));
    assert.deepEqual(codes, ['header-mismatch']);
    assert.deepEqual(contents, [
      ['data.pkl', '1'],
      ['readme', '1'],
    ]);
  });

  it('is read by its local header when the directory says that it is empty or names an unknown method', () => {
    for (const central of [{ size: 0, compressedSize: 0 }, { size: 0 }, { method: 99 }]) {
      const { contents, problems, codes } = read(buildZip([{ name: 'data.pkl', data: 'payload', central }]));
      assert.ok(contents.some(([, content]) => content === 'payload'));
      assert.ok(codes.includes('header-mismatch'));
      assert.ok(problems.every((problem) => !problem.incomplete));
    }
  });

  it('is read without a central directory or an end record', () => {
    for (const options of [{ noCentralDirectory: true }, { noEndRecord: true }]) {
      for (const flags of [0x800, 0x808]) {
        const { codes, contents } = read(
          buildZip(
            plain.map((entry) => ({ ...entry, flags })),
            options,
          ),
        );
        assert.deepEqual(codes, ['no-central-directory']);
        assert.equal(contents.length, 2);
        assert.ok(contents[0]?.[1]?.startsWith('the pickle'));
        assert.equal(contents[1]?.[1], 'x'.repeat(5000));
      }
    }
  });

  it('is read after a prefix and before a suffix, which is inspected, too', () => {
    for (const absoluteOffsets of [true, false]) {
      const prefix = Buffer.from('not a zip');
      const { codes, contents } = read(buildZip(plain, { prefix, absoluteOffsets, suffix: Buffer.from('cos\n') }));
      assert.deepEqual(codes, ['leading-data', 'trailing-data']);
      assert.equal(contents.length, 3);
      assert.deepEqual(contents[2], [afterArchive, 'cos\n']);
    }
  });

  it('shows both of two archives one after the other', () => {
    const { codes, contents } = read(
      buildZip([{ name: 'b', data: '2' }], { prefix: buildZip([{ name: 'a', data: '1' }]) }),
    );
    assert.deepEqual(codes, ['leading-data']);
    assert.deepEqual(contents, [
      ['a', '1'],
      ['b', '2'],
    ]);
  });

  it('is read in spite of a false checksum or encryption flag, and says so', () => {
    for (const method of [0, 8]) {
      const wrong = read(buildZip([{ name: 'data.pkl', data: 'payload', method, crc: 1 }]));
      assert.deepEqual(wrong.codes, ['bad-crc']);
      assert.deepEqual(wrong.contents, [['data.pkl', 'payload']]);
      const flagged = read(buildZip([{ name: 'data.pkl', data: 'payload', method, flags: 0x801 }]));
      assert.deepEqual(flagged.codes, ['encrypted-flag']);
      assert.deepEqual(flagged.problems, []);
      assert.deepEqual(flagged.contents, [['data.pkl', 'payload']]);
    }
  });

  it('is not complete when it is really encrypted', () => {
    const { problems } = read(buildZip([{ name: 'data.pkl', data: 'scrambled', flags: 0x801, crc: 5 }]));
    assert.deepEqual(
      problems.map(({ code, incomplete }) => ({ code, incomplete })),
      [{ code: 'encrypted', incomplete: true }],
    );
  });

  it('has names that lead elsewhere', () => {
    for (const name of ['../x', 'a/../../x', '/etc/x', 'C:\\x', 'a\\..\\x', 'data.pkl\0.txt', '\\\\host\\share']) {
      assert.deepEqual(read(buildZip([{ name, data: '1' }])).codes, ['escaping-name'], name);
    }
    assert.deepEqual(read(buildZip([{ name: 'a..b/...c', data: '1' }])).codes, []);
  });

  it('has symbolic links, of which those that lead out of the folder are told', () => {
    const link = (target: string) => read(buildZip([{ name: 'a/l', data: target, link: true }])).codes;
    assert.deepEqual(link('/etc/passwd'), ['link']);
    assert.deepEqual(link('../../x'), ['link']);
    assert.deepEqual(link('../x'), []);
    assert.deepEqual(read(buildZip([{ name: 'a/l', data: '/etc/passwd' }])).codes, []);
  });

  it('stops at the ratio limit and keeps the beginning', () => {
    const bomb = Buffer.concat([Buffer.from('cos\nsystem\n'), Buffer.alloc(40 << 20)]);
    const { codes, problems, members } = read(buildZip([{ name: 'big.pkl', data: bomb, method: 8 }]));
    assert.deepEqual(codes, ['bomb']);
    assert.equal(problems[0]?.code, 'limit-ratio');
    assert.equal(problems[0]?.incomplete, true);
    assert.equal(members[0]?.size, defaultLimits.ratioFloor);
    assert.equal(Buffer.from(members[0].bytes.subarray(0, 10)).toString(), 'cos\nsystem');
  });

  it('may not have entries that overlap', () => {
    const bytes = buildZip([
      { name: 'a', data: 'x'.repeat(100), central: { compressedSize: 130, size: 130 } },
      { name: 'b', data: '1' },
    ]);
    assert.ok(read(bytes).codes.includes('bomb'));
  });

  it('has more entries than the limit allows', () => {
    const many = Array.from({ length: 30 }, (_, index) => ({ name: `e${index}`, data: '1' }));
    const { problems, parts } = record(readZip, buildZip(many), { entries: 10 });
    assert.equal((parts[0] as ArchiveFacts).entries.length, 10);
    assert.equal(problems[0]?.code, 'limit-entries');
  });

  it('is listed alike whether its views are merged or found to agree', () => {
    const entries = [...plain, { name: 'c', data: 'deflated '.repeat(40), method: 8 }];
    for (const flags of [0x800, 0x808]) {
      const described = entries.map((entry) => ({ ...entry, flags }));
      for (const zip64 of [false, true]) {
        const agreeing = record(readZip, buildZip(described, { zip64 })).parts[0] as ArchiveFacts;
        // A second end record, outside of any entry: whichever counts, both views are then read whole.
        const comment = Buffer.concat([Buffer.from('PK\x05\x06', 'latin1'), Buffer.alloc(18)]);
        const merged = record(readZip, buildZip(described, { zip64, comment })).parts[0] as ArchiveFacts;
        assert.equal(agreeing.entries.length, entries.length);
        assert.deepEqual(agreeing.entries, merged.entries);
        assert.deepEqual(agreeing.anomalies, []);
      }
    }
  });

  it('has fewer entries that have to be merged than entries on which both views agree', () => {
    const many = Array.from({ length: 100_001 }, (_, index) => ({ name: `e${index}` }));
    assert.deepEqual(record(readZip, buildZip(many)).problems, []);
    const { problems, parts } = record(readZip, buildZip(many, { noCentralDirectory: true }));
    assert.equal((parts[0] as ArchiveFacts).entries.length, 100_000);
    assert.equal(problems[0]?.code, 'limit-entries');
  });

  it('keeps what a broken deflate stream gives before the break', () => {
    const bytes = buildZip([{ name: 'data.pkl', data: 'cos\nsystem\n(S"x"\ntR.', method: 8 }]);
    const at = 30 + 'data.pkl'.length;
    bytes[at + 14] = 0xff;
    bytes[at + 15] = 0xff;
    const { contents, problems, codes } = read(bytes);
    assert.ok(contents[0]?.[1]?.startsWith('cos\nsys'));
    assert.ok(problems.length > 0 || codes.includes('bad-crc'));
  });
});

describe('any bytes', () => {
  const valid = buildZip([...plain, { name: 'c', data: 'deflated '.repeat(40), method: 8, flags: 0x808 }], {
    zip64: true,
    comment: Buffer.from('c'),
  });

  it('never make the reader throw', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => void record(readZip, bytes)));
  });

  it('never make it throw when a valid archive is changed', () => {
    const change = fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(change, fc.nat(valid.length), (changes, length) => {
        const bytes = valid.slice();
        for (const [at, value] of changes) bytes[at] = value;
        record(readZip, bytes);
        record(readZip, bytes.subarray(0, length));
      }),
      { numRuns: 500 },
    );
  });
});
