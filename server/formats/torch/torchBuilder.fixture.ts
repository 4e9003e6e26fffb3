import { assemblePickle } from '../pickle/assembler.fixture.ts';
import { buildTar } from '../tar/tarBuilder.fixture.ts';
import { buildZip, type BuildEntry } from '../zip/zipBuilder.fixture.ts';

/** A tensor of a test checkpoint, as `torch.save` describes it. Offsets and strides count elements. */
export interface BuildTensor {
  name: string;
  /** Storage class; default `FloatStorage`. */
  storage?: string;
  key: string;
  /** Elements of the storage. */
  elements: number;
  offset?: number;
  shape: number[];
  /** Default: contiguous. */
  stride?: number[];
  /** Only in legacy files: the storage is a part of the record. */
  view?: { key: string; start: number; elements: number };
  /** With `torch.NAME`: rebuilt by `_rebuild_tensor_v3`. */
  dtype?: string;
}

type Layout = 'zip' | 'legacy';

const tuple = (numbers: readonly number[]): string =>
  ['MARK', ...numbers.map((number) => (number > 0xffff ? `LONG1 ${number}` : `BININT2 ${number}`)), 'TUPLE'].join('\n');

/** The opcodes that leave one tensor on the stack. */
export function tensorListing(tensor: BuildTensor, layout: Layout = 'zip'): string {
  const { key, elements, shape, storage = 'FloatStorage', offset = 0, view, dtype } = tensor;
  const stride = tensor.stride ?? shape.map((_, axis) => shape.slice(axis + 1).reduce((all, size) => all * size, 1));
  const part = view
    ? ['MARK', `BINUNICODE '${view.key}'`, `LONG1 ${view.start}`, `LONG1 ${view.elements}`, 'TUPLE']
    : ['NONE'];
  return [
    dtype ? 'GLOBAL torch._utils _rebuild_tensor_v3' : 'GLOBAL torch._utils _rebuild_tensor_v2',
    'MARK',
    'MARK',
    "BINUNICODE 'storage'",
    storage === 'UntypedStorage' ? 'GLOBAL torch.storage UntypedStorage' : `GLOBAL torch ${storage}`,
    `BINUNICODE '${key}'`,
    "BINUNICODE 'cpu'",
    `LONG1 ${elements}`,
    ...(layout === 'legacy' ? part : []),
    'TUPLE',
    'BINPERSID',
    `LONG1 ${offset}`,
    tuple(shape),
    tuple(stride),
    'NEWFALSE',
    'GLOBAL collections OrderedDict',
    'EMPTY_TUPLE',
    'REDUCE',
    ...(dtype ? [`GLOBAL torch ${dtype}`] : []),
    'TUPLE',
    'REDUCE',
  ].join('\n');
}

/** A pickle of an OrderedDict with `_metadata`, as `module.state_dict()` gives. `more` are further key and value opcodes. */
export function stateDictPickle(tensors: readonly BuildTensor[], layout: Layout = 'zip', more = ''): Uint8Array {
  return assemblePickle(
    [
      'PROTO 2',
      'GLOBAL collections OrderedDict',
      'EMPTY_TUPLE',
      'REDUCE',
      'BINPUT 0',
      'MARK',
      ...tensors.flatMap((tensor) => [`BINUNICODE '${tensor.name}'`, tensorListing(tensor, layout)]),
      more,
      'SETITEMS',
      'EMPTY_DICT',
      "BINUNICODE '_metadata'",
      'EMPTY_DICT',
      'SETITEM',
      'BUILD',
      'STOP',
    ].join('\n'),
  );
}

/** An archive as `torch.save` writes it since 1.6: stored entries, sizes in descriptors. */
export function buildTorchZip(
  pickle: Uint8Array,
  storages: Record<string, Uint8Array>,
  { byteOrder, more = [] }: { byteOrder?: string; more?: BuildEntry[] } = {},
): Uint8Array {
  const described = 0x808;
  return buildZip([
    { name: 'archive/data.pkl', data: pickle, flags: described },
    ...(byteOrder === undefined ? [] : [{ name: 'archive/byteorder', data: byteOrder, flags: described }]),
    ...Object.entries(storages).map(([key, data]) => ({ name: `archive/data/${key}`, data, flags: described })),
    { name: 'archive/version', data: '3\n', flags: described },
    ...more,
  ]);
}

/** A file as `torch.save` wrote it before 1.6. `storages` in the order of the file, with their element counts. */
export function buildTorchLegacy(
  pickle: Uint8Array,
  storages: readonly { key: string; elements: number; data: Uint8Array }[],
  { littleEndian = true, protocol = 2 }: { littleEndian?: boolean; protocol?: number } = {},
): Uint8Array {
  const frame = protocol >= 4 ? 'FRAME auto\n' : '';
  const keys = storages.map(({ key }) => `BINUNICODE '${key}'`).join('\n');
  const chunks = [
    assemblePickle(`PROTO ${protocol}\n${frame}LONG1 hex:6cfc9c46f9206aa85019\nSTOP`),
    assemblePickle(`PROTO ${protocol}\nBININT2 1001\nSTOP`),
    assemblePickle(
      `PROTO 2\nEMPTY_DICT\nMARK\nBINUNICODE 'little_endian'\n${littleEndian ? 'NEWTRUE' : 'NEWFALSE'}\nSETITEMS\nSTOP`,
    ),
    pickle,
    assemblePickle(`PROTO 2\nEMPTY_LIST\nMARK\n${keys}\nAPPENDS\nSTOP`),
  ];
  for (const { elements, data } of storages) {
    const count = Buffer.alloc(8);
    count.writeBigInt64LE(BigInt(elements));
    chunks.push(count, data);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

/** A file as PyTorch 0.1.1 wrote it: one storage of two floats, one tensor, `object` as the pickle. */
export function buildTorchTar(object: Uint8Array): Uint8Array {
  const little = (value: number, bytes: 4 | 8): Buffer => {
    const buffer = Buffer.alloc(bytes);
    buffer.writeUInt32LE(value);
    return buffer;
  };
  const one = assemblePickle('PROTO 2\nBININT1 1\nSTOP');
  const storage = assemblePickle("PROTO 2\nBINUNICODE '1'\nBINUNICODE 'cpu'\nGLOBAL torch FloatStorage\nTUPLE3\nSTOP");
  const tensor = assemblePickle("PROTO 2\nBINUNICODE '2'\nBINUNICODE '1'\nGLOBAL torch FloatTensor\nTUPLE3\nSTOP");
  const views = assemblePickle('PROTO 2\nEMPTY_LIST\nSTOP');
  return buildTar([
    { name: 'sys_info', data: assemblePickle('PROTO 2\nEMPTY_DICT\nSTOP') },
    { name: 'pickle', data: object },
    { name: 'storages', data: Buffer.concat([one, storage, little(2, 8), Buffer.alloc(8), views]) },
    {
      name: 'tensors',
      data: Buffer.concat([one, tensor, little(1, 4), little(0, 4), little(2, 8), little(1, 8), little(0, 8)]),
    },
  ]);
}

/** The bytes of 32-bit floats, little-endian. */
export const floats = (...values: number[]): Uint8Array => {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => bytes.writeFloatLE(value, index * 4));
  return new Uint8Array(bytes);
};
