import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  closeSync,
  ftruncateSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { WeighbridgeError, type ErrorCode } from '../errors.ts';
import { assemblePickle } from '../formats/pickle/assembler.fixture.ts';
import {
  buildTorchLegacy,
  buildTorchTar,
  buildTorchZip,
  stateDictPickle,
  tensorListing,
  type BuildTensor,
} from '../formats/torch/torchBuilder.fixture.ts';
import { checkpointFolder, six, system, tensor, zip } from './checkpoints.fixture.ts';
import { convertCheckpoint, type ConvertOptions } from './convertCheckpoint.ts';

interface Written {
  metadata: Record<string, string>;
  order: string[];
  bytes: Record<string, Buffer>;
  header: Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }>;
}

/** Reads safetensors by the specification. */
function readSafetensors(path: string): Written {
  const all = readFileSync(path);
  const length = Number(all.readBigUInt64LE(0));
  assert.equal(length % 8, 0);
  const { __metadata__: metadata, ...header } = JSON.parse(
    all.subarray(8, 8 + length).toString('utf8'),
  ) as Written['header'] & {
    __metadata__: unknown;
  };
  const bytes: Written['bytes'] = {};
  for (const [name, { data_offsets: offsets }] of Object.entries(header)) {
    bytes[name] = all.subarray(8 + length + offsets[0], 8 + length + offsets[1]);
  }
  return { metadata: metadata as Record<string, string>, order: Object.keys(header), bytes, header };
}

const numbers = (bytes: Buffer | undefined): number[] =>
  Array.from({ length: (bytes?.length ?? 0) / 4 }, (_, index) => bytes!.readFloatLE(index * 4));

