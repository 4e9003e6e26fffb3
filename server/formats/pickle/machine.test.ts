import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { PickleFacts } from '../facts.ts';
import { Budget, defaultLimits } from '../limits.ts';
import type { ReadContext } from '../reader.ts';
import { MemorySource } from '../source.ts';
import { assemblePickle } from './assembler.fixture.ts';
import { readPickle } from './reader.ts';

interface Read {
  facts: PickleFacts;
  problems: string[];
  members: string[];
}

function read(bytes: Uint8Array, parent: ReadContext['parent'] = null, limits = defaultLimits): Read {
  const parts: PickleFacts[] = [];
  const problems: string[] = [];
  const members: string[] = [];
  readPickle(new MemorySource(bytes), {
    entry: '',
    name: 'x.pkl',
    depth: 0,
    parent,
    budget: new Budget(limits),
    add: (part) => parts.push(part as PickleFacts),
    problem: (problem) => problems.push(problem.code),
    descend: (_child, name, as) => members.push(`${name} in ${as}`),
  });
  return { facts: parts[0] as PickleFacts, problems, members };
}

const listing = (text: string, parent: ReadContext['parent'] = null) => read(assemblePickle(text), parent);
const names = ({ facts }: Read) => facts.imports.map((entry) => `${entry.module}.${entry.name}`);
const breaches = ({ facts }: Read) => facts.violations.map((violation) => violation.code);

describe('names', () => {
  it('come from GLOBAL, with the offset of the opcode', () => {
    const { facts } = listing('PROTO 2\nGLOBAL os system\nSTOP');
    assert.deepEqual(facts.imports, [
      { module: 'os', name: 'system', opcode: 'GLOBAL', offset: 2, state: 'constant', stream: 0, called: false },
    ]);
  });

  it('come from what the stack and the memo really hold', () => {
    const pieces = "PROTO 4\nSHORT_BINUNICODE 'os'\nSHORT_BINUNICODE 'x'\nPOP\nMEMOIZE\nDUP\nPOP\n";
    assert.deepEqual(names(listing(`${pieces}SHORT_BINUNICODE 'system'\nSTACK_GLOBAL\nSTOP`)), ['os.system']);
    const rewritten = "PROTO 4\nSHORT_BINUNICODE 'good'\nBINPUT 0\nPOP\nSHORT_BINUNICODE 'os'\nBINPUT 0\nPOP\n";
    assert.deepEqual(names(listing(`${rewritten}BINGET 0\nSHORT_BINUNICODE 'system'\nSTACK_GLOBAL\nSTOP`)), [
      'os.system',
    ]);
  });

  it('use a memo of their own in each pickle of a file', () => {
    const first = assemblePickle("PROTO 4\nSHORT_BINUNICODE 'collections'\nMEMOIZE\nSTOP");
    const second = assemblePickle(
      "PROTO 4\nSHORT_BINUNICODE 'os'\nMEMOIZE\nBINGET 0\nSHORT_BINUNICODE 'system'\nSTACK_GLOBAL\nSTOP",
    );
    const both = read(Buffer.concat([first, second]));
    assert.deepEqual(names(both), ['os.system']);
    assert.equal(both.facts.streams, 2);
    assert.equal(both.facts.imports[0]?.stream, 1);
  });

  it('are mapped from Python 2 below protocol 3 only', () => {
    const old = listing('PROTO 2\nGLOBAL cPickle loads\nSTOP');
    assert.deepEqual(names(old), ['pickle.loads']);
    assert.deepEqual(old.facts.imports[0]?.written, { module: 'cPickle', name: 'loads' });
    assert.deepEqual(names(listing('PROTO 3\nGLOBAL cPickle loads\nSTOP')), ['cPickle.loads']);
  });

  it('are said to be unknown when they are computed, numbers, or not names', () => {
    const states = (text: string) => listing(text).facts.imports.map((entry) => entry.state);
    const computed = 'GLOBAL platform node\nEMPTY_TUPLE\nREDUCE\n';
    assert.deepEqual(states(`PROTO 4\n${computed}BINUNICODE 'system'\nSTACK_GLOBAL\nSTOP`), ['constant', 'computed']);
    assert.deepEqual(states("PROTO 4\nBININT1 1\nBINUNICODE 'system'\nSTACK_GLOBAL\nSTOP"), ['malformed']);
    assert.deepEqual(states("PROTO 4\nBINUNICODE 'o s'\nBINUNICODE 'system'\nSTACK_GLOBAL\nSTOP"), ['malformed']);
  });

  it('come from extension codes that the stream registers, and are unknown otherwise', () => {
    const register =
      "GLOBAL copyreg add_extension\nBINUNICODE 'os'\nBINUNICODE 'system'\nBININT1 240\nTUPLE3\nREDUCE\nPOP\n";
    assert.deepEqual(names(listing(`PROTO 2\n${register}EXT1 240\nSTOP`)), ['copyreg.add_extension', 'os.system']);
    assert.equal(listing('PROTO 2\nEXT1 241\nSTOP').facts.imports[0]?.state, 'extension');
  });

  it('follow getattr with constant arguments, and then leave getattr out', () => {
    const call = "GLOBAL torch.nn Linear\nBINUNICODE 'forward'\nTUPLE2\nREDUCE\nSTOP";
    assert.deepEqual(names(listing(`PROTO 2\nGLOBAL builtins getattr\n${call}`)), [
      'torch.nn.Linear',
      'torch.nn.Linear.forward',
    ]);
    assert.deepEqual(
      names(listing("PROTO 2\nGLOBAL builtins getattr\nBININT1 1\nBINUNICODE 'x'\nTUPLE2\nREDUCE\nSTOP")),
      ['builtins.getattr'],
    );
  });
});

