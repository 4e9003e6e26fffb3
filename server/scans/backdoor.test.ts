import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { BackdoorJob, PartialBackdoor } from './backdoor.ts';
import { backdoorJob, samplesAt as samplesFrom, withoutTime } from './backdoorJob.fixture.ts';
import { ModelBuilder } from './onnx/modelBuilder.fixture.ts';
import type { ScanProgress } from './process/protocol.ts';
import { runScan } from './process/scanProcess.ts';
import { backdoorTarget, npy, writePrototypeFiles } from './prototypeModel.fixture.ts';
import type { SamplesRequest } from './samples/loadSamples.ts';

const files = writePrototypeFiles();
after(() => rmSync(files.folder, { recursive: true }));

const samplesAt = (path: string, more: Partial<SamplesRequest> = {}): SamplesRequest =>
  samplesFrom(path, { range: [0, 1], ...more });

const job = (model: string, more: Partial<BackdoorJob> = {}): BackdoorJob =>
  backdoorJob(model, samplesAt(files.samples), { methods: ['neural-cleanse', 'mm-bd', 'strip'], ...more });

describe('a scan for backdoors', () => {
  it('finds the class, the place and the colour of a trigger', async () => {
    const scan = await runScan('backdoor', job(files.backdoored, { inputs: samplesAt(files.triggered) }));
    assert.equal(scan.verdict, 'backdoor');
    assert.deepEqual(scan.neuralCleanse?.flaggedClasses, [backdoorTarget]);
    assert.equal(scan.gradient, 'exact');
    const { correlation, samples, directions } = scan.gradientCheck!;
    assert.ok(correlation > 0.999 && correlation <= 1 + 1e-9 && samples === 16 && directions === 4, `${correlation}`);
    assert.deepEqual(Object.keys(scan.placement!), ['CPUExecutionProvider']);
    const [place] = Object.values(scan.placement!);
    assert.ok(place!.nodes >= 3 && place!.timeShare === 1, JSON.stringify(scan.placement));
    assert.ok(scan.accuracy! > 0.95);
    const { class: label, trigger } = scan.triggers[0]!;
    assert.equal(label, backdoorTarget);
    assert.ok(trigger.successRate > 0.95);
    const heaviest = [...trigger.mask.keys()].sort((a, b) => trigger.mask[b]! - trigger.mask[a]!)[0]!;
    assert.ok([54, 55, 62, 63].includes(heaviest), `the mask is heaviest at ${heaviest}`);
    assert.ok(trigger.pattern[heaviest]! > 0.8);
    assert.equal(scan.strip?.tested.length, 120);
    assert.ok(scan.strip.flaggedSamples.length > 60, `${scan.strip.flaggedSamples.length} inputs were flagged`);
  });

  it('finds none in the same model without it, and the same again by the same seed', async () => {
    const scan = await runScan('backdoor', job(files.clean));
    assert.equal(scan.verdict, 'clean', scan.reasons.join());
    assert.deepEqual(scan.reasons, ['No trigger was found by these methods within this budget.']);
    assert.deepEqual(withoutTime(await runScan('backdoor', job(files.clean))), withoutTime(scan));
  });

  it('goes on from what an interrupted scan had found', async () => {
    const whole = await runScan('backdoor', job(files.backdoored));
    const controller = new AbortController();
    const known: PartialBackdoor['found'][] = [];
    const progress: ScanProgress[] = [];
    const interrupted = runScan('backdoor', job(files.backdoored), {
      signal: controller.signal,
      onProgress: (each) => progress.push(each),
      onPartial: (partial) => {
        known.push((partial as PartialBackdoor).found);
        if (known.length === 3) controller.abort();
      },
    });
    await assert.rejects(interrupted, { code: 'cancelled' });
    assert.ok(progress.some(({ phase, total }) => phase === 'Smallest triggers' && total === 6));
    assert.deepEqual(withoutTime(await runScan('backdoor', job(files.backdoored, { known }))), withoutTime(whole));
  });

  it('names what it did not get to, and is not sure then', async () => {
    const scan = await runScan('backdoor', job(files.clean, { budgetMs: 0 }));
    assert.equal(scan.verdict, 'inconclusive');
    assert.deepEqual(scan.notScanned, [0, 1, 2, 3, 4, 5]);
  });

  it('goes by evolution strategies where an operator has no gradient, and says so', async () => {
    // Sorting has no rule.
    const model = join(files.folder, 'topk.onnx');
    const m = new ModelBuilder();
    const [values] = m.many('TopK', [m.node('Flatten', ['x'], { axis: 1 }), m.ints([64])], 2, { axis: 1 });
    writeFileSync(model, m.build(m.node('MatMul', [values!, m.weights([64, 3])]), ['n', 1, 8, 8]));
    const unlabelled = join(files.folder, 'unlabelled.npy');
    writeFileSync(unlabelled, npy('<f4', [8, 1, 8, 8], new Float32Array(512).fill(0.5)));
    const scan = await runScan(
      'backdoor',
      job(model, { samples: samplesAt(unlabelled), methods: ['neural-cleanse'], classes: [0, 1, 2], budgetMs: 2_000 }),
    );
    assert.equal(scan.gradient, 'none');
    assert.equal(scan.gradientCheck, null);
    assert.match(
      scan.notes.join(' '),
      /no gradient \(TopK: no gradient is known of this operator\).*evolution strategies/,
    );
  });
});