describe('convertCheckpoint', () => {
  const { file, put, names } = checkpointFolder();

  /** Converts and expects a refusal that leaves nothing behind. */
  async function refuses(code: ErrorCode, message: RegExp, input: string, options: ConvertOptions = {}): Promise<void> {
    const there = names();
    await assert.rejects(convertCheckpoint(input, options), (error: unknown) => {
      assert.ok(error instanceof WeighbridgeError, String(error));
      assert.equal(error.code, code, error.message);
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /\n/);
      return true;
    });
    assert.deepEqual(names(), there);
  }

  it('writes views as dense tensors, in the reference order', async () => {
    const input = put(
      zip([
        tensor('plain', { shape: [2, 3] }),
        tensor('transposed', { shape: [3, 2], stride: [1, 3] }),
        tensor('expanded', { shape: [2, 2], stride: [0, 1], offset: 4 }),
        tensor('every second', { shape: [3], stride: [2] }),
        tensor('scalar', { shape: [], offset: 5 }),
        tensor('none', { shape: [0, 3] }),
        tensor('one row', { shape: [1, 3], stride: [99, 1], offset: 3 }),
        tensor('twice apart', { shape: [2, 3, 1, 2], stride: [0, 1, 7, 3] }),
      ]),
    );
    const result = await convertCheckpoint(input);
    assert.equal(result.output, file('model.safetensors'));
    const { bytes, order, header, metadata } = readSafetensors(result.output);
    assert.deepEqual(metadata, { format: 'pt' });
    assert.deepEqual(order, [
      'every second',
      'expanded',
      'none',
      'one row',
      'plain',
      'scalar',
      'transposed',
      'twice apart',
    ]);
    assert.deepEqual(header['none']?.shape, [0, 3]);
    assert.deepEqual(header['scalar']?.shape, []);
    assert.deepEqual(Object.fromEntries(order.map((name) => [name, numbers(bytes[name])])), {
      'every second': [0, 2, 4],
      expanded: [4, 5, 4, 5],
      none: [],
      'one row': [3, 4, 5],
      plain: [0, 1, 2, 3, 4, 5],
      scalar: [5],
      transposed: [0, 3, 1, 4, 2, 5],
      'twice apart': [0, 3, 1, 4, 2, 5, 0, 3, 1, 4, 2, 5],
    });
    assert.deepEqual(result.dtypes, { F32: 8 });
    assert.match(result.notices.join(), /share data .* were written apart/);
    assert.ok(result.verified);
  });

  it('orders by element type, then by code point', async () => {
    const storages = { 0: six, 1: Buffer.alloc(8), 2: Buffer.alloc(1), 3: Buffer.alloc(3) };
    const one = (
      name: string,
      storage: string,
      key: string,
      elements: number,
      more: Partial<BuildTensor> = {},
    ): BuildTensor => ({
      ...{ name, storage, key, elements, shape: [elements] },
      ...more,
    });
    const pickle = stateDictPickle([
      one('b', 'BoolStorage', '2', 1),
      one('\uffee', 'FloatStorage', '0', 6, { shape: [1] }),
      one('\u{1f600}', 'FloatStorage', '0', 6, { shape: [2] }),
      one('a', 'LongStorage', '1', 1),
      one('f8', 'UntypedStorage', '3', 3, { dtype: 'float8_e4m3fn' }),
    ]);
    const { output } = await convertCheckpoint(put(buildTorchZip(pickle, storages)));
    const { order, header } = readSafetensors(output);
    assert.deepEqual(order, ['a', '\uffee', '\u{1f600}', 'f8', 'b']);
    assert.equal(header['f8']?.dtype, 'F8_E4M3');
  });

  it('turns big-endian elements, complex ones by halves', async () => {
    const bytes = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8]);
    const one = (name: string, storage: string, key: string, elements: number): BuildTensor => ({
      name,
      storage,
      key,
      elements,
      shape: [elements],
    });
    const pickle = stateDictPickle([
      one('i64', 'LongStorage', '0', 1),
      one('c64', 'ComplexFloatStorage', '1', 1),
      one('f16', 'HalfStorage', '2', 4),
      one('u8', 'ByteStorage', '3', 8),
      { ...one('f32 transposed', 'FloatStorage', '4', 2), shape: [1, 2, 1], stride: [1, 1, 2] },
    ]);
    const { output } = await convertCheckpoint(
      put(buildTorchZip(pickle, { 0: bytes, 1: bytes, 2: bytes, 3: bytes, 4: bytes }, { byteOrder: 'big' })),
    );
    const written = readSafetensors(output).bytes;
    assert.deepEqual(
      Object.fromEntries(Object.entries(written).map(([name, value]) => [name, value.toString('hex')])),
      {
        i64: '0807060504030201',
        c64: '0403020108070605',
        'f32 transposed': '0403020108070605',
        f16: '0201040306050807',
        u8: '0102030405060708',
      },
    );
  });

  it('reads legacy files, with views of a storage', async () => {
    const view = { key: '8', start: 2, elements: 4 };
    const pickle = stateDictPickle([tensor('all'), tensor('part', { view, offset: 1, shape: [3] })], 'legacy');
    const { output } = await convertCheckpoint(put(buildTorchLegacy(pickle, [{ key: '0', elements: 6, data: six }])));
    const { bytes } = readSafetensors(output);
    assert.deepEqual(numbers(bytes['all']), [0, 1, 2, 3, 4, 5]);
    assert.deepEqual(numbers(bytes['part']), [3, 4, 5]);
  });

  it('writes a tied tensor once and names the other, or each on request', async () => {
    const input = put(zip([tensor('tied'), tensor('head')]));
    const once = await convertCheckpoint(input);
    assert.deepEqual(once.aliases, { tied: 'head' });
    assert.deepEqual(readSafetensors(once.output).metadata, { format: 'pt', tied: 'head' });
    assert.deepEqual(readSafetensors(once.output).order, ['head']);
    const each = await convertCheckpoint(input, { duplicateAliases: true, overwrite: true });
    assert.deepEqual(each.aliases, {});
    assert.deepEqual(readSafetensors(each.output).order, ['head', 'tied']);
  });

  it('leaves what is not a tensor only when asked to, and never runs it', async () => {
    const input = put(zip([tensor('w')], system));
    await refuses('refused', /more than tensors: the key "x" would run posix.system\("echo hi"\)/, input);
    const result = await convertCheckpoint(input, { tensorsOnly: true });
    assert.deepEqual(result.dropped, [{ key: 'x', what: 'would run posix.system("echo hi")' }]);
    assert.deepEqual(readSafetensors(result.output).order, ['w']);
  });

  it('takes one dictionary of several, or joins their names', async () => {
    const pickle = assemblePickle(
      [
        "PROTO 2\nEMPTY_DICT\nMARK\nBINUNICODE 'state_dict'\nEMPTY_DICT\nMARK",
        `BINUNICODE 'w'\n${tensorListing(tensor('w'))}`,
        `SETITEMS\nBINUNICODE 'ema'\nEMPTY_DICT\nMARK\nBINUNICODE 'w'\n${tensorListing(tensor('w', { offset: 1, shape: [2] }))}`,
        'SETITEMS\nSETITEMS\nSTOP',
      ].join('\n'),
    );
    const input = put(buildTorchZip(pickle, { 0: six }));
    await refuses('refused', /nested: the key "state_dict" holds others; .*--select.*--flatten/, input);
    await refuses('refused', /no key "model"/, input, { select: 'model' });
    const selected = await convertCheckpoint(input, { select: 'ema', out: file('ema.safetensors') });
    assert.deepEqual(numbers(readSafetensors(selected.output).bytes['w']), [1, 2]);
    assert.deepEqual(selected.dropped, [{ key: 'state_dict', what: 'a dictionary of 1' }]);
    const joined = await convertCheckpoint(input, { flatten: true });
    assert.deepEqual(readSafetensors(joined.output).order, ['ema.w', 'state_dict.w']);
  });

  it('says what a file is when it is no checkpoint of tensors', async () => {
    await refuses('not-found', /nothing\.pt does not exist/, file('nothing.pt'));
    await refuses('unreadable', /not a regular file/, file('.'), { out: file('o.safetensors') });
    await refuses('bad-input', /is empty/, put(''));
    await refuses('bad-input', /not a PyTorch checkpoint/, put('hello, this is text'));
    await refuses('refused', /without storages/, put(assemblePickle('PROTO 2\nEMPTY_DICT\nSTOP')));
    await refuses('refused', /tar archive/, put(buildTorchTar(assemblePickle('PROTO 2\nEMPTY_DICT\nSTOP'))));
    await refuses(
      'refused',
      /one tensor without a name/,
      put(buildTorchZip(assemblePickle(`PROTO 2\n${tensorListing(tensor('w'))}\nSTOP`), { 0: six })),
    );
    await refuses('refused', /no tensors/, put(zip([])));
    const module = assemblePickle(
      'PROTO 2\nGLOBAL torch.nn.modules.linear Linear\nEMPTY_TUPLE\nNEWOBJ\nEMPTY_DICT\nBUILD\nSTOP',
    );
    await refuses(
      'refused',
      /object of torch.nn.modules.linear.Linear.*state_dict\(\)/,
      put(buildTorchZip(module, {})),
    );
  });

  it('refuses data that is not what the pickle or the archive says', async () => {
    await refuses(
      'refused',
      /should take 28 bytes, and its record has 24/,
      put(zip([tensor('w', { elements: 7, shape: [7] })])),
    );
    await refuses('refused', /reaches beyond its storage/, put(zip([tensor('w', { offset: 1 })])));
    const whole = zip([tensor('w')]);
    const damaged = Buffer.from(whole);
    damaged[damaged.indexOf(Buffer.from(six))]! ^= 1;
    await refuses('refused', /checksum that the archive gives \(archive\/data\/0\)/, put(damaged));
    const strided = Buffer.from(zip([tensor('w', { shape: [3], stride: [2] })]));
    strided[strided.indexOf(Buffer.from(six)) + 4]! ^= 1;
    await refuses('refused', /checksum/, put(strided));
    await refuses('refused', /not as PyTorch writes it/, put(Buffer.concat([whole, Buffer.from('more')])));
    await refuses('refused', /repeat data/, put(zip([tensor('w', { shape: [1 << 16, 1 << 15], stride: [0, 0] })])));
  });

  it('does not replace a file unasked, and never the input', async () => {
    const input = put(zip([tensor('w')]));
    put('mine', 'model.safetensors');
    await refuses('exists', /model\.safetensors is already there/, input);
    assert.equal(readFileSync(file('model.safetensors'), 'utf8'), 'mine');
    await convertCheckpoint(input, { overwrite: true });
    assert.deepEqual(readSafetensors(file('model.safetensors')).order, ['w']);
    symlinkSync(input, file('link.pt'));
    await refuses('bad-usage', /is the input itself/, input, { out: file('link.pt'), overwrite: true });
    await refuses('unwritable', /folder does not exist/, input, { out: file('no/such/folder.safetensors') });
  });

  it('does not pass off a file that changed meanwhile', async () => {
    const input = put(zip([tensor('w')]));
    put('mine', 'model.safetensors');
    const onProgress = (): void => writeFileSync(input, 'another', { flag: 'a' });
    await refuses('unreadable', /changed while it was converted/, input, { overwrite: true, onProgress });
    assert.equal(readFileSync(file('model.safetensors'), 'utf8'), 'mine');
  });

  it('stops when it is cancelled, at any point, and leaves nothing', async () => {
    const input = put(zip([tensor('a'), tensor('b', { shape: [3], stride: [2] })]));
    let steps = 0;
    await convertCheckpoint(input, { out: file('counted.safetensors'), onProgress: () => steps++ });
    rmSync(file('counted.safetensors'));
    assert.ok(steps >= 4);
    await refuses('cancelled', /was cancelled/, input, { signal: AbortSignal.abort() });
    for (let stop = 1; stop < steps; stop++) {
      const controller = new AbortController();
      let seen = 0;
      const onProgress = (): void => {
        if (++seen === stop) controller.abort();
      };
      await refuses('cancelled', /was cancelled/, input, { signal: controller.signal, onProgress });
    }
  });

  it('survives damaged checkpoints: a result that is verified, or a refusal that leaves nothing', async () => {
    const legacy = buildTorchLegacy(
      stateDictPickle([tensor('w'), tensor('t', { shape: [3, 2], stride: [1, 3] })], 'legacy'),
      [{ key: '0', elements: 6, data: six }],
    );
    let refused = 0;
    for (const [index, original] of [
      zip([tensor('w'), tensor('v', { offset: 2, shape: [2] })], system),
      legacy,
    ].entries()) {
      for (let at = 0; at < original.length; at += 1) {
        const copy = Buffer.from(original);
        copy[at] = (copy[at]! + [1, 128, 255 - copy[at]!][(at + index) % 3]!) & 255;
        const input = put(at % 7 === 0 ? copy.subarray(0, at) : copy);
        try {
          await convertCheckpoint(input, { tensorsOnly: at % 2 === 0 });
          rmSync(file('model.safetensors'));
        } catch (error) {
          assert.ok(error instanceof WeighbridgeError, `byte ${at}: ${(error as Error).stack}`);
          refused++;
        }
        assert.deepEqual(names(), ['model.pt']);
      }
    }
    assert.ok(refused > 100);
  });

  it('converts a file that is larger than the memory it takes', async () => {
    const elements = 80 << 20;
    const head = buildTorchLegacy(stateDictPickle([tensor('w', { elements, shape: [elements] })], 'legacy'), [
      { key: '0', elements, data: new Uint8Array(0) },
    ]);
    const descriptor = openSync(file('large.pt'), 'w');
    writeSync(descriptor, head);
    ftruncateSync(descriptor, head.length + elements * 4);
    closeSync(descriptor);
    const program = `
      import { convertCheckpoint } from ${JSON.stringify(new URL('./convertCheckpoint.ts', import.meta.url).href)};
      let peak = 0;
      const result = await convertCheckpoint(process.argv[1], { onProgress: () => { peak = Math.max(peak, process.memoryUsage().rss); } });
      console.log(JSON.stringify({ bytes: result.bytes, peak }));`;
    const repository = fileURLToPath(new URL('../..', import.meta.url));
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '--eval', program, file('large.pt')],
      { cwd: repository },
    );
    const { bytes, peak } = JSON.parse(stdout) as { bytes: number; peak: number };
    assert.ok(bytes > elements * 4);
    assert.ok(peak < 200 << 20, `${peak} bytes for a file of ${bytes}`);
  });
});
