import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { deflateSync, gzipSync } from 'node:zlib';
import { buildFlatbuffer } from '../../server/formats/flatbuffer/flatbufferBuilder.fixture.ts';
import { buildGguf } from '../../server/formats/gguf/ggufBuilder.fixture.ts';
import { buildHdf5 } from '../../server/formats/hdf5/hdf5Builder.fixture.ts';
import { buildProtobuf, type BuildField } from '../../server/formats/protobuf/protobufBuilder.fixture.ts';
import { assemblePickle } from '../../server/formats/pickle/assembler.fixture.ts';
import * as vectors from '../../server/formats/compression/vectors.fixture.ts';
import { Extension, pack } from '../../server/formats/msgpack/msgpackBuilder.fixture.ts';
import { buildSevenZip } from '../../server/formats/sevenzip/sevenZipBuilder.fixture.ts';
import { buildZip } from '../../server/formats/zip/zipBuilder.fixture.ts';

/** A file to damage. */
export interface Subject {
  name: string;
  bytes: Uint8Array;
}

/** One pickle of each shape that calls os.system, and values around it. */
export const dangerousListings: Record<string, string> = {
  'protocol 0': "GLOBAL os system\nMARK\nUNICODE 'echo probe'\nTUPLE\nREDUCE\nSTOP",
  'protocol 2': "PROTO 2\nGLOBAL os system\nBINPUT 0\nBINUNICODE 'echo probe'\nTUPLE1\nREDUCE\nBINPUT 1\nSTOP",
  'protocol 4':
    "PROTO 4\nFRAME auto\nSHORT_BINUNICODE 'os'\nMEMOIZE\nSHORT_BINUNICODE 'system'\nMEMOIZE\nSTACK_GLOBAL\nMEMOIZE\nSHORT_BINUNICODE 'echo probe'\nTUPLE1\nREDUCE\nSTOP",
  'through the memo':
    "PROTO 4\nSHORT_BINUNICODE 'os'\nBINPUT 7\nPOP\nSHORT_BINUNICODE 'system'\nMEMOIZE\nPOP\nBINGET 7\nBINGET 1\nSTACK_GLOBAL\nBINUNICODE 'echo probe'\nTUPLE1\nREDUCE\nSTOP",
  INST: "MARK\nUNICODE 'echo probe'\nINST os system\nPOP\nNONE\nSTOP",
  OBJ: "PROTO 2\nMARK\nGLOBAL os system\nBINUNICODE 'echo probe'\nOBJ\nPOP\nNONE\nSTOP",
  'in a dictionary':
    "PROTO 2\nEMPTY_DICT\nBINPUT 0\nMARK\nBINUNICODE 'epoch'\nBININT1 3\nBINUNICODE 'hook'\nGLOBAL os system\nBINUNICODE 'echo probe'\nTUPLE1\nREDUCE\nBINUNICODE 'lr'\nBINFLOAT 0.5\nSETITEMS\nSTOP",
};

const storage =
  "MARK\nBINUNICODE 'storage'\nGLOBAL torch FloatStorage\nBINUNICODE '0'\nBINUNICODE 'cpu'\nBININT1 4\nTUPLE\nBINPERSID";
const tensor = `GLOBAL torch._utils _rebuild_tensor_v2\nMARK\n${storage}\nBININT1 0\nBININT1 4\nTUPLE1\nBININT1 1\nTUPLE1\nNEWFALSE\nGLOBAL collections OrderedDict\nEMPTY_TUPLE\nREDUCE\nTUPLE\nREDUCE`;
const stateDict = `PROTO 2\nEMPTY_DICT\nBINUNICODE 'weight'\n${tensor}\nSETITEM\nSTOP`;