describe('samples that do not fit', () => {
  const refusal = async (more: Partial<BackdoorJob>, model = files.clean): Promise<string> => {
    try {
      await runScan('backdoor', job(model, more));
    } catch (error) {
      assert.equal((error as { code?: string }).code, 'bad-input', (error as Error).message);
      return (error as Error).message;
    }
    assert.fail('it was scanned');
  };
  const save = (name: string, bytes: Uint8Array): SamplesRequest => {
    writeFileSync(join(files.folder, name), bytes);
    return samplesAt(join(files.folder, name));
  };

  it('are told with what to do', async () => {
    const narrow = save('narrow.npy', npy('<f4', [4, 1, 8, 7], new Float32Array(224)));
    assert.match(
      await refusal({ samples: narrow }),
      /takes samples of the shape \[1, 8, 8\], and the samples have \[1, 8, 7\]/,
    );
    const bright = save('bright.npy', npy('<f4', [2, 1, 8, 8], new Float32Array(128).fill(255)));
    assert.match(await refusal({ samples: bright }), /holds 255, and by --range inputs are from 0 to 1/);
    const pixels = save('pixels.npy', npy('|u1', [2, 1, 8, 8], new Uint8Array(128)));
    assert.match(
      await refusal({ samples: { ...pixels, range: null } }),
      /nothing says what the model takes them as: give --range/,
    );
    const broken = save('broken.npy', npy('<f4', [2, 1, 8, 8], new Float32Array(128).fill(NaN)));
    assert.match(await refusal({ samples: broken }), /Sample 0 of .* holds NaN/);
    const objects = save('objects.npy', npy('|O', [2], new Uint8Array(16)));
    assert.match(await refusal({ samples: objects }), /its elements are \|O, and samples are numbers/);
    const short = save('short.npy', npy('<f4', [200, 1, 8, 8], new Float32Array(64)));
    assert.match(await refusal({ samples: short }), /it is cut off/);
  });

  it('include labels that the model does not have, or that are no better than chance', async () => {
    const labels = (values: number[]): SamplesRequest => {
      const path = join(files.folder, `labels-${values[0]}.npy`);
      writeFileSync(path, npy('<i8', [values.length], BigInt64Array.from(values, BigInt)));
      return samplesAt(files.samples, { labels: path });
    };
    const shifted = Array.from({ length: 120 }, (_, row) => ((row % 6) + 1) % 6);
    assert.match(await refusal({ samples: labels(shifted) }), /no better than chance/);
    assert.match(
      await refusal({ samples: labels(shifted.map((label) => label + 6)) }),
      /labelled 7, and the model has classes 0 to 5/,
    );
    assert.match(await refusal({ samples: labels([1, 2]) }), /2 labels for 120 samples/);
  });

  it('are not to blame for weights that are no numbers', async () => {
    const model = join(files.folder, 'nan.onnx');
    const m = new ModelBuilder();
    const weights = m.floats(
      Array.from({ length: 64 * 6 }, () => NaN),
      [64, 6],
    );
    writeFileSync(model, m.build(m.node('MatMul', [m.node('Flatten', ['x'], { axis: 1 }), weights]), ['n', 1, 8, 8]));
    assert.match(await refusal({}, model), /gives NaN as the score of a class: its weights are damaged/);
  });

  it('do not hide a model that is no classifier, or that takes all memory', async () => {
    const m = new ModelBuilder();
    const model = join(files.folder, 'picture.onnx');
    writeFileSync(model, m.build(m.node('Relu', ['x']), ['n', 1, 8, 8]));
    assert.match(await refusal({}, model), /a classifier gives one score for each of two classes or more/);
    const bomb = new ModelBuilder();
    const flat = bomb.node('Flatten', ['x'], { axis: 1 });
    const wide = bomb.node('Expand', [flat, bomb.ints([100_000, 32, 64])]);
    const file = join(files.folder, 'bomb.onnx');
    writeFileSync(
      file,
      bomb.build(bomb.node('ReduceMax', [bomb.node('Exp', [wide])], { axes: [0], keepdims: 0 }), ['n', 1, 8, 8]),
    );
    await assert.rejects(runScan('backdoor', job(file), { limits: { memoryBytes: 400 << 20 } }), {
      code: 'refused',
      message: /more than 400 MiB/,
    });
    assert.ok(readFileSync(file).length < 1000);
  });

  it('do not hide a model whose sizes are absurd', async () => {
    const model = join(files.folder, 'absurd.onnx');
    const saved = (build: (m: ModelBuilder) => string, batch: string | number = 'n'): string => {
      const m = new ModelBuilder();
      writeFileSync(model, m.build(build(m), [batch, 1, 8, 8]));
      return model;
    };
    const flat = (m: ModelBuilder): string => m.node('Flatten', ['x'], { axis: 1 });
    assert.match(await refusal({}, saved(flat, 1e9)), /takes 1000000000 samples at once/);
    const shaped = (sizes: number[]) => (m: ModelBuilder) => {
      m.initializers.push({ name: 'w', type: 1, shape: sizes, values: [] });
      return m.node('MatMul', [flat(m), 'w']);
    };
    assert.match(
      await refusal({}, saved(shaped([2 ** 40, 2 ** 40]))),
      /needs 4.8\d+e\+24 bytes, and 0 are in the file/,
    );
    assert.match(await refusal({}, saved(shaped([-1, 6]))), /the shape of its tensor "w" is -1 x 6/);
    const grown = saved((m) =>
      m.node('Flatten', [m.node('Resize', ['x', '', m.floats([1, 1, 1e6, 1e6])])], { axis: 1 }),
    );
    assert.match(await refusal({}, grown), /ONNX Runtime cannot run the model: .*Failed to allocate memory/);
    const circle = saved((m) => {
      m.nodes.push({ operator: 'Softmax', inputs: ['s'], outputs: ['s'] });
      return 's';
    });
    assert.match(await refusal({}, circle), /the graph is not acyclic/);
  });
});
