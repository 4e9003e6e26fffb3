import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { FileSource } from '../../server/files/fileSource.ts';
import { openGradient } from '../../server/scans/gradient/openGradient.ts';
import { ModelFile } from '../../server/scans/runtime/modelFile.ts';
import { loadOnnxRuntime } from '../../server/scans/runtime/onnxRuntime.ts';
import { readNumberArray, type NumberArray } from '../../server/scans/samples/numberArray.ts';
import { runPython } from './python.ts';

const runtime = loadOnnxRuntime();

/** Against the largest of all gradients of a case: what is next to nothing there is rounding. */
const tolerance = 1e-4;

function array(file: string): NumberArray & { data: Float32Array } {
  const source = new FileSource(file);
  try {
    const read = readNumberArray(source, file);
    return { ...read, data: Float32Array.from(read.data) };
  } finally {
    source.close();
  }
}

/** Compares our gradient of a model with the one that PyTorch saved beside it. */
async function compare(
  model: string,
  seed: string,
  input: string,
  gradient: string,
  loss: 'seed' | 'cross-entropy',
  portable: boolean,
): Promise<void> {
  const file = new ModelFile(model);
  try {
    const x = array(input);
    const s = array(seed);
    const [name, output] = [file.graph.inputs[0]!, file.graph.outputs[0]!.name];
    const opened = await openGradient(runtime, file, {
      ...{
        from: name.name,
        type: name.type,
        scores: output,
        loss,
        feeds: { [name.name]: x },
        provider: 'cpu',
        portable,
        threads: 1,
      },
    });
    if ('reason' in opened) assert.fail(opened.reason);
    const outputs = await opened.session.run({ [name.name]: x, [opened.graph.input]: s });
    await opened.session.close();
    const got = outputs[opened.graph.gradient]!.data;
    const wanted = array(gradient).data;
    assert.equal(got.length, wanted.length);
    const largest = wanted.reduce((most, each) => Math.max(most, Math.abs(each)), 0);
    assert.ok(largest > 0);
    const worst = wanted.reduce((most, each, index) => Math.max(most, Math.abs(each - got[index]!)), 0);
    assert.ok(worst <= tolerance * largest, `off by ${worst}, and the largest gradient is ${largest}`);
  } finally {
    file.close();
  }
}

describe('gradients', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'weighbridge-gradients-'));
  let cases: string[] = [];
  before(async () => {
    cases = (await runPython('operatorGradients.py', [folder])).trim().split('\n');
  });
  after(() => rmSync(folder, { recursive: true }));

  for (const portable of [false, true]) {
    it(`are those of PyTorch, of operators and of whole models${portable ? ', in the form for other providers, too' : ''}`, async () => {
      assert.ok(cases.length > 40, `${cases.length} cases`);
      const wrong: string[] = [];
      for (const name of cases) {
        const at = (what: string): string => path.join(folder, `${name}${what}`);
        await compare(at('.onnx'), at('-s.npy'), at('-x.npy'), at('-g.npy'), 'seed', portable).catch((error: Error) =>
          wrong.push(`${name}: ${error.message}`),
        );
      }
      assert.deepEqual(wrong, []);
    });
  }
});

/** Cases that were made elsewhere; a clone by itself does without them. */
const elsewhere = path.resolve(
  path.dirname(fileURLToPath(import.meta.url)),
  '..',
  '..',
  '..',
  'shared',
  'data',
  'onnx',
  'opcases',
);
if (existsSync(elsewhere)) {
  describe('gradients of cases that were made elsewhere', () => {
    const at = (name: string, what: string): string => path.join(elsewhere, `${name}${what}`);
    const names = readdirSync(elsewhere)
      .filter((name) => name.endsWith('.onnx'))
      .map((name) => name.slice(0, -'.onnx'.length));
    it('are those of PyTorch', async () => {
      const wrong: string[] = [];
      for (const name of names) {
        const seeded = existsSync(at(name, '_s.npy'));
        const seed = at(name, seeded ? '_s.npy' : '_y.npy');
        await compare(
          at(name, '.onnx'),
          seed,
          at(name, '_x.npy'),
          at(name, '_g.npy'),
          seeded ? 'seed' : 'cross-entropy',
          false,
        ).catch((error: Error) => wrong.push(`${name}: ${error.message}`));
      }
      // It chooses its way by an `If`, and is named.
      assert.deepEqual(wrong, ['lrn: If: no gradient is known of this operator']);
    });
  });
}
