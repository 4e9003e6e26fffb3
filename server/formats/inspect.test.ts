import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { inspect } from './inspect.ts';
import { defaultLimits } from './limits.ts';
import { assemblePickle } from './pickle/assembler.fixture.ts';
import { MemorySource } from './source.ts';
import { buildTar } from './tar/tarBuilder.fixture.ts';
import { buildZip } from './zip/zipBuilder.fixture.ts';

const bad = assemblePickle("PROTO 2\nGLOBAL os system\nBINUNICODE 'id'\nTUPLE1\nREDUCE\nSTOP");
const read = (bytes: Uint8Array, name = 'file', limits = defaultLimits) =>
  inspect(new MemorySource(bytes), name, limits);
const imports = (bytes: Uint8Array, name?: string) =>
  read(bytes, name).parts.flatMap((part) =>
    part.kind === 'pickle' ? part.imports.map((entry) => [part.entry, entry.module].join(' ')) : [],
  );

describe('inspect', () => {
  it('follows containers in containers, and names the way', () => {
    const inner = buildZip([{ name: 'inner/data.pkl', data: bad }]);
    const outer = buildZip([{ name: 'models/a.pt', data: inner }]);
    assert.deepEqual(imports(gzipSync(outer), 'models.zip.gz'), ['content!models/a.pt!inner/data.pkl os']);
  });

  it('reads a pickle and the archive behind it', () => {
    const polyglot = Buffer.concat([
      bad,
      buildZip([{ name: 'archive/data.pkl', data: assemblePickle('PROTO 2\nGLOBAL sys exit\nSTOP') }]),
    ]);
    const found = imports(polyglot, 'model.pt');
    assert.ok(found.includes(' os'));
    assert.ok(found.includes('archive/data.pkl sys'));
  });

  it('keeps what it found when the source fails later, and tells that', () => {
    const bytes = buildTar([
      { name: 'a.pkl', data: bad },
      { name: 'b.pkl', data: bad },
      { name: 'padding', data: new Uint8Array(100_000) },
    ]);
    const whole = new MemorySource(bytes);
    // A header, a block of data, a header, and then the data of the second file.
    const start = 3 * 512;
    const source = {
      size: bytes.length,
      read(position: number, length: number): Uint8Array {
        if (position < start + 10 && position + length > start) throw Object.assign(new Error('i/o'), { code: 'EIO' });
        return whole.read(position, length);
      },
    };
    assert.throws(() => inspect(source, 'm.tar'), { code: 'EIO' });
    const { parts, problems } = inspect(source, 'm.tar', defaultLimits, (cause) => (cause as { code: string }).code);
    assert.ok(parts.some((part) => part.kind === 'pickle' && part.entry === 'a.pkl'));
    assert.deepEqual(
      problems.map(({ code, message, incomplete }) => [code, message, incomplete]),
      [['unreadable', 'EIO', true]],
    );
  });

  it('stops at the limit of depth and says so', () => {
    let nested: Uint8Array = bad;
    for (let level = 0; level < 8; level++) nested = buildZip([{ name: 'x.zip', data: nested }]);
    const { problems } = read(nested);
    assert.deepEqual(
      problems.map((problem) => [problem.code, problem.incomplete]),
      [['limit-depth', true]],
    );
  });

  it('stops at the limit of entries and says so', () => {
    const many = buildZip(
      Array.from({ length: 50 }, (_, index) => ({ name: `${index}.txt`, data: new Uint8Array([65]) })),
    );
    const { problems } = read(many, 'many.zip', { ...defaultLimits, entries: 20 });
    assert.ok(problems.some((problem) => problem.code === 'limit-entries' && problem.incomplete));
  });

  it('names a format that it recognises and does not read', () => {
    const ggml = new Uint8Array(Buffer.from('lmgg\0\0\0\0', 'latin1'));
    assert.deepEqual(read(ggml).parts, [{ kind: 'unread', entry: '', format: 'ggml' }]);
  });
});
