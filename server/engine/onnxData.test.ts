import assert from 'node:assert/strict';
import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { test } from 'node:test';
import { buildProtobuf, varint, type BuildField } from '../formats/protobuf/protobufBuilder.fixture.ts';
import { defaultConfiguration } from './configuration.ts';
import { makeWorkspace } from './workspace.fixture.ts';
import { WorkspaceScanner } from './workspaceScanner.ts';

/** A tensor of one float that stands in a file beside the model. */
const takenFrom = (file: string): BuildField => [
  5,
  [
    [1, 1],
    [2, 1],
    [8, 'weights'],
    [
      13,
      [
        [1, 'location'],
        [2, file],
      ],
    ],
    [14, 1],
  ],
];

const inFront: BuildField[] = [
  [1, 8],
  [2, 'pytorch'],
];

/** A model that takes four bytes from each of the files. */
const model = (...files: string[]): Uint8Array => buildProtobuf([...inFront, [7, files.map(takenFrom)]]);

/** What is said of external data in a scan of the folder. */
async function said(root: string): Promise<string[]> {
  const scanner = new WorkspaceScanner({ base: root, configuration: defaultConfiguration(root), cache: false });
  try {
    const { findings } = await scanner.scan();
    return findings.filter(({ ruleId }) => ruleId === 'onnx/external-data-missing').map(({ message }) => message);
  } finally {
    await scanner.dispose();
  }
}

test('the data of every model of a folder is compared, however many there are', async (context) => {
  const names = Array.from({ length: 300 }, (_, index) => `m${index}`);
  const { root } = makeWorkspace(context, {
    ...Object.fromEntries(names.map((name) => [`m/${name}.onnx`, model(`${name}.bin`)])),
    ...Object.fromEntries(names.map((name) => [`m/${name}.bin`, 'ab'])),
  });
  const found = await said(root);
  assert.equal(found.length, 300);
  assert.match(found.join('\n'), /m299\.onnx takes 4 bytes from "m299\.bin", which has 2\./);
});

test('a model of more than 64 MB is compared, too', async (context) => {
  const { root, write } = makeWorkspace(context, { 'm/data.bin': 'ab' });
  // The bytes of a tensor that stands in the model come last, and are zeros that take no room on the disk.
  const large = 70 << 20;
  const prefix = Buffer.concat([Buffer.from([9 * 8 + 2]), varint(large)]);
  const tensor = Buffer.concat([Buffer.from([5 * 8 + 2]), varint(prefix.length + large), prefix]);
  const external = Buffer.from(buildProtobuf([takenFrom('data.bin')]));
  const graph = Buffer.concat([external, tensor]);
  const head = Buffer.concat([buildProtobuf(inFront), Buffer.from([7 * 8 + 2]), varint(graph.length + large), graph]);
  const file = openSync(write('m/large.onnx', ''), 'w');
  writeSync(file, head);
  ftruncateSync(file, head.length + large);
  closeSync(file);
  assert.deepEqual(await said(root), [
    'large.onnx takes 4 bytes from "data.bin", which has 2. Fetch both again, and compare their digests.',
  ]);
});
