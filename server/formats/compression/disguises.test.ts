import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { inspect } from '../inspect.ts';
import { MemorySource } from '../source.ts';
import { assemblePickle } from '../pickle/assembler.fixture.ts';
import { buildZip } from '../zip/zipBuilder.fixture.ts';
import { bzip2, lz4, zstd } from './vectors.fixture.ts';

const read = (bytes: Uint8Array, name = 'model.bin') => inspect(new MemorySource(bytes), name);
const skippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4]);

describe('a compressed stream that begins as none', () => {
  it('is found behind frames that decoders step over', () => {
    assert.equal(read(Buffer.concat([skippable, skippable, zstd])).format, 'zstd');
    const { format, problems } = read(Buffer.concat([skippable, lz4]));
    assert.deepEqual([format, problems], ['lz4', []]);
    assert.equal(read(skippable).format, 'unknown');
  });

  it('is found behind an empty one', () => {
    const empty = Buffer.from('QlpoORdyRThQkAAAAAA=', 'base64');
    const { format, parts } = read(Buffer.concat([empty, bzip2]));
    assert.equal(format, 'bzip2');
    assert.ok(parts.some((part) => part.kind === 'archive' && (part.entries[0]?.size ?? 0) > 1_000));
  });
});

describe('streams that are each below the limits', () => {
  it('are bounded together by the size of the file', () => {
    const inner = buildZip([{ name: 'zeros', data: new Uint8Array(9 << 20), method: 8 }]);
    const members = Array.from({ length: 12 }, (_, at) => ({ name: `${at}.zip`, data: inner, method: 8 }));
    const { problems } = read(buildZip(members), 'models.zip');
    assert.ok(problems.some(({ code, incomplete }) => code === 'limit-ratio' && incomplete));
  });

  it('leave an honest archive alone', () => {
    const pickle = assemblePickle("PROTO 2\nBINUNICODE 'weights'\nSTOP");
    const { problems } = read(gzipSync(buildZip([{ name: 'a.pkl', data: pickle, method: 8 }])), 'a.zip.gz');
    assert.deepEqual(problems, []);
  });
});
