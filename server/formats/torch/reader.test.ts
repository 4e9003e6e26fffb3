import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TorchFacts } from '../facts.ts';
import { assemblePickle } from '../pickle/assembler.fixture.ts';
import { record } from '../recordingContext.fixture.ts';
import { readTorchLegacy, readTorchTar, readTorchZip } from './reader.ts';
import {
  buildTorchLegacy,
  buildTorchTar,
  buildTorchZip,
  floats,
  stateDictPickle,
  tensorListing,
  type BuildTensor,
} from './torchBuilder.fixture.ts';

const factsOf = (parts: { kind: string }[]): TorchFacts => {
  const facts = parts.find((part) => part.kind === 'torch');
  assert.ok(facts, 'torch facts');
  return facts as TorchFacts;
};

const weight: BuildTensor = { name: 'w', key: '0', elements: 4, shape: [2, 2] };
const system = "BINUNICODE 'x'\nGLOBAL posix system\nBINUNICODE 'echo hi'\nTUPLE1\nREDUCE";
const zipOf = (pickle: Uint8Array): TorchFacts =>
  factsOf(record(readTorchZip, buildTorchZip(pickle, { 0: floats(1, 2, 3, 4), 1: floats(5, 6, 7, 8) })).parts);

/** What a state_dict with one odd value says of its conversion. */
const conversionWith = (value: string): TorchFacts['conversion'] =>
  zipOf(stateDictPickle([weight], 'zip', `BINUNICODE 'odd'\n${value}`)).conversion;

