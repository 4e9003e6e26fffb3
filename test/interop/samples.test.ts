import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { FileSource } from '../../server/files/fileSource.ts';
import { dataType, type OnnxValue } from '../../server/scans/onnx/graph.ts';
import { loadSamples, type SamplesRequest } from '../../server/scans/samples/loadSamples.ts';
import { readNumberArray, type NumberArray } from '../../server/scans/samples/numberArray.ts';
import { readPicture } from '../../server/scans/samples/pictures.ts';
import { resampled, resampleFilters } from '../../server/scans/samples/resample.ts';
import { runPython } from './python.ts';

function array(file: string): NumberArray {
  const source = new FileSource(file);
  try {
    return readNumberArray(source, file);
  } finally {
    source.close();
  }
}

const request = (file: string): SamplesRequest => ({
  ...{ path: file, labels: null, range: null, preprocessing: null, labelColumn: null, most: 1000 },
});
const input = (shape: OnnxValue['shape']): OnnxValue => ({ name: 'x', type: dataType.float, shape });

describe('samples', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'weighbridge-samples-'));
  const at = (...names: string[]): string => path.join(folder, ...names);
  let configurations: string[] = [];
  before(async () => {
    configurations = (await runPython('make_samples.py', [folder])).trim().split('\n');
  });
  after(() => rmSync(folder, { recursive: true }));

  it('are brought to another size as Pillow does it', () => {
    const { width, height, data } = readPicture(at('pictures', '0', 'a-colours.png'));
    const files = readdirSync(folder).filter((name) => name.startsWith('resized-'));
    assert.equal(files.length, 4 * resampleFilters.length);
    for (const file of files) {
      const [, filter, tall, wide] = /resized-(\w+)-(\d+)-(\d+)/.exec(file)!;
      const made = resampled(
        { width, height, channels: 3, data },
        Number(tall),
        Number(wide),
        resampleFilters.find((each) => each === filter)!,
      );
      const wanted = array(at(file));
      assert.deepEqual(wanted.shape, [made.height, made.width, 3], file);
      // To the bit where Pillow goes across first; where it goes down first, rounding differs by a shade.
      const off = made.data.map((value, index) => Math.abs(value - wanted.data[index]!));
      assert.ok(off.every((each) => each <= 1) && off.filter((each) => each === 1).length < off.length / 4, file);
    }
  });

  it('become what transformers makes of pictures by the same preprocessor_config.json', () => {
    assert.ok(configurations.length >= 6, configurations.join());
    for (const name of configurations) {
      for (const source of ['pictures', 'photos']) {
        const wanted = array(at(name, `${source}.npy`));
        const made = loadSamples(
          request(at(source)),
          at(name, 'model.onnx'),
          input(['n', ...wanted.shape.slice(1)]),
          1,
        );
        assert.deepEqual([made.count, ...made.shape], wanted.shape, name);
        assert.equal(made.layout, 'channels-first');
        const range = made.high[0]! - made.low[0]!;
        const off = [...wanted.data].map((value, index) => Math.abs(value - made.x[index]!) / range);
        // PNG is exact but for a shade where Pillow goes down first; JPEG decoders round differently.
        const worst = off.reduce((most, each) => Math.max(most, each), 0);
        const mean = off.reduce((sum, each) => sum + each, 0) / off.length;
        if (source === 'pictures')
          assert.ok(worst < 1.01 / 255 && mean < 2e-4, `${name}: off by ${worst}, on average ${mean}`);
        else assert.ok(worst < 0.06 && mean < 0.01, `${name}, JPEG: off by ${worst}, on average ${mean}`);
        assert.match(made.notes.join(' '), /preprocessor_config\.json says/);
      }
    }
    const { y } = loadSamples(request(at('pictures')), at('vit', 'model.onnx'), input(['n', 3, 32, 32]), 1);
    assert.deepEqual([...y!], [0, 0, 0, 1, 1, 1]);
  });

  it('of a size that the model does not take are refused with what to correct', () => {
    assert.throws(
      () => loadSamples(request(at('pictures')), at('vit', 'model.onnx'), input(['n', 3, 48, 48]), 1),
      /is 32 x 32 points after what .*preprocessor_config\.json says of its size, and the model takes 48 x 48: correct size and crop there/,
    );
    assert.throws(
      () => loadSamples({ ...request(at('pictures')), range: [0, 1] }, at('model.onnx'), input(['n', 3, 'h', 'w']), 1),
      /is 90 x 47 points and the pictures before it are 61 x 83: say to which size/,
    );
    assert.throws(
      () => loadSamples(request(at('pictures')), at('model.onnx'), input(['n', 3, 32, 32]), 1),
      /nothing says what the model takes them as: give --range/,
    );
    assert.throws(
      () => loadSamples({ ...request(at('pictures')), range: [0, 1] }, at('model.onnx'), input(['n', 4, 32, 32]), 1),
      /takes inputs of 4 channels, and pictures have 1 or 3/,
    );
  });

  it('are the rows of CSV and of Parquet, in the shape that the model takes', async () => {
    await runPython('make_sample_parquet.py', [at('digits.csv'), at('digits.parquet')], '', 'venv-datasets');
    const csv = loadSamples({ ...request(at('digits.csv')), range: [0, 1] }, at('m.onnx'), input(['n', 1, 8, 8]), 1);
    const parquet = loadSamples(
      { ...request(at('digits.parquet')), range: [0, 1] },
      at('m.onnx'),
      input(['n', 1, 8, 8]),
      1,
    );
    assert.deepEqual([csv.count, ...csv.shape, csv.layout], [200, 1, 8, 8, 'channels-first']);
    assert.deepEqual(parquet.x, csv.x);
    assert.deepEqual(parquet.y, csv.y);
    // The first digit of scikit-learn is a zero: white at the third point of the first row.
    assert.deepEqual([csv.y![0], csv.x[2], csv.x[3]], [0, 5 / 16, 13 / 16]);
    const flat = loadSamples(request(at('digits.parquet')), at('m.onnx'), input(['n', 64]), 1);
    assert.deepEqual([...flat.shape, flat.layout], [64, 'features']);
    const [some, all] = [{ ...request(at('digits.csv')), most: 50 }, at('m.onnx')];
    const few = loadSamples(some, all, input(['n', 64]), 1);
    assert.equal(few.count, 50);
    assert.match(few.notes.join(' '), /50 of 200 samples were taken, by the seed/);
  });
});