describe('partials', () => {
  const partial = (held: string) => `PROTO 4\nGLOBAL functools partial\n${held}\nTUPLE1\nREDUCE\n`;

  it('are judged by what they hold, and are themselves left out', () => {
    assert.deepEqual(names(listing(`${partial('GLOBAL os system')}STOP`)), ['os.system']);
    assert.deepEqual(names(listing(`${partial('BININT1 1')}STOP`)), ['functools.partial']);
  });

  it('call what they hold, with the arguments that they keep', () => {
    const kept =
      "PROTO 4\nGLOBAL functools partial\nGLOBAL os system\nBINUNICODE 'id'\nTUPLE2\nREDUCE\nEMPTY_TUPLE\nREDUCE\nSTOP";
    assert.equal(listing(kept).facts.imports[0]?.call, "os.system('id')");
  });

  it('call what BUILD put in them', () => {
    const tuple = "MARK\nGLOBAL os system\nBINUNICODE 'id'\nTUPLE1\nNONE\nNONE\nTUPLE\nBUILD\n";
    const result = listing(`${partial('GLOBAL builtins len')}${tuple}EMPTY_TUPLE\nREDUCE\nSTOP`);
    assert.deepEqual(names(result), ['builtins.len', 'os.system']);
    assert.equal(result.facts.imports[1]?.call, "os.system('id')");
  });

  it('stay when they are handed on under their own name', () => {
    const twice = `${partial('GLOBAL os system')}POP\nGLOBAL functools partial\nSTOP`;
    assert.deepEqual(names(listing(twice)), ['functools.partial', 'os.system']);
  });
});

describe('calls', () => {
  const call = (text: string) => listing(text).facts.imports[0]?.call;

  it('are put in words by every opcode that calls', () => {
    assert.equal(call("PROTO 2\nGLOBAL os system\nBINUNICODE 'echo hi'\nTUPLE1\nREDUCE\nSTOP"), "os.system('echo hi')");
    assert.equal(call("MARK\nSTRING 'id'\nINST os system\nSTOP"), "os.system('id')");
    assert.equal(call("MARK\nGLOBAL os system\nSTRING 'id'\nOBJ\nPOP\nNONE\nSTOP"), "os.system('id')");
    assert.equal(call('PROTO 2\nGLOBAL os system\nEMPTY_TUPLE\nNEWOBJ\nSTOP'), 'os.system()');
    assert.equal(
      call(
        "PROTO 4\nGLOBAL subprocess Popen\nBINUNICODE 'id'\nTUPLE1\nEMPTY_DICT\nBINUNICODE 'shell'\nNEWTRUE\nSETITEM\nNEWOBJ_EX\nSTOP",
      ),
      "subprocess.Popen('id', **{'shell': True})",
    );
    assert.equal(call('PROTO 2\nGLOBAL os path\nEMPTY_DICT\nBUILD\nSTOP'), 'os.path.__dict__.update({})');
  });

  it('escape control and bidirectional characters, and cut long data short', () => {
    const words =
      call(`PROTO 2\nGLOBAL os system\nBINUNICODE '\\x1b[31m\\u202e${'a'.repeat(500)}'\nTUPLE1\nREDUCE\nSTOP`) ?? '';
    assert.match(words, /^os\.system\('\\x1b\[31m\\u202ea+…'\)$/);
    assert.ok(words.length < 150);
  });

  it('go on being recorded up to the break of a broken stream', () => {
    const bytes = assemblePickle("PROTO 2\nGLOBAL os system\nBINUNICODE 'id'\nTUPLE1\nREDUCE\nRAW hex:ff00ff");
    const broken = read(bytes);
    assert.equal(broken.facts.imports[0]?.call, "os.system('id')");
    assert.deepEqual(breaches(broken), ['unknown-opcode']);
    assert.equal(broken.facts.stopped, false);
  });
});

