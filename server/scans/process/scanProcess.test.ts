import assert from 'node:assert/strict';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { WeighbridgeError } from '../../errors.ts';
import { buildProtobuf, type BuildField } from '../../formats/protobuf/protobufBuilder.fixture.ts';
import { ModelBuilder, writeModelFile } from '../onnx/modelBuilder.fixture.ts';
import { candidates } from '../runtime/providers.ts';
import { runScan } from './scanProcess.ts';

/** A model of one product, with a tensor `w` that is written as given. */
function modelWith(tensor: BuildField[], shape: number[] = [2, 2]): Uint8Array {
  return buildProtobuf([
    [1, 8],
    [
      7,
      [
        [
          1,
          [
            [1, 'x'],
            [1, 'w'],
            [2, 'y'],
            [4, 'MatMul'],
          ],
        ],
        [5, [...shape.map((size): BuildField => [1, size]), [2, 1], [8, 'w'], ...tensor]],
        [
          11,
          [
            [1, 'x'],
            [
              2,
              [
                [
                  1,
                  [
                    [1, 1],
                    [
                      2,
                      [
                        [1, [[1, 2]]],
                        [1, [[1, 2]]],
                      ],
                    ],
                  ],
                ],
              ],
            ],
          ],
        ],
        [12, [[1, 'y']]],
      ],
    ],
    [8, [[2, 17]]],
  ]);
}

const external = (location: string, more: BuildField[] = []): BuildField[] => [
  [
    13,
    [
      [1, 'location'],
      [2, location],
    ],
  ],
  ...more,
  [14, 1],
];

async function refusal(bytes: Uint8Array, prepare: (folder: string) => void = () => undefined): Promise<string> {
  const model = writeModelFile(bytes);
  prepare(dirname(model));
  try {
    await runScan('describe', { model, provider: 'cpu' });
  } catch (error) {
    assert.ok(error instanceof WeighbridgeError, String(error));
    assert.equal(error.code, 'bad-input');
    assert.doesNotMatch(error.message, /\n/);
    return error.message;
  } finally {
    rmSync(dirname(model), { recursive: true });
  }
  assert.fail('it was loaded');
}

function honest(): string {
  const m = new ModelBuilder();
  return writeModelFile(m.build(m.node('MatMul', ['x', m.weights([3, 2])]), ['n', 3]));
}

describe('the process of a scan', () => {
  it('loads a model and says who runs it', async () => {
    const { inputs, provider } = await runScan('describe', { model: honest(), provider: 'auto' });
    assert.deepEqual(inputs, [{ name: 'x', type: 1, shape: ['n', 3] }]);
    const tried = [...provider.failed.map((each) => each.provider), provider.used];
    assert.deepEqual(tried, candidates('auto', process.platform).slice(0, tried.length));
  });

  it('falls back to the CPU where the provider is not in this build, and says so', async () => {
    const absent = process.platform === 'win32' ? 'coreml' : 'dml';
    const { provider } = await runScan('describe', { model: honest(), provider: absent });
    assert.equal(provider.used, 'cpu');
    assert.match(provider.failed[0]!.reason, /does not have it/);
  });

  it('is one clear error when it is killed, and the next scan works', async () => {
    const killed = runScan(
      'describe',
      { model: honest(), provider: 'cpu' },
      { onStart: (id) => process.kill(id!, 'SIGKILL') },
    );
    await assert.rejects(
      killed,
      (error: WeighbridgeError) => error.code === 'worker-lost' && /SIGKILL/.test(error.message),
    );
    await runScan('describe', { model: honest(), provider: 'cpu' });
  });

  it('ends when it is cancelled', async () => {
    const controller = new AbortController();
    const scan = runScan(
      'describe',
      { model: honest(), provider: 'cpu' },
      { signal: controller.signal, onStart: () => controller.abort() },
    );
    await assert.rejects(scan, { code: 'cancelled' });
  });

  it('ends when it takes too long, or too much memory', async () => {
    await assert.rejects(runScan('describe', { model: honest(), provider: 'cpu' }, { limits: { timeMs: 1 } }), {
      code: 'refused',
      message: /longer than 0.001 seconds/,
    });
    // Node and the runtime alone take more.
    await assert.rejects(
      runScan('describe', { model: honest(), provider: 'cpu' }, { limits: { memoryBytes: 32 << 20 } }),
      {
        code: 'refused',
        message: /more than 32 MiB/,
      },
    );
  });
});

describe('a model that lies', () => {
  it('has no more weights than are in the file', async () => {
    const huge = [50_000, 50_000];
    assert.match(
      await refusal(modelWith([[9, new Uint8Array(16)]], huge)),
      /50000 x 50000\) needs 10000000000 bytes, and 16 are/,
    );
    assert.match(
      await refusal(modelWith(external('weights.bin'), huge), (folder) =>
        writeFileSync(join(folder, 'weights.bin'), 'short'),
      ),
      /need 10000000000 bytes of "weights.bin", which has 5/,
    );
  });

  it('keeps its weights in its folder', async () => {
    assert.match(await refusal(modelWith(external('../secret.bin'))), /climbs out of the folder/);
    assert.match(await refusal(modelWith(external('/etc/passwd'))), /is absolute/);
    assert.match(await refusal(modelWith(external('gone.bin'))), /does not exist/);
    assert.match(
      await refusal(modelWith(external('link.bin')), (folder) => symlinkSync('/etc/passwd', join(folder, 'link.bin'))),
      /symbolic link/,
    );
    assert.match(
      await refusal(modelWith(external('folder/w.bin')), (folder) => {
        mkdirSync(join(folder, 'real'));
        symlinkSync(join(folder, 'real'), join(folder, 'folder'));
        writeFileSync(join(folder, 'real', 'w.bin'), new Uint8Array(16));
      }),
      /symbolic link/,
    );
  });

  it('is refused when it is none, or is cut off', async () => {
    assert.match(await refusal(Buffer.from('not a model')), /cannot be scanned/);
    assert.match(await refusal(new Uint8Array(0)), /no graph/);
    const whole = modelWith([[9, new Uint8Array(16)]]);
    assert.match(await refusal(whole.subarray(0, whole.length - 20)), /cannot be scanned/);
  });

  it('is refused by the runtime when its graph runs in a circle or its shapes do not fit', async () => {
    const m = new ModelBuilder();
    m.nodes.push(
      { operator: 'Add', inputs: ['x', 'b'], outputs: ['a'] },
      { operator: 'Relu', inputs: ['a'], outputs: ['b'] },
    );
    assert.match(await refusal(m.build('b', [2])), /ONNX Runtime cannot load the model/);
    assert.match(await refusal(modelWith([[9, new Uint8Array(12)]], [3, 1])), /ONNX Runtime cannot load the model/);
  });
});
