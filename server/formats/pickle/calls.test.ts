import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deflateSync } from 'node:zlib';
import type { PickleFacts } from '../facts.ts';
import { record } from '../recordingContext.fixture.ts';
import { assemblePickle } from './assembler.fixture.ts';
import { readPickle } from './reader.ts';

function read(listing: string) {
  const recording = record(readPickle, assemblePickle(listing));
  const facts = recording.parts[0] as PickleFacts;
  const named = (dotted: string) => facts.imports.find(({ module, name }) => `${module}.${name}` === dotted);
  return { ...recording, facts, named };
}

const named = (module: string, name: string) => `BINUNICODE '${module}'\nBINUNICODE '${name}'\nSTACK_GLOBAL\n`;
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const inner = assemblePickle("PROTO 4\nGLOBAL os system\nBINUNICODE 'id'\nTUPLE1\nREDUCE\nSTOP");

describe('what calls give', () => {
  it('is told by the name that it leads to, and those that led to it say so', () => {
    const getter = `${named('operator', 'attrgetter')}BINUNICODE 'path.join'\nTUPLE1\nREDUCE\n`;
    const module = `${named('importlib', 'import_module')}BINUNICODE 'os'\nTUPLE1\nREDUCE\n`;
    const result = read(`PROTO 4\n${getter}${module}TUPLE1\nREDUCE\nBINUNICODE 'a'\nTUPLE1\nREDUCE\nSTOP`);
    assert.equal(result.named('os.path.join')?.call, "os.path.join('a')");
    const target = [{ module: 'os', name: 'path.join' }];
    assert.deepEqual(result.named('operator.attrgetter')?.standsFor, target);
    assert.deepEqual(result.named('importlib.import_module')?.standsFor, target);
  });

  it('leaves a name alone that is also used for something else', () => {
    const module = `${named('importlib', 'import_module')}MEMOIZE\nBINUNICODE 'os'\nTUPLE1\nREDUCE\n`;
    const result = read(
      `PROTO 4\n${named('builtins', 'getattr')}${module}BINUNICODE 'getpid'\nTUPLE2\nREDUCE\nPOP\nBINGET 0\nSTOP`,
    );
    assert.equal(result.named('os.getpid')?.opcode, 'getattr');
    assert.equal(result.named('importlib.import_module')?.standsFor, undefined);
  });

  it('marks a name that is put together', () => {
    const made = `${named('operator', 'add')}BINUNICODE 'collec'\nBINUNICODE 'tions'\nTUPLE2\nREDUCE\n`;
    const result = read(`PROTO 4\n${made}BINUNICODE 'Counter'\nSTACK_GLOBAL\nSTOP`);
    assert.equal(result.named('collections.Counter')?.assembled, true);
  });

  it('is the module that __import__ gives: the first of a dotted path', () => {
    const imported = `${named('builtins', '__import__')}BINUNICODE 'os.path'\nTUPLE1\nREDUCE\n`;
    const result = read(`PROTO 4\n${named('builtins', 'getattr')}${imported}BINUNICODE 'getpid'\nTUPLE2\nREDUCE\nSTOP`);
    assert.ok(result.named('os.getpid'));
  });

  it('reaches the base that copyreg._reconstructor initialises', () => {
    const call = `GLOBAL copyreg _reconstructor\nGLOBAL m C\nGLOBAL m Base\nBINUNICODE 'x'\nTUPLE3\nREDUCE\nSTOP`;
    const result = read(`PROTO 2\n${call}`);
    assert.equal(result.named('m.Base')?.call, "m.Base(m.C, 'x')");
    assert.equal(result.named('m.Base')?.withArguments, true);
  });

  it('maps the Python 2 names of extensions, too', () => {
    const register = "BINUNICODE '__builtin__'\nBINUNICODE 'eval'\nBININT1 240\nTUPLE3\nREDUCE\nPOP\n";
    assert.ok(read(`PROTO 2\nGLOBAL copy_reg add_extension\n${register}EXT1 240\nSTOP`).named('builtins.eval'));
  });
});