describe('breaches', () => {
  it('are told with their place', () => {
    assert.deepEqual(breaches(listing("PROTO 2\nBINUNICODE 'abc'")), ['truncated']);
    assert.deepEqual(breaches(listing('PROTO 2\nTUPLE1\nSTOP')), ['stack-underflow']);
    assert.deepEqual(breaches(listing('PROTO 2\nBINGET 3\nSTOP')), ['missing-memo']);
    assert.deepEqual(breaches(listing('PROTO 6\nNONE\nSTOP')), ['protocol']);
    assert.deepEqual(breaches(listing('PROTO 2\nNONE\nSTOP\nRAW hex:ffffffff')), ['trailing-bytes']);
    assert.deepEqual(breaches(listing('PROTO 2\nNONE\nBININT1 1\nBININT1 2\nSETITEM\nSTOP')), ['setitem-target']);
  });

  it('do not include what some CPython accepts', () => {
    const odd = Buffer.from('I0x10\n0L0x10L\n0I 7\n0S"double"\n.', 'latin1');
    assert.deepEqual(breaches(read(odd)), []);
    assert.deepEqual(breaches(listing('MARK\nPOP\nMARK\nNONE\nSTOP')), []);
    assert.deepEqual(breaches(listing('PROTO 2\nPROTO 4\nNONE\nSTOP')), []);
  });

  it('of frames lead to both readings', () => {
    // The string swallows a call for a reader that ignores frames; one that honours them would execute it.
    const swallowed = assemblePickle("GLOBAL os system\nBINUNICODE 'id'\nTUPLE1\nREDUCE\nSTOP");
    const head = assemblePickle('PROTO 4\nFRAME 2');
    const string = Buffer.concat([Buffer.from([0x8c, swallowed.length]), swallowed, Buffer.from('.')]);
    const result = read(Buffer.concat([head, string]));
    assert.ok(breaches(result).includes('frame'));
    assert.deepEqual(names(result), ['os.system']);
  });

  it('find a stream behind junk', () => {
    const result = listing(
      "PROTO 2\nNONE\nSTOP\nRAW hex:00010203\nPROTO 2\nGLOBAL os system\nBINUNICODE 'id'\nTUPLE1\nREDUCE\nSTOP",
    );
    assert.deepEqual(names(result), ['os.system']);
    assert.deepEqual(breaches(result), ['trailing-bytes']);
  });
});

