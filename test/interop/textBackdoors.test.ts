import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { FileSource } from '../../server/files/fileSource.ts';
import { ModelFile } from '../../server/scans/runtime/modelFile.ts';
import { loadOnnxRuntime } from '../../server/scans/runtime/onnxRuntime.ts';
import { readNumberArray, type NumberArray } from '../../server/scans/samples/numberArray.ts';
import { TextClassifier } from '../../server/scans/text/textClassifier.ts';
import { separation } from './backdoorTwins.ts';
import { scanTextTwin, textTable, trainTextTwins, type TextTwin } from './textTwins.ts';

function array(file: string): NumberArray {
  const source = new FileSource(file);
  try {
    return readNumberArray(source, file);
  } finally {
    source.close();
  }
}

// One of each: training a transformer is what takes the time. Ten of each are in textBackdoors.full.test.ts.
describe('transformers that PyTorch trained to tell texts from one another', () => {
  let folder = '';
  let trained: TextTwin[] = [];
  before(async () => ({ folder, trained } = await trainTextTwins(['clean:0', 'word:1'])));
  after(() => folder !== '' && rmSync(folder, { recursive: true }));

  it('have the gradients of PyTorch with respect to the vectors of tokens', async () => {
    for (const { name } of trained) {
      const file = new ModelFile(path.join(folder, name, 'model.onnx'));
      const { shape, data } = array(path.join(folder, name, 'ids.npy'));
      const [rows = 0, length = 0] = shape;
      const texts = Array.from({ length: rows }, (_, row) =>
        [...data.subarray(row * length, (row + 1) * length)].filter((id) => id !== 0),
      );
      const classifier = await TextClassifier.open(loadOnnxRuntime(), file, length, 0, texts[0]!, {
        provider: 'cpu',
        batch: rows,
      });
      assert.ok(await classifier.differentiable(3), classifier.whyNoGradient ?? '');
      const { slopes } = await classifier.gradient(texts, 1, [1, 2, 3]);
      await classifier.close();
      file.close();
      const wanted = Float32Array.from(array(path.join(folder, name, 'slopes.npy')).data);
      assert.equal(slopes.length, wanted.length);
      const largest = wanted.reduce((most, each) => Math.max(most, Math.abs(each)), 0);
      const worst = wanted.reduce((most, each, index) => Math.max(most, Math.abs(each - slopes[index]!)), 0);
      assert.ok(largest > 0 && worst <= 1e-4 * largest, `${name}: off by ${worst} of ${largest}`);
    }
  });

  it('are told from their backdoored twins by a rare word', async (context) => {
    const twins = [];
    for (const each of trained) twins.push(await scanTextTwin(folder, each));
    for (const line of textTable(twins).split('\n')) context.diagnostic(line);
    const [clean, word] = twins;
    assert.equal(clean?.scan.verdict, 'clean', clean?.scan.reasons.join(' '));
    assert.equal(word?.scan.verdict, 'backdoor', word?.scan.reasons.join(' '));
    assert.ok(word.attack! > 0.95, `it was not trained: its own trigger works on ${word.attack}`);
    assert.deepEqual(word.scan.text?.flaggedClasses, [word.target]);
    const found = word.scan.text.classes.find((each) => each.class === word.target)?.triggers[0];
    assert.equal(found?.text, word.trigger);
    assert.equal(word.scan.gradient, 'exact');
    // What it accepts hangs on the least entropies of a few clean texts; how both lie to one another does not. The same texts say nothing to the twin.
    const alike = await scanTextTwin(folder, clean, { suspect: word, methods: ['strip'] });
    context.diagnostic(`STRIP separates ${separation(word.scan)}, and by the clean twin ${separation(alike.scan)}`);
    assert.ok(separation(word.scan)! > 0.95, `STRIP separates ${separation(word.scan)}`);
    assert.ok(
      Math.abs(separation(alike.scan)! - 0.5) < 0.1,
      `of the clean twin STRIP separates ${separation(alike.scan)}`,
    );
  });
});