describe('bytes that a loader is given', () => {
  const loaded = (bytes: string, loader = named('pickle', 'loads')) =>
    read(`PROTO 4\n${loader}${bytes}TUPLE1\nREDUCE\nSTOP`);

  it('are read as what it loads, computed or not', () => {
    const made = `${named('zlib', 'decompress')}BINBYTES hex:${hex(deflateSync(inner))}\nTUPLE1\nREDUCE\n`;
    for (const bytes of [`BINBYTES hex:${hex(inner)}\n`, `BYTEARRAY8 hex:${hex(inner)}\n`, made]) {
      const { members, facts } = loaded(bytes);
      assert.deepEqual(
        members.map(({ parent, bytes: content }) => [parent, hex(content)]),
        [['joblib', hex(inner)]],
      );
      assert.deepEqual(facts.hidden, []);
    }
  });

  it('may stand in a file in memory, unless BUILD has put other bytes there', () => {
    const file = `${named('io', 'BytesIO')}BINBYTES b'harmless'\nTUPLE1\nREDUCE\n`;
    assert.equal(loaded(file, named('joblib', 'load')).members[0]?.parent, 'joblib');
    const refilled = `${file}BINBYTES b'other'\nBININT1 0\nNONE\nTUPLE3\nBUILD\n`;
    assert.deepEqual(loaded(refilled, named('joblib', 'load')).members, []);
  });

  it('of PyTorch are the literal ones only as they stand in the stream', () => {
    const loader = 'GLOBAL torch.storage _load_from_bytes\n';
    const made = `${named('binascii', 'unhexlify')}BINUNICODE '80024e2e'\nTUPLE1\nREDUCE\n`;
    for (const bytes of [made, 'BYTEARRAY8 hex:80024e2e\n'])
      assert.deepEqual(loaded(bytes, loader).named('torch.storage._load_from_bytes')?.loads, { literal: 0, other: 1 });
  });

  it('made at one opcode are told apart', () => {
    const each = `${named('binascii', 'unhexlify')}MARK\nBINUNICODE '${hex(inner)}'\nBINUNICODE '${hex(inner)}00'\nTUPLE\n`;
    const map = `${named('builtins', 'map')}${each}TUPLE2\nREDUCE\n`;
    const { members } = read(
      `PROTO 4\n${named('builtins', 'map')}${named('pickle', 'loads')}${map}TUPLE2\nREDUCE\nSTOP`,
    );
    assert.equal(new Set(members.map(({ name }) => name)).size, 2);
  });
});

describe('working out calls is bounded', () => {
  it('where a value expands without end', () => {
    const bomb = hex(deflateSync(Buffer.alloc(32 << 20)));
    const { problems } = read(`PROTO 4\n${named('zlib', 'decompress')}BINBYTES hex:${bomb}\nTUPLE1\nREDUCE\nSTOP`);
    assert.deepEqual(
      problems.map(({ code, incomplete }) => ({ code, incomplete })),
      [{ code: 'limit-ratio', incomplete: true }],
    );
  });

  it('where a text doubles again and again', () => {
    let listing = `PROTO 4\nBINUNICODE '${'a'.repeat(1000)}'\nPUT 0\nPOP\n`;
    for (let step = 0; step < 40; step++)
      listing += `${named('operator', 'add')}GET ${step}\nGET ${step}\nTUPLE2\nREDUCE\nPUT ${step + 1}\nPOP\n`;
    const { facts } = read(`${listing}GET 40\nBINUNICODE 'x'\nSTACK_GLOBAL\nSTOP`);
    assert.ok(facts.imports.some(({ state }) => state === 'computed'));
  });

  it('where maps map maps, and partials hold partials', () => {
    const start = `PROTO 4\n${named('builtins', 'len')}PUT 0\nPOP\n`;
    let maps = start;
    let partials = start;
    for (let step = 0; step < 14; step++) {
      maps += `${named('functools', 'partial')}${named('builtins', 'map')}GET ${step}\nTUPLE2\nREDUCE\nPUT ${step + 1}\nPOP\n`;
      partials += `${named('functools', 'partial')}GET ${step}\nTUPLE1\nREDUCE\nPUT ${step + 1}\nPOP\n`;
    }
    for (let step = 14; step < 2_000; step++)
      partials += `${named('functools', 'partial')}GET ${step}\nTUPLE1\nREDUCE\nPUT ${step + 1}\nPOP\n`;
    const items = `MARK\n${'BININT1 1\n'.repeat(16)}TUPLE\n`;
    assert.ok(read(`${maps}${named('builtins', 'map')}GET 14\n${items}TUPLE2\nREDUCE\nSTOP`).facts.stopped);
    const { facts } = read(`${partials}GET 2000\nEMPTY_TUPLE\nREDUCE\nSTOP`);
    assert.ok(facts.imports.some(({ state }) => state === 'computed'));
  });
});