describe('joblib arrays', () => {
  const dtype = (code: string) =>
    `GLOBAL numpy dtype\nBINUNICODE '${code}'\nNEWFALSE\nNEWTRUE\nTUPLE3\nREDUCE\nMARK\nBININT1 3\nBINUNICODE '<'\nNONE\nNONE\nNONE\nBININT -1\nBININT -1\nBININT1 0\nTUPLE\nBUILD\n`;
  const wrapper = (code: string, count: number) =>
    `PROTO 3\nGLOBAL joblib.numpy_pickle NumpyArrayWrapper\nEMPTY_TUPLE\nNEWOBJ\nEMPTY_DICT\nMARK\nBINUNICODE 'shape'\nBININT1 ${count}\nTUPLE1\nBINUNICODE 'dtype'\n${dtype(code)}BINUNICODE 'numpy_array_alignment_bytes'\nBININT1 16\nSETITEMS\nBUILD\n`;

  it('are passed over, and what follows is read', () => {
    const bad = "GLOBAL os system\nBINUNICODE 'id'\nTUPLE1\nREDUCE\nSTOP";
    const result = listing(`${wrapper('f4', 2)}RAW hex:02ffff0000803f00000040\n${bad}`);
    assert.deepEqual(breaches(result), []);
    assert.ok(names(result).includes('os.system'));
    assert.equal(result.facts.context, 'joblib');
  });

  it('of objects are pickles of their own', () => {
    const inner = "PROTO 3\nGLOBAL os system\nBINUNICODE 'id'\nTUPLE1\nREDUCE\nSTOP\n";
    const result = listing(`${wrapper('O8', 1)}${inner}STOP`);
    assert.ok(names(result).includes('os.system'));
    assert.deepEqual(breaches(result), []);
  });

  it('of strings of any length, which NumPy 2 has, are pickles of their own as well', () => {
    const made = 'GLOBAL numpy._core._internal _convert_to_stringdtype_kwargs\nBININT1 1\nTUPLE1\nREDUCE\n';
    const inner = "PROTO 3\nGLOBAL os system\nBINUNICODE 'id'\nTUPLE1\nREDUCE\nSTOP\n";
    const result = listing(`${wrapper('O8', 1).replace(dtype('O8'), made)}${inner}STOP`);
    assert.ok(names(result).includes('os.system'));
    assert.deepEqual(breaches(result), []);
  });

  it('are read as opcodes, too, because a plain unpickler would', () => {
    const opcodes = Buffer.from(assemblePickle("GLOBAL os system\nBINUNICODE 'id'\nTUPLE1\nREDUCE\nSTOP"));
    const result = listing(
      `${wrapper('u1', opcodes.length)}RAW hex:28${'4e'.repeat(40)}${opcodes.toString('hex')}\nSTOP`,
    );
    assert.ok(names(result).includes('os.system'));
  });
});

describe('what stands inside', () => {
  it('bytes that are a pickle are inspected as a member', () => {
    const inner = Buffer.from(assemblePickle('PROTO 2\nGLOBAL os system\nEMPTY_TUPLE\nREDUCE\nSTOP')).toString('hex');
    const result = listing(`PROTO 4\nSHORT_BINBYTES hex:${inner}\nSTOP`);
    assert.deepEqual(result.members, ['bytes@4 in pickle']);
    assert.equal(result.facts.hidden[0]?.offset, 4);
  });

  it('bytes that PyTorch loads are inspected as a checkpoint, and are not hidden', () => {
    const inner = Buffer.from(
      assemblePickle('PROTO 2\nEMPTY_LIST\nBININT1 1\nAPPEND\nBININT1 2\nAPPEND\nSTOP'),
    ).toString('hex');
    const result = listing(
      `PROTO 4\nGLOBAL torch.storage _load_from_bytes\nSHORT_BINBYTES hex:${inner}\nTUPLE1\nREDUCE\nSTOP`,
    );
    assert.match(result.members[0] ?? '', /in torch-legacy$/);
    assert.deepEqual(result.facts.hidden, []);
  });

  it("persistent ids are PyTorch's only in a checkpoint, and only in its form", () => {
    const id = "PROTO 2\nMARK\nBINUNICODE 'storage'\nNONE\nTUPLE\nBINPERSID\nSTOP";
    assert.equal(listing(id, 'torch-zip').facts.persistentIds.firstForeign, null);
    assert.equal(listing(id).facts.persistentIds.firstForeign?.text, "('storage', None)");
  });
});