describe('PyTorch archives', () => {
  it('lists tensors, and hands on every entry with PyTorch as its container', () => {
    const { parts, members } = record(
      readTorchZip,
      buildTorchZip(stateDictPickle([weight]), { 0: floats(1, 2, 3, 4) }),
    );
    assert.deepEqual(
      parts.map((part) => part.kind),
      ['archive', 'torch'],
    );
    const archive = parts.find((part) => part.kind === 'archive');
    const offset = archive?.entries.find(({ name }) => name === 'archive/data/0')?.dataOffset;
    assert.ok(offset);
    assert.deepEqual(factsOf(parts), {
      kind: 'torch',
      entry: '',
      layout: 'zip',
      tensors: [{ name: 'w', dtype: 'F32', shape: [2, 2], bytes: 16, offset }],
      tensorCount: 1,
      others: [],
      byteOrder: 'little',
      violations: [],
      conversion: { state: 'yes' },
    });
    assert.deepEqual(
      members.map(({ name, parent }) => `${name} in ${parent}`),
      ['archive/data.pkl in torch-zip', 'archive/data/0 in torch-zip', 'archive/version in torch-zip'],
    );
  });

  it('keeps a call that it does not know as an inert value, by name', () => {
    const facts = zipOf(stateDictPickle([weight], 'zip', system));
    assert.deepEqual(facts.others, [{ key: 'x', what: 'would run posix.system("echo hi")' }]);
    assert.deepEqual(facts.conversion, {
      state: 'tensors-only',
      reason: 'it holds more than tensors: the key "x" would run posix.system("echo hi")',
    });
  });

  it('sees the result of such a call where a tensor is put together, and refuses', () => {
    const listing = tensorListing(weight).replace(
      'NEWFALSE\nGLOBAL collections OrderedDict\nEMPTY_TUPLE\nREDUCE',
      'NEWFALSE\nGLOBAL posix system\nEMPTY_TUPLE\nREDUCE',
    );
    assert.match(JSON.stringify(conversionWith(listing)), /"no".*backward hooks.*data.pkl, byte \d+/);
    const storage = tensorListing(weight).replace("BINUNICODE '0'", 'GLOBAL posix system\nEMPTY_TUPLE\nREDUCE');
    assert.match(JSON.stringify(conversionWith(storage)), /"no".*key is no text/);
  });

  it('names what safetensors has no form for', () => {
    const cases: [listing: string, said: RegExp][] = [
      [
        tensorListing({ ...weight, storage: 'ComplexDoubleStorage', key: '1', elements: 1, shape: [1] }),
        /"odd" holds a tensor of complex128/,
      ],
      [tensorListing({ ...weight, storage: 'QInt8Storage', key: '1', elements: 16 }), /"odd" holds a tensor of qint8/],
      ['GLOBAL torch._utils _rebuild_qtensor\nEMPTY_TUPLE\nREDUCE', /"odd" holds a quantised tensor/],
      ['GLOBAL torch._utils _rebuild_sparse_tensor\nEMPTY_TUPLE\nREDUCE', /"odd" holds a sparse tensor/],
      [tensorListing({ ...weight, storage: 'DoubleStorage' }), /storage "0" is used under two types/],
    ];
    for (const [listing, said] of cases) {
      const conversion = conversionWith(listing);
      assert.equal(conversion.state, 'no');
      assert.match(conversion.reason, said);
    }
  });

  it('refuses tensors whose values are not the stored ones', () => {
    const withMetadata = (flag: string): string => {
      const metadata = `EMPTY_DICT\nBINUNICODE 'conj'\n${flag}\nSETITEM`;
      return tensorListing(weight).replace(/TUPLE\nREDUCE$/, `${metadata}\nTUPLE\nREDUCE`);
    };
    assert.match(JSON.stringify(conversionWith(withMetadata('NEWTRUE'))), /"no".*conj set/);
    assert.deepEqual(conversionWith(withMetadata('NEWFALSE')), { state: 'yes' });
  });

  it('refuses opcodes that PyTorch does not write', () => {
    for (const listing of [
      'INST posix system',
      "BINUNICODE 'a'\nDUP\nPOP",
      'EXT1 1',
      'GET 0',
      'STRING "a"',
      'MARK\nLIST',
    ]) {
      const conversion = conversionWith(listing);
      assert.equal(conversion.state, 'no', listing);
      assert.match(conversion.reason, /which PyTorch does not write/);
    }
  });

  it('joins the names of nested dictionaries, and folds plain values into one line', () => {
    const pickle = assemblePickle(
      [
        'PROTO 4\nFRAME auto\nEMPTY_DICT\nMEMOIZE\nMARK',
        "SHORT_BINUNICODE 'state_dict'\nEMPTY_DICT\nMARK",
        `SHORT_BINUNICODE 'w'\n${tensorListing(weight)}\nSETITEMS`,
        "SHORT_BINUNICODE 'groups'\nEMPTY_LIST\nMARK\nBININT1 1\nBININT1 2\nAPPENDS",
        "SHORT_BINUNICODE 'epoch'\nBININT1 9",
        'SETITEMS\nSTOP',
      ].join('\n'),
    );
    const facts = zipOf(pickle);
    assert.deepEqual(
      facts.tensors.map(({ name }) => name),
      ['state_dict.w'],
    );
    assert.deepEqual(facts.others, [
      { key: 'groups', what: 'a list of 2' },
      { key: 'epoch', what: 'a number' },
    ]);
    assert.equal(facts.conversion.state, 'tensors-only');
  });

  it('finds storage records of another length, missing records and views that leave them (CVE-2026-24747)', () => {
    const tensors: BuildTensor[] = [
      { name: 'short', key: '0', elements: 5, shape: [5] },
      { name: 'gone', key: '7', elements: 4, shape: [4] },
      { name: 'far', key: '1', elements: 4, offset: 1, shape: [2, 2] },
    ];
    const bytes = buildTorchZip(stateDictPickle(tensors), { 0: floats(1, 2, 3, 4), 1: floats(1, 2, 3, 4) });
    const facts = factsOf(record(readTorchZip, bytes).parts);
    assert.deepEqual(
      facts.violations.map(({ code }) => code),
      ['storage-size', 'storage-missing', 'view-out-of-bounds'],
    );
    assert.equal(facts.conversion.state, 'no');
  });

  it('calls no record missing when a limit cut the listing', () => {
    const tensors: BuildTensor[] = ['0', '1', '2'].map((key) => ({ name: `t${key}`, key, elements: 1, shape: [1] }));
    const bytes = buildTorchZip(stateDictPickle(tensors), { 0: floats(1), 1: floats(1), 2: floats(1) });
    const { parts, problems } = record(readTorchZip, bytes, { entries: 3 });
    assert.ok(problems.some(({ code }) => code === 'limit-entries'));
    assert.deepEqual(factsOf(parts).violations, []);
  });

  it('takes TorchScript for what it is', () => {
    const bytes = buildTorchZip(
      stateDictPickle([weight]),
      { 0: floats(1, 2, 3, 4) },
      { more: [{ name: 'archive/constants.pkl', data: stateDictPickle([]) }] },
    );
    const { parts, members } = record(readTorchZip, bytes);
    assert.match(JSON.stringify(factsOf(parts).conversion), /TorchScript/);
    assert.ok(members.every(({ parent }) => parent === 'torchscript'));
  });

  it('survives a list that holds itself, and lists that name one another a million times', () => {
    const cycle = conversionWith('EMPTY_LIST\nBINPUT 5\nBINGET 5\nAPPEND');
    assert.equal(cycle.state, 'no');
    const lists = Array.from({ length: 28 }, (_, index) => {
      const item = index === 0 ? 'EMPTY_DICT' : `BINGET ${index + 9}`;
      return `EMPTY_LIST\nBINPUT ${index + 10}\nMARK\n${item}\n${item}\nAPPENDS`;
    });
    const doubling = conversionWith(`MARK\n${lists.join('\n')}\nTUPLE`);
    assert.equal(doubling.state, 'no');
    assert.match(doubling.reason, /more values than can be listed/);
  });
});

