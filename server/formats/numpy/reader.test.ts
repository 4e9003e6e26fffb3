import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import type { NumpyFacts } from '../facts.ts';
import { record } from '../recordingContext.fixture.ts';
import { readNpy } from './reader.ts';

function npy(header: string, data: Uint8Array | string = '', major = 1): Uint8Array {
  const text = Buffer.from(header, major === 3 ? 'utf8' : 'latin1');
  const length = Buffer.alloc(major === 1 ? 2 : 4);
  if (major === 1) length.writeUInt16LE(text.length);
  else length.writeUInt32LE(text.length);
  return new Uint8Array(
    Buffer.concat([Buffer.from('\x93NUMPY', 'latin1'), Buffer.from([major, 0]), length, text, Buffer.from(data)]),
  );
}

const header = (descr: string, shape: string): string =>
  `{'descr': ${descr}, 'fortran_order': False, 'shape': ${shape}, }          \n`;

const read = (bytes: Uint8Array) => {
  const recording = record(readNpy, bytes);
  const facts = recording.parts[0] as NumpyFacts;
  return {
    facts,
    arrays: recording.parts.length,
    violations: facts?.violations.map((violation) => violation.message) ?? [],
    problems: recording.problems.map((problem) => problem.code),
    members: recording.members.map((member) => [member.name, Buffer.from(member.bytes).toString('latin1')]),
  };
};

describe('a .npy file', () => {
  it('says what it holds, in every version', () => {
    for (const major of [1, 2, 3]) {
      const { facts, problems, members } = read(npy(header("'<f4'", '(2, 3)'), new Uint8Array(24), major));
      assert.deepEqual(facts, {
        kind: 'numpy',
        entry: '',
        version: `${major}.0`,
        descr: '<f4',
        fortranOrder: false,
        shape: [2, 3],
        objects: false,
        violations: [],
      });
      assert.deepEqual([problems, members], [[], []]);
    }
  });

  it('has elements of many kinds', () => {
    for (const [descr, shape, bytes] of [
      ["'|b1'", '(3,)', 3],
      ["'<U5'", '(2,)', 40],
      ["'|S7'", '()', 7],
      ["'<M8[ns]'", '(2L,)', 16],
      ["[('a', '<f4'), ('b', '<i2', (2, 2)), ('', '|V2')]", '(3,)', 42],
      ["('<f8', (2,))", '(1,)', 16],
      ["[(('title', 'a'), [('x', '<c16')])]", '(0, 5)', 0],
    ] as const) {
      const { violations, problems } = read(npy(header(descr, shape), new Uint8Array(bytes)));
      assert.deepEqual([violations, problems], [[], []], descr);
    }
  });

  it('gives its data to the pickle reader when it holds objects', () => {
    for (const descr of ["'|O'", "'O'", "'|O8'", "'object'", "[('a', '<f4'), ('b', '|O')]", "'f4,O'"]) {
      const { facts, members } = read(npy(header(descr, '(1,)'), '\x80\x03N.'));
      assert.ok(facts.objects, descr);
      assert.equal(members[0]?.[0], 'data');
      assert.ok(members[0]?.[1]?.endsWith('N.'));
    }
  });

  it('may hold several arrays', () => {
    const one = npy(header("'|u1'", '(2,)'), 'ab');
    const { arrays, violations, members } = read(new Uint8Array([...one, ...one, ...one]));
    assert.equal(arrays, 3);
    assert.deepEqual([violations, members], [[], []]);
  });

  it('may not hold less or more than its shape says', () => {
    assert.deepEqual(read(npy(header("'<f4'", '(2,)'), 'abc')).problems, ['truncated']);
    const { violations, members } = read(npy(header("'|u1'", '(2,)'), 'abcos\n'));
    assert.deepEqual(violations, ['4 bytes follow the array']);
    assert.deepEqual(members, [['(after the array)', 'cos\n']]);
    const huge = read(npy(header("'<f8'", '(9007199254740991, 9007199254740991)')));
    assert.deepEqual(huge.problems, ['truncated']);
  });

  it('is never evaluated: whatever is not a literal breaks the rules, and the data is still looked at', () => {
    for (const text of [
      '__import__("os").system("echo")',
      "{'descr': os.system('x'), 'fortran_order': False, 'shape': ()}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} + {}",
      "{'descr': '<f4'",
      "['descr']",
      "{'descr': '<f4', 'fortran_order': 1, 'shape': [1]}",
      '('.repeat(3000),
    ]) {
      const { violations, members } = read(npy(text, 'cos\n'));
      assert.ok(violations.length > 0, text.slice(0, 60));
      assert.deepEqual(members, [['data', 'cos\n']]);
    }
  });

  it('says where a header breaks the rules', () => {
    const { facts } = read(npy("{'descr': eval('1')}"));
    assert.equal(facts.violations[0]?.offset, 10 + "{'descr': ".length);
  });

  it('may have no other or repeated keys, and no absurd header', () => {
    assert.deepEqual(read(npy("{'descr': '|u1', 'fortran_order': False, 'shape': (0,), 'x': 1}")).violations, [
      'the header has a key other than descr, fortran_order and shape',
    ]);
    assert.deepEqual(read(npy("{'descr': '|O', 'descr': '|u1', 'fortran_order': False, 'shape': (0,)}")).violations, [
      'the header has descr twice',
    ]);
    const long = npy(' '.repeat((1 << 20) + 1), '', 2);
    assert.equal(read(long).violations.length, 1);
  });

  it('never makes the reader throw, whatever its bytes', () => {
    const valid = npy(header("[('a', '<f4'), ('b', '|O')]", '(2, 2)'), 'data');
    const change = fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(change, fc.nat(valid.length), (changes, length) => {
        const bytes = valid.slice();
        for (const [at, value] of changes) bytes[at] = value;
        record(readNpy, bytes);
        record(readNpy, bytes.subarray(0, length));
      }),
    );
    fc.assert(fc.property(fc.string(), fc.nat(3), (text, major) => void record(readNpy, npy(text, 'x', major))));
  });

  const corpus = fileURLToPath(new URL('../../../../shared/data/model-files/benign/ints.npy', import.meta.url));
  if (existsSync(corpus)) {
    it('is read as NumPy wrote it', () => {
      const { violations, problems, members } = read(readFileSync(corpus));
      assert.deepEqual([violations, problems, members], [[], [], []]);
    });
  }
});
