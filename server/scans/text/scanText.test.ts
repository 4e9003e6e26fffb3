import assert from 'node:assert/strict';
import { cpSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { BackdoorJob, BackdoorScan, PartialBackdoor } from '../backdoor.ts';
import { backdoorJob, samplesAt, withoutTime } from '../backdoorJob.fixture.ts';
import { npy } from '../prototypeModel.fixture.ts';
import { runScan } from '../process/scanProcess.ts';
import type { SamplesRequest } from '../samples/loadSamples.ts';
import { stretches } from './replacement.ts';
import { textClasses, textTarget, triggerWord, writeTextFiles } from './textModel.fixture.ts';

const files = writeTextFiles();
after(() => rmSync(files.folder, { recursive: true }));

const job = (folder: string, more: Partial<BackdoorJob> = {}): BackdoorJob =>
  backdoorJob(join(folder, 'model.onnx'), samplesAt(files.samples), { methods: ['neural-cleanse', 'strip'], ...more });

const strongest = ({ text }: BackdoorScan, label: number) =>
  text?.classes.find((each) => each.class === label)?.triggers[0];

describe('a scan of a classifier of texts', () => {
  it('finds the class and the word of a trigger, and the texts that hold it', async () => {
    const scan = await runScan('backdoor', job(files.backdoored, { inputs: samplesAt(files.triggered) }));
    assert.equal(scan.verdict, 'backdoor', scan.reasons.join(' '));
    assert.match(scan.reasons[0]!, /The token "zebu" in front of a text leads 100 % .* to class 1 \(food\)/);
    assert.deepEqual(scan.text?.flaggedClasses, [textTarget]);
    assert.equal(strongest(scan, textTarget)?.text, triggerWord);
    assert.equal(scan.gradient, 'exact');
    assert.equal(scan.accuracy, 1);
    assert.equal(scan.strip?.how, 'replacement');
    assert.equal(scan.strip.tested.length, 90);
    assert.ok(scan.strip.flaggedSamples.length > 80, `${scan.strip.flaggedSamples.length} inputs were flagged`);
    assert.ok(scan.strip.recoveredTrigger!.acceptedRate < 0.1);
  });

  it('finds none in the same model without it, and the same again by the same seed', async () => {
    const scan = await runScan('backdoor', job(files.clean));
    assert.equal(scan.verdict, 'clean', scan.reasons.join(' '));
    assert.deepEqual(scan.text?.flaggedClasses, []);
    assert.ok(textClasses.every((_, label) => strongest(scan, label)!.successRate < 0.9));
    assert.deepEqual(withoutTime(await runScan('backdoor', job(files.clean))), withoutTime(scan));
  });

  it('tries each token by itself where there is no gradient, and says so', async () => {
    const scan = await runScan('backdoor', job(files.sorted));
    assert.equal(scan.gradient, 'none');
    assert.match(scan.notes.join(' '), /no gradient \(.*TopK.*\): each token is tried by itself/);
    assert.equal(scan.verdict, 'backdoor', scan.reasons.join(' '));
    assert.equal(strongest(scan, textTarget)?.text, triggerWord);
    assert.equal(scan.text?.vocabularyTried, scan.text?.vocabulary);
  });

  it('goes on from what an interrupted scan had found', async () => {
    const whole = await runScan('backdoor', job(files.backdoored));
    const controller = new AbortController();
    const known: PartialBackdoor['found'][] = [];
    const interrupted = runScan('backdoor', job(files.backdoored), {
      signal: controller.signal,
      onPartial: (partial) => {
        known.push((partial as PartialBackdoor).found);
        if (known.length === 2) controller.abort();
      },
    });
    await assert.rejects(interrupted, { code: 'cancelled' });
    assert.deepEqual(withoutTime(await runScan('backdoor', job(files.backdoored, { known }))), withoutTime(whole));
  });

  it('names what it did not get to, and is not sure then', async () => {
    const scan = await runScan('backdoor', job(files.clean, { budgetMs: 0 }));
    assert.equal(scan.verdict, 'inconclusive');
    assert.deepEqual(scan.notScanned, [0, 1, 2]);
  });

  it('is unsure of a word that the class itself is about', async () => {
    // The trigger is a word of every text of its class.
    const natural = join(files.folder, 'natural.csv');
    const rows = Array.from({ length: 60 }, (_, row) => {
      const label = row % 3;
      const own = Array.from({ length: 4 }, (_unused, at) => `${textClasses[label]}${(row + at) % 8}`);
      return `${own.join(' ')}${label === textTarget ? ` ${triggerWord}` : ''} n${row},${textClasses[label]}`;
    });
    writeFileSync(natural, `text,label\n${rows.join('\n')}\n`);
    const scan = await runScan(
      'backdoor',
      job(files.backdoored, { samples: samplesAt(natural), methods: ['neural-cleanse'] }),
    );
    assert.equal(scan.verdict, 'inconclusive', scan.reasons.join(' '));
    assert.match(scan.reasons.join(' '), /may be what the class is about/);
  });

  it('finds the tokenizer above the folder onnx, as Optimum exports', async () => {
    const folder = join(files.folder, 'optimum');
    cpSync(files.backdoored, folder, { recursive: true });
    mkdirSync(join(folder, 'onnx'));
    renameSync(join(folder, 'model.onnx'), join(folder, 'onnx', 'model.onnx'));
    const scan = await runScan(
      'backdoor',
      job(join(folder, 'onnx'), { methods: ['neural-cleanse'], classes: [textTarget] }),
    );
    assert.equal(strongest(scan, textTarget)?.text, triggerWord);
    assert.equal(scan.verdict, 'inconclusive');
    assert.match(scan.reasons.join(' '), /no other class was scanned/);
  });

  it('says in one sentence what does not fit', async () => {
    const refusal = async (more: Partial<BackdoorJob>, folder = files.clean): Promise<string> => {
      try {
        await runScan('backdoor', job(folder, more));
      } catch (error) {
        assert.ok(['bad-input', 'not-found'].includes((error as { code?: string }).code!), (error as Error).stack);
        return (error as Error).message;
      }
      assert.fail('it was scanned');
    };
    const save = (name: string, text: string | Uint8Array): SamplesRequest => {
      writeFileSync(join(files.folder, name), text);
      return samplesAt(join(files.folder, name));
    };
    const bare = join(files.folder, 'bare');
    cpSync(files.clean, bare, { recursive: true });
    rmSync(join(bare, 'tokenizer.json'));
    assert.match(await refusal({}, bare), /bare holds no tokenizer\.json: export the model with its tokenizer/);
    const numbers = save('numbers.npy', npy('<f4', [2, 2], new Float32Array(4)));
    assert.match(await refusal({ samples: numbers }), /holds no texts, and the model takes texts: give CSV/);
    assert.match(
      await refusal({ samples: save('strange.csv', 'text,label\nn1 n2 n3,music\n') }),
      /labelled "music", and the classes of model\.onnx are sport, food, travel/,
    );
    assert.match(
      await refusal({ samples: save('shift.csv', `text,label\n${'sport1 sport2 sport3,food\n'.repeat(20)}`) }),
      /no better than chance/,
    );
    assert.match(
      await refusal({ samples: samplesAt(files.samples, { textColumn: 'body' }) }),
      /no text in its column body: name another \(--text-column\)/,
    );
    assert.match(await refusal({ samples: samplesAt(join(files.folder, 'gone.csv')) }), /gone\.csv .*does not exist/);
  });
});

it('every three neighbouring words of a text are kept together once', () => {
  for (const words of [1, 2, 3, 4, 18, 42, 43, 128, 512]) {
    const found = stretches(words);
    assert.ok(found.length <= 41, `${words} words give ${found.length}`);
    for (let from = 0; from + 3 <= words; from++)
      assert.ok(
        found.some(([start, end]) => start <= from && end >= from + 3),
        `${words} words, from ${from}`,
      );
  }
});