describe('PyTorch legacy files', () => {
  const storages = [{ key: '94', elements: 4, data: floats(1, 2, 3, 4) }];
  const legacy: BuildTensor = { ...weight, key: '94' };

  it('hands on each of the five pickles, framed or not', () => {
    for (const protocol of [2, 4]) {
      const bytes = buildTorchLegacy(stateDictPickle([legacy], 'legacy'), storages, { protocol });
      const { parts, members } = record(readTorchLegacy, bytes);
      assert.deepEqual(
        members.map(({ name }) => name),
        ['magic', 'protocol', 'sys_info', 'object', 'storage_keys'],
      );
      assert.ok(members.every(({ bytes: pickle, parent }) => pickle.at(-1) === 0x2e && parent === 'torch-legacy'));
      assert.deepEqual(factsOf(parts).conversion, { state: 'yes' });
    }
  });

  it('hands on the rest when a pickle has no end, and what follows the last storage', () => {
    const whole = buildTorchLegacy(stateDictPickle([legacy], 'legacy', system), storages);
    const cutAt = Buffer.from(whole).indexOf('system') + 20;
    const { members, parts } = record(readTorchLegacy, whole.subarray(0, cutAt));
    assert.equal(members.at(-1)?.name, 'object');
    assert.ok(Buffer.from(members.at(-1)!.bytes).includes('posix\nsystem'));
    assert.equal(factsOf(parts).conversion.state, 'no');

    const trailing = record(readTorchLegacy, Buffer.concat([whole, Buffer.from('PK\x03\x04')]));
    assert.deepEqual(trailing.members.at(-1)?.name, '(after the storages)');
  });

  it('says where the storages end too early', () => {
    const bytes = buildTorchLegacy(stateDictPickle([legacy], 'legacy'), storages);
    const { problems, parts } = record(readTorchLegacy, bytes.subarray(0, bytes.length - 1));
    assert.deepEqual(
      problems.map(({ code }) => code),
      ['truncated'],
    );
    assert.equal(factsOf(parts).conversion.state, 'no');
  });

  it('does not believe a big-endian machine', () => {
    const bytes = buildTorchLegacy(stateDictPickle([legacy], 'legacy'), storages, { littleEndian: false });
    assert.match(JSON.stringify(factsOf(record(readTorchLegacy, bytes).parts).conversion), /little-endian/);
  });
});

describe('PyTorch 0.1.1 files', () => {
  it('hands on the pickles between the raw bytes of each member', () => {
    const object = assemblePickle(`PROTO 2\nEMPTY_DICT\n${system}\nSETITEM\nSTOP`);
    const { members, parts } = record(readTorchTar, buildTorchTar(object));
    assert.deepEqual(
      members.map(({ name, parent }) => `${name} in ${parent}`),
      ['sys_info', 'pickle', 'storages/0', 'storages/1', 'storages/2', 'tensors/0', 'tensors/1'].map(
        (name) => `${name} in torch-tar`,
      ),
    );
    assert.equal(factsOf(parts).conversion.state, 'no');
  });
});