/** The generated files: one small file of every format that is read. */
export function generatedSubjects(): Subject[] {
  const weights = Buffer.alloc(16, 1);
  const torchZip = buildZip([
    { name: 'model/data.pkl', data: assemblePickle(stateDict) },
    { name: 'model/data/0', data: weights },
    { name: 'model/version', data: '3\n' },
  ]);
  const dangerous = assemblePickle(dangerousListings['protocol 2'] ?? '');
  return [
    ...Object.entries(dangerousListings).map(([name, listing]) => ({
      name: `${name}.pkl`,
      bytes: assemblePickle(listing),
    })),
    { name: 'state.pt', bytes: torchZip },
    {
      name: 'bad.pt',
      bytes: buildZip([
        { name: 'model/data.pkl', data: dangerous },
        { name: 'model/data/0', data: weights },
      ]),
    },
    { name: 'deflated.zip', bytes: buildZip([{ name: 'inner.pt', data: torchZip, method: 8 }], { zip64: true }) },
    { name: 'model.pkl.gz', bytes: gzipSync(dangerous) },
    { name: 'model.joblib', bytes: deflateSync(dangerous) },
    { name: 'model.tar', bytes: tar([{ name: 'data.pkl', data: dangerous }]) },
    { name: 'model.safetensors', bytes: safetensors() },
    { name: 'floats.npy', bytes: npy('<f4', Buffer.alloc(48)) },
    { name: 'objects.npy', bytes: npy('|O', dangerous) },
    { name: 'arrays.npz', bytes: buildZip([{ name: 'x.npy', data: npy('<f4', Buffer.alloc(48)) }]) },
    ...otherFormats(),
  ];
}

function otherFormats(): Subject[] {
  const hdf5 = buildHdf5({
    attributes: { keras_version: '2.15.0', model_config: '{"class_name":"Sequential","config":{"layers":[]}}' },
    datasets: { kernel: [2, 3] },
    externalLinks: { link: ['other.h5', '/x'] },
    virtual: { view: ['source.h5', '/y'] },
  });
  const config = { module: 'keras', class_name: 'Sequential', config: { name: 's', layers: [] } };
  return [
    { name: 'model.h5', bytes: hdf5 },
    {
      name: 'model.keras',
      bytes: buildZip([
        { name: 'metadata.json', data: '{"keras_version":"3.3.3"}' },
        { name: 'config.json', data: JSON.stringify(config) },
        { name: 'model.weights.h5', data: hdf5 },
      ]),
    },
    {
      name: 'model.gguf',
      bytes: buildGguf({
        metadata: { 'general.architecture': 'llama', 'tokenizer.chat_template': '{{ messages[0].content }}' },
        tensors: [{ name: 'a', shape: [4], offset: 0 }],
        data: 64,
      }),
    },
    { name: 'model.7z', bytes: buildSevenZip({ files: [{ name: 'data.pkl', data: weights(40) }] }) },
    {
      name: 'packed.7z',
      bytes: buildSevenZip({ files: [{ name: 'a.bin', data: weights(400) }], encodedHeader: true }),
    },
    { name: 'model.pkl.bz2', bytes: vectors.bzip2 },
    { name: 'model.pkl.xz', bytes: vectors.xz },
    { name: 'model.pkl.lzma', bytes: vectors.alone },
    { name: 'model.pkl.zst', bytes: vectors.zstd },
    { name: 'model.pkl.lz4', bytes: vectors.lz4 },
    { name: 'model.tar.gz', bytes: gzipSync(tar([{ name: 'model_config.yaml', data: Buffer.from(hydra) }])) },
    { name: 'model.msgpack', bytes: pack(new Map([['params', new Map([['kernel', new Extension(1, weights(32))]])]])) },
    { name: 'saved_model.pb', bytes: savedModel() },
    { name: 'model.ggml', bytes: ggjt() },
    { name: 'sparse.tar', bytes: sparseTar() },
    { name: 'model.onnx', bytes: onnx() },
    { name: 'model.tflite', bytes: buildFlatbuffer({ 0: { int32: 3 } }, 'TFL3') },
  ];
}

const hydra = 'target: nemo.core.Model\nencoder:\n  _target_: torch.nn.Linear\n  args: &a [1, 2]\n  again: *a\n';

const weights = (length: number): Uint8Array => Uint8Array.from({ length }, (_, at) => (at * 37) & 0xff);

/** A model of the time before GGUF: `ggjt` 1, one word and one tensor of two numbers at 64. */
function ggjt(): Uint8Array {
  const bytes = Buffer.alloc(72);
  bytes.write('tjgg');
  [1, 1, 8, 1, 1, 1, 4, 0, 1].forEach((value, at) => bytes.writeUInt32LE(value, 4 + at * 4));
  bytes.write('a', 40);
  // The score of the word, then dimensions, length of the name, type, shape, name.
  [0x65000000, 1, 1, 0].forEach((value, at) => bytes.writeUInt32LE(value, 41 + at * 4));
  bytes.writeUInt32LE(2, 57);
  bytes.write('w', 61);
  return bytes;
}

