import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { record } from '../recordingContext.fixture.ts';
import { readTar } from './reader.ts';

const block = (bytes: Buffer): Buffer => Buffer.concat([bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);

/** A header (POSIX.1-1988, and GNU's fields for files with holes). */
function header(name: string, type: string, size: number, fill: (bytes: Buffer) => void = () => undefined): Buffer {
  const bytes = Buffer.alloc(512);
  bytes.write(name, 0);
  bytes.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  bytes.write('        ', 148);
  bytes.write(type, 156);
  bytes.write('ustar\x0000', 257, 'latin1');
  fill(bytes);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return bytes;
}

const octal = (bytes: Buffer, at: number, value: number): number =>
  bytes.write(`${value.toString(8).padStart(11, '0')}\0`, at);

function pax(records: [string, string][]): Buffer {
  const lines = records.map(([key, value]) => {
    const rest = ` ${key}=${value}\n`;
    let length = rest.length + 1;
    while (String(length).length + rest.length !== length) length++;
    return `${length}${rest}`;
  });
  const body = Buffer.from(lines.join(''));
  return Buffer.concat([header('pax', 'x', body.length), block(body)]);
}

/** What the pieces `abc` at 2 and `de` at 8 of a file of 12 bytes come to. */
const expected = '\0\0abc\0\0\0de\0\0';
const pieces = Buffer.from('abcde');

const read = (...parts: Buffer[]) => {
  const { members, problems } = record(readTar, Buffer.concat([...parts, Buffer.alloc(1024)]));
  return { content: members.map(({ bytes }) => Buffer.from(bytes).toString('latin1')), problems };
};

describe('a file with holes in a tar archive', () => {
  it('is read as old GNU tar writes it, with blocks that continue the map', () => {
    const gnu = header('a', 'S', pieces.length, (bytes) => {
      octal(bytes, 386, 2);
      octal(bytes, 398, 3);
      bytes[482] = 1;
      octal(bytes, 483, 12);
    });
    const more = Buffer.alloc(512);
    octal(more, 0, 8);
    octal(more, 12, 2);
    const next = header('b', '0', 1);
    assert.deepEqual(read(gnu, more, block(pieces), next, block(Buffer.from('x'))).content, [expected, 'x']);
  });

  it('is read in the three forms of pax', () => {
    const size: [string, string] = ['GNU.sparse.realsize', '12'];
    const asEntry = [header('a', '0', pieces.length), block(pieces)];
    const oldest = pax([
      ['GNU.sparse.offset', '2'],
      ['GNU.sparse.numbytes', '3'],
      ['GNU.sparse.offset', '8'],
      ['GNU.sparse.numbytes', '2'],
      ['GNU.sparse.size', '12'],
    ]);
    assert.deepEqual(read(oldest, ...asEntry).content, [expected]);
    assert.deepEqual(read(pax([['GNU.sparse.map', '2,3,8,2'], size]), ...asEntry).content, [expected]);
    const withMap = Buffer.concat([block(Buffer.from('2\n2\n3\n8\n2\n')), pieces]);
    const newest = pax([['GNU.sparse.major', '1'], ['GNU.sparse.minor', '0'], size]);
    assert.deepEqual(read(newest, header('a', '0', withMap.length), block(withMap)).content, [expected]);
  });

  it('is told when the archive ends between its description and itself', () => {
    const whole = pax([['GNU.sparse.map', '2,3,8,2']]);
    for (const length of [whole.length, whole.length - 100]) {
      const { problems } = record(readTar, whole.subarray(0, length));
      assert.deepEqual(
        problems.map(({ code }) => code),
        ['truncated'],
      );
    }
  });

  it('is read as it is stored when its map makes no sense, and that is told', () => {
    for (const map of ['8,2,2,3', '2,-3', '2,99', 'x,1', '1e20,1']) {
      const { content, problems } = read(
        pax([
          ['GNU.sparse.map', map],
          ['GNU.sparse.realsize', '12'],
        ]),
        header('a', '0', pieces.length),
        block(pieces),
      );
      assert.deepEqual([content, problems.map(({ code }) => code)], [['abcde'], ['unsupported']], map);
    }
  });
});