describe('limits', () => {
  it('of opcodes are told', () => {
    const many = Buffer.concat([Buffer.from([0x80, 2]), Buffer.alloc(5_000, 'N'), Buffer.from('.')]);
    const result = read(many, null, { ...defaultLimits, opcodes: 1_000 });
    assert.deepEqual(result.problems, ['limit-opcodes']);
  });

  it('hold against billions made of a few bytes', () => {
    const lines = ['PROTO 4', "SHORT_BINUNICODE 'ha'", 'MEMOIZE'];
    for (let level = 0; level < 12; level++)
      lines.push('POP', 'MARK', ...Array.from({ length: 8 }, () => `BINGET ${level}`), 'TUPLE', 'MEMOIZE');
    assert.deepEqual(breaches(listing([...lines, 'STOP'].join('\n'))), ['expansion']);
  });

  it('hold against lengths beyond the file', () => {
    assert.deepEqual(breaches(listing('PROTO 4\nRAW hex:8dffffffffffffffff\nSTOP')), ['truncated']);
    assert.deepEqual(breaches(listing('PROTO 2\nRAW hex:8bffffffff\nSTOP')), ['bad-argument']);
  });
});

describe('any bytes at all', () => {
  it('are read to an end without an error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const { facts } = read(bytes);
        assert.ok(facts.end <= bytes.length);
      }),
      { numRuns: 2_000 },
    );
  });

  it('that are all opcodes are read to an end without an error', () => {
    const opcode = fc.constantFrom(
      ...Buffer.from(
        '().012FGIJKLMNPQRSTUVX]abcdeghijlopqrstu}\x80\x81\x82\x85\x86\x87\x88\x8c\x8f\x90\x92\x93\x94\x95',
        'latin1',
      ),
    );
    fc.assert(
      fc.property(fc.array(opcode, { maxLength: 200 }), (bytes) => {
        read(Uint8Array.from(bytes));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('what a review slipped past an earlier reading', () => {
  const bad = "GLOBAL os system\nBINUNICODE 'id'\nTUPLE1\nREDUCE";

  it('getattr stays when it is also handed on as a value', () => {
    const folded =
      "GLOBAL builtins getattr\nMEMOIZE\nGLOBAL pandas DataFrame\nBINUNICODE 'pipe'\nTUPLE2\nREDUCE\nPOP\n";
    assert.ok(names(listing(`PROTO 4\n${folded}BINGET 0\nTUPLE1\nSTOP`)).includes('builtins.getattr'));
  });

  it('a call of what a call gave is an import that nobody can name', () => {
    const result = listing('PROTO 2\nGLOBAL a b\nEMPTY_TUPLE\nREDUCE\nEMPTY_TUPLE\nREDUCE\nSTOP');
    assert.deepEqual(
      result.facts.imports.map((entry) => entry.state),
      ['constant', 'computed'],
    );
  });

  it('BUILD on a class is a breach of its own', () => {
    assert.deepEqual(breaches(listing('PROTO 2\nGLOBAL collections Counter\nEMPTY_DICT\nBUILD\nSTOP')), [
      'rewrites-class',
    ]);
  });

  it('what is added to an empty tuple does not stay there for the files that follow', () => {
    listing('PROTO 2\nEMPTY_TUPLE\nMARK\nBININT1 1\nAPPENDS\nSTOP');
    const made = listing('PROTO 2\nGLOBAL m C\nEMPTY_TUPLE\nNEWOBJ\nSTOP').facts.imports;
    assert.equal(made.find((entry) => entry.module === 'm')?.withArguments, undefined);
  });

  it('a class that is constructed with arguments is told from one that is filled with its state', () => {
    const withArguments = (text: string) =>
      listing(text).facts.imports.find((entry) => entry.module === 'm')?.withArguments;
    assert.equal(withArguments('PROTO 2\nGLOBAL m C\nEMPTY_TUPLE\nNEWOBJ\nEMPTY_DICT\nBUILD\nSTOP'), undefined);
    assert.equal(withArguments('PROTO 2\nGLOBAL m C\nBININT1 1\nTUPLE1\nREDUCE\nSTOP'), true);
    const made = 'GLOBAL copyreg __newobj__\nGLOBAL m C\nBININT1 1\nTUPLE2\nREDUCE\nSTOP';
    assert.equal(withArguments(`PROTO 2\n${made}`), true);
  });

  it("joblib's wrapper is known however it is made, and an array that lies is a breach", () => {
    const dtype = "GLOBAL numpy dtype\nBINUNICODE 'u1'\nTUPLE1\nREDUCE\n";
    const state = `EMPTY_DICT\nMARK\nBINUNICODE 'shape'\nBININT1 3\nTUPLE1\nBINUNICODE 'dtype'\n${dtype}SETITEMS\n`;
    const made = 'GLOBAL copyreg __newobj__\nGLOBAL joblib.numpy_pickle NumpyArrayWrapper\nTUPLE1\nREDUCE\n';
    const result = listing(`PROTO 3\n${made}${state}BUILD\nRAW hex:ffffff\n${bad}\nSTOP`);
    assert.deepEqual(breaches(result), []);
    assert.ok(names(result).includes('os.system'));
    const twice = state.replace('SETITEMS', "BINUNICODE 'shape'\nBININT1 0\nTUPLE1\nSETITEMS");
    assert.deepEqual(breaches(listing(`PROTO 3\n${made}${twice}BUILD\nRAW hex:ffffff\nSTOP`)), ['raw-array']);
    assert.deepEqual(breaches(listing(`PROTO 3\n${made}${state}BUILD\nRAW hex:ffffff\nEMPTY_DICT\nBUILD\nSTOP`)), [
      'raw-array',
    ]);
  });

  it('another reading begins with the memo of this one', () => {
    const parts =
      "PROTO 4\nBINUNICODE 'os'\nMEMOIZE\nPOP\nBINUNICODE 'system'\nMEMOIZE\nPOP\nBINUNICODE 'id'\nMEMOIZE\nPOP\n";
    const hidden = Buffer.from(assemblePickle('BINGET 0\nBINGET 1\nSTACK_GLOBAL\nBINGET 2\nTUPLE1\nREDUCE\nSTOP'));
    const wrapper = 'GLOBAL joblib.numpy_pickle NumpyArrayWrapper\nEMPTY_TUPLE\nNEWOBJ\n';
    const dtype = "GLOBAL numpy dtype\nBINUNICODE 'u1'\nTUPLE1\nREDUCE\n";
    const state = `EMPTY_DICT\nMARK\nBINUNICODE 'shape'\nBININT1 ${hidden.length}\nTUPLE1\nBINUNICODE 'dtype'\n${dtype}SETITEMS\nBUILD\n`;
    assert.ok(
      names(listing(`${parts}${wrapper}${state}RAW hex:${hidden.toString('hex')}\nSTOP`)).includes('os.system'),
    );
  });

  it('a memo that is full keeps what was made of names', () => {
    const filler = Buffer.concat([
      Buffer.from([0x80, 4]),
      ...Array.from({ length: 100_050 }, () => Buffer.from(']\x940', 'latin1')),
    ]);
    const rest = assemblePickle(
      "GLOBAL numpy dtype\nBINUNICODE 'u1'\nTUPLE1\nREDUCE\nLONG_BINPUT 200000\nPOP\nLONG_BINGET 200000\nEMPTY_TUPLE\nREDUCE\nSTOP",
    );
    const { facts, problems } = read(Buffer.concat([filler, rest]));
    assert.deepEqual(problems, []);
    assert.ok(facts.imports.some((entry) => entry.call?.includes('numpy.dtype') ?? false));
  });

  it('bytes that PyTorch loads are counted, literal or not, and read however they are written', () => {
    const loads = (text: string) =>
      listing(text).facts.imports.find((entry) => entry.name === '_load_from_bytes')?.loads;
    const loader = 'GLOBAL torch.storage _load_from_bytes\n';
    assert.deepEqual(loads(`PROTO 4\n${loader}SHORT_BINBYTES hex:80024e2e\nTUPLE1\nREDUCE\nSTOP`), {
      literal: 1,
      other: 0,
    });
    assert.deepEqual(loads(`PROTO 4\n${loader}NONE\nTUPLE1\nREDUCE\nSTOP`), { literal: 0, other: 1 });
    assert.equal(loads(`PROTO 4\n${loader}TUPLE1\nSTOP`), undefined);
    const encoded = `GLOBAL _codecs encode\nBINUNICODE '\\x80\\x02N.'\nBINUNICODE 'latin1'\nTUPLE2\nREDUCE\nTUPLE1\nREDUCE\nSTOP`;
    const result = listing(`PROTO 2\n${loader}${encoded}`);
    assert.deepEqual(result.facts.imports.find((entry) => entry.name === '_load_from_bytes')?.loads, {
      literal: 1,
      other: 0,
    });
    assert.match(result.members[0] ?? '', /in torch-legacy$/);
  });
});