/** One file with a hole, as pax 0.1 writes it. */
function sparseTar(): Uint8Array {
  const records = '26 GNU.sparse.map=2,3,8,2\n26 GNU.sparse.realsize=12\n';
  const bytes = tar([
    { name: 'pax', data: Buffer.from(records) },
    { name: 'a.pkl', data: Buffer.from('abcde') },
  ]);
  bytes[156] = 0x78;
  // The sum of the header changes with its type, from `0` to `x`.
  const sum = parseInt(Buffer.from(bytes.subarray(148, 154)).toString(), 8) + 0x78 - 0x30;
  Buffer.from(`${sum.toString(8).padStart(6, '0')}\0 `).copy(bytes, 148);
  return bytes;
}

/** A SavedModel (tensorflow/core/protobuf/saved_model.proto): one graph of two nodes, and a function. */
function savedModel(): Uint8Array {
  const node = (name: string, op: string): BuildField => [
    1,
    [
      [1, name],
      [2, op],
    ],
  ];
  const library: BuildField = [
    2,
    [
      [
        1,
        [
          [
            3,
            [
              [1, 'inner'],
              [2, 'Identity'],
            ],
          ],
        ],
      ],
    ],
  ];
  return buildProtobuf([
    [1, 1],
    [2, [[2, [node('x', 'Placeholder'), node('y', 'Relu'), library]]]],
  ]);
}

/** An ONNX model (onnx/onnx.proto): one node, one initialiser whose bytes stand in a file. */
function onnx(): Uint8Array {
  const location: BuildField = [
    13,
    [
      [1, 'location'],
      [2, 'weights.bin'],
    ],
  ];
  const node: BuildField = [
    1,
    [
      [1, 'x'],
      [1, 'w'],
      [2, 'y'],
      [4, 'Add'],
    ],
  ];
  const weights: BuildField = [5, [[1, 4], [2, 1], [8, 'w'], location, [14, 1]]];
  return buildProtobuf([
    [1, 8],
    [2, 'test'],
    [7, [node, [2, 'graph'], weights]],
    [
      8,
      [
        [1, ''],
        [2, 15],
      ],
    ],
  ]);
}

/** The shared corpus, when this clone has one beside it. */
export function corpusSubjects(repository: string, longest: number): Subject[] {
  const folder = path.join(repository, '..', 'shared', 'data', 'model-files');
  if (!existsSync(folder)) return [];
  return filesBelow(folder, '')
    .filter((name) => name !== 'manifest.tsv')
    .map((name) => ({ name, bytes: Uint8Array.from(readFileSync(path.join(folder, name)).subarray(0, longest)) }));
}

function filesBelow(folder: string, prefix: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) =>
      entry.isDirectory()
        ? filesBelow(path.join(folder, entry.name), `${prefix}${entry.name}/`)
        : [prefix + entry.name],
    );
}

/** A NumPy array file, version 1.0 (numpy/lib/format.py). */
export function npy(descr: string, data: Uint8Array): Uint8Array {
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (3, 4), }`.padEnd(117) + '\n';
  const length = Buffer.alloc(2);
  length.writeUInt16LE(text.length);
  return Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'), length, Buffer.from(text), data]);
}

/** A safetensors file with two tensors. */
function safetensors(): Uint8Array {
  const header = JSON.stringify({
    __metadata__: { format: 'pt' },
    a: { dtype: 'F32', shape: [2, 2], data_offsets: [0, 16] },
    b: { dtype: 'I64', shape: [1], data_offsets: [16, 24] },
  }).padEnd(160);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, Buffer.from(header), Buffer.alloc(24)]);
}

/** A ustar archive (POSIX.1-1988, section 10.1.1). */
export function tar(members: { name: string; data: Uint8Array }[]): Uint8Array {
  const blocks = members.flatMap(({ name, data }) => {
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write('0000644\0', 100);
    header.write(`${data.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write('00000000000\0', 136);
    header.write('        0ustar\x0000', 148, 'latin1');
    header.write(
      `${header
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, '0')}\0 `,
      148,
    );
    return [header, data, Buffer.alloc((512 - (data.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}
