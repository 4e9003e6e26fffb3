import assert from 'node:assert/strict';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  backdoorTarget,
  npy,
  npz,
  prototypeSamples,
  writePrototypeFiles,
} from '../../server/scans/prototypeModel.fixture.ts';
import { writeLargeModel } from '../../server/scans/runtime/largeModel.fixture.ts';
import { textTarget, triggerWord, writeTextFiles } from '../../server/scans/text/textModel.fixture.ts';
import { weighbridge } from './weighbridge.ts';

const files = writePrototypeFiles();
const texts = writeTextFiles();
after(() => {
  for (const { folder } of [files, texts]) rmSync(folder, { recursive: true });
});
const scan = (...args: string[]) => weighbridge(files.folder, [...args, '--samples', 'samples.npz', '--range', '0,1']);

interface Backdoor {
  verdict: string;
  neuralCleanse: {
    anomalyIndex: number;
    flaggedClasses: number[];
    classes: { class: number; maskNorm: number; successRate: number }[];
  };
  strip: { falseRejectionRate: number; threshold: number; flaggedSamples: number[] };
  provider: string;
  seed: number;
  model: { path: string; digest: string };
  durationMs: number;
}

test('a backdoor fails the command, in the documented fields, and leaves evidence beside the model', async () => {
  const run = await scan(
    'backdoor',
    'backdoored.onnx',
    '--provider',
    'cpu',
    '--seed',
    '7',
    '--format',
    'json',
    '--inputs',
    'triggered.npy',
  );
  assert.equal(run.code, 1, run.stderr);
  const report = JSON.parse(run.stdout) as Backdoor;
  assert.equal(report.verdict, 'backdoor');
  assert.deepEqual(report.neuralCleanse.flaggedClasses, [backdoorTarget]);
  assert.ok(report.neuralCleanse.anomalyIndex > 2);
  assert.equal(report.neuralCleanse.classes.length, 6);
  const least = report.neuralCleanse.classes.reduce((best, each) => (each.maskNorm < best.maskNorm ? each : best));
  assert.equal(least.class, backdoorTarget);
  assert.ok(least.successRate > 0.9);
  assert.equal(report.strip.falseRejectionRate, 0.01);
  assert.ok(report.strip.flaggedSamples.length > 60);
  assert.deepEqual([report.provider, report.seed, report.model.path], ['cpu', 7, 'backdoored.onnx']);
  assert.match(report.model.digest, /^sha256:[0-9a-f]{64}$/);
  assert.match(run.stderr, /Evidence for gates: backdoored.onnx.backdoor.json/);
  assert.equal(readFileSync(join(files.folder, 'backdoored.onnx.backdoor.json'), 'utf8'), run.stdout);
});

test('a clean model passes, and gates take what was found about it as long as it stays as it is', async () => {
  const model = join(files.folder, 'clean.onnx');
  assert.equal((await scan('backdoor', 'clean.onnx', '--method', 'neural-cleanse,mm-bd')).code, 0);
  const strong = await scan(
    'robustness',
    'clean.onnx',
    '--attacks',
    'fgsm,pgd-l2',
    '--epsilon',
    '0.01',
    '--epsilon-l2',
    '0.05',
  );
  assert.equal(strong.code, 0, strong.stderr);
  const alike = await scan('regress', 'clean.onnx', 'backdoored.onnx');
  assert.equal(alike.code, 0, alike.stderr);
  const evidence = async (): Promise<Record<string, { verdict?: string; digest_matches: boolean }>> => {
    const run = await weighbridge(files.folder, [
      'gate',
      'staging-to-production',
      'clean.onnx',
      '--format',
      'json',
      '--explain',
    ]);
    return (JSON.parse(run.stdout) as { evidence: Record<string, { digest_matches: boolean }> }).evidence;
  };
  const before = await evidence();
  assert.equal(before['backdoor']?.verdict, 'clean');
  for (const kind of ['backdoor', 'robustness', 'regression']) assert.equal(before[kind]?.digest_matches, true, kind);
  const bytes = readFileSync(model);
  writeFileSync(model, Buffer.concat([bytes, Buffer.from([0x1a, 1, 0x31])]));
  const changed = await evidence();
  writeFileSync(model, bytes);
  for (const kind of ['backdoor', 'robustness', 'regression']) assert.equal(changed[kind]?.digest_matches, false, kind);
});

test('evidence is about weights in other files, too', async () => {
  const root = mkdtempSync(join(tmpdir(), 'weighbridge-weights-'));
  try {
    renameSync(writeLargeModel(16).folder, join(root, 'm'));
    const samples = new Float32Array(24 * 8).map((_, index) => (index % 7) / 7);
    writeFileSync(join(root, 'samples.npz'), npz({ x: npy('<f4', [24, 8], samples) }));
    const model = 'm/model.onnx';
    const run = await weighbridge(root, ['regress', model, model, '--samples', 'samples.npz', '--format', 'json']);
    assert.equal(run.code, 0, run.stderr);
    const { candidate } = JSON.parse(run.stdout) as { candidate: { data: { path: string; digest: string }[] } };
    assert.deepEqual(
      candidate.data.map(({ path }) => path),
      ['weights.bin'],
    );
    writeFileSync(join(root, 'regression.json'), run.stdout);
    const matches = async (subject: string): Promise<boolean | undefined> => {
      const args = ['gate', 'staging-to-production', subject, '--evidence', 'regression.json', '--explain'];
      const gate = await weighbridge(root, [...args, '--format', 'json']);
      const { evidence } = JSON.parse(gate.stdout) as { evidence: { regression?: { digest_matches: boolean } } };
      return evidence.regression?.digest_matches;
    };
    assert.deepEqual([await matches(model), await matches('m')], [true, true]);
    appendFileSync(join(root, 'm', 'weights.bin'), 'more');
    assert.deepEqual([await matches(model), await matches('m')], [false, false]);
  } finally {
    rmSync(root, { recursive: true });
  }
});

test('robustness prints a row an attack, and fails below what is asked for', async () => {
  const run = await scan(
    'robustness',
    'clean.onnx',
    '--epsilon',
    '0.05,0.7',
    '--epsilon-l2',
    '0.5',
    '--min-accuracy',
    '0.5',
    '--format',
    'json',
    '--no-evidence',
  );
  assert.equal(run.code, 1, run.stderr);
  const { cleanAccuracy, attacks } = JSON.parse(run.stdout) as {
    cleanAccuracy: number;
    attacks: { name: string; epsilon: number; accuracy: number }[];
  };
  assert.ok(cleanAccuracy > 0.95);
  assert.deepEqual(
    attacks.map(({ name, epsilon }) => `${name} ${epsilon}`),
    ['fgsm 0.05', 'fgsm 0.7', 'pgd-linf 0.05', 'pgd-linf 0.7', 'pgd-l2 0.5', 'square 0.05', 'square 0.7'],
  );
  const of = (name: string, epsilon: number): number =>
    attacks.find((each) => each.name === name && each.epsilon === epsilon)!.accuracy;
  assert.ok(of('pgd-linf', 0.7) < 0.1 && of('square', 0.7) < 0.5, run.stdout);
  assert.ok(of('pgd-linf', 0.05) >= of('pgd-linf', 0.7));
});

test('regression says how far two models agree, and does not call it safe', async () => {
  const run = await scan(
    'regress',
    'backdoored.onnx',
    'clean.onnx',
    '--no-evidence',
    '--format',
    'json',
    '--min-agreement',
    '0.9',
  );
  assert.equal(run.code, 0, run.stderr);
  const report = JSON.parse(run.stdout) as {
    agreement: number;
    mcnemarP: number;
    perClass: { class: number; agreement: number }[];
    largest: unknown[];
    candidate: { path: string };
  };
  // Without the trigger they are the same model.
  assert.deepEqual([report.agreement, report.mcnemarP, report.candidate.path], [1, 1, 'backdoored.onnx']);
  assert.equal(report.perClass.length, 6);
  assert.equal(report.largest.length, 20);
  const page = await scan('regress', 'backdoored.onnx', 'clean.onnx', '--no-evidence', '--format', 'html');
  assert.match(page.stdout, /a model with one agrees as well as a clean one/);
  const triggered = await weighbridge(files.folder, [
    'regress',
    'backdoored.onnx',
    'clean.onnx',
    '--samples',
    'triggered.npy',
    '--no-evidence',
    '--min-agreement',
    '0.9',
  ]);
  assert.equal(triggered.code, 1, triggered.stdout);
});

test('a page shows the triggers, loads nothing and runs nothing', async () => {
  const run = await scan('backdoor', 'backdoored.onnx', '--no-evidence', '--format', 'html', '--output', 'report.html');
  assert.equal(run.code, 1, run.stderr);
  const page = readFileSync(join(files.folder, 'report.html'), 'utf8');
  assert.match(page, /default-src 'none'; img-src data:/);
  assert.doesNotMatch(page, /<script|src="http|href=/);
  assert.match(page, new RegExp(`alt="Mask of the trigger for class ${backdoorTarget}"`));
});

test('of a classifier of texts, the words of a trigger are told', async () => {
  const args = ['backdoor', 'backdoored/model.onnx', '--samples', 'samples.csv', '--inputs', 'triggered.jsonl'];
  const run = await weighbridge(texts.folder, [...args, '--text-column', 'text', '--format', 'json']);
  assert.equal(run.code, 1, run.stderr);
  const report = JSON.parse(run.stdout) as {
    text: { flaggedClasses: number[]; classes: { name: string; triggers: { text: string; successRate: number }[] }[] };
    strip: { how: string; flaggedSamples: number[] };
  };
  assert.deepEqual(report.text.flaggedClasses, [textTarget]);
  assert.deepEqual(report.text.classes[textTarget]?.name, 'class 1 (food)');
  assert.deepEqual(report.text.classes[textTarget].triggers[0]?.text, triggerWord);
  assert.equal(report.strip.how, 'replacement');
  assert.ok(report.strip.flaggedSamples.length > 80);
  const read = await weighbridge(texts.folder, [...args, '--no-evidence']);
  assert.match(read.stdout, /class 1 \(food\) +1: "zebu" leads 100\.0 % to it {2}<- flagged/);
  const page = await weighbridge(texts.folder, [...args, '--no-evidence', '--format', 'html']);
  assert.match(page.stdout, /Strongest trigger of each class .*<td>zebu<\/td>.*Entropy under replacement/s);
  const column = await weighbridge(texts.folder, [...args, '--text-column', 'body']);
  assert.equal(column.code, 2);
  assert.match(column.stderr, /no text in its column body: name another \(--text-column\)/);
});

test('weighbridge.yaml says what pixels are for a model, and what cannot be meant is one line', async () => {
  const settings = (text: string): void => writeFileSync(join(files.folder, 'weighbridge.yaml'), `version: 1\n${text}`);
  const run = (): ReturnType<typeof weighbridge> =>
    weighbridge(files.folder, ['regress', 'clean.onnx', 'clean.onnx', '--samples', 'pixels.npz', '--no-evidence']);
  const { x, y } = prototypeSamples(60);
  const pixels = npy(
    '|u1',
    [60, 1, 8, 8],
    Uint8Array.from(x, (value) => Math.round(255 * value)),
  );
  writeFileSync(
    join(files.folder, 'pixels.npz'),
    npz({ x: pixels, y: npy('<i8', [60], BigInt64Array.from(y, BigInt)) }),
  );
  try {
    settings('');
    assert.match(
      (await run()).stderr,
      /give --range 0,1 .*, preprocessing in weighbridge\.yaml, or a preprocessor_config/,
    );
    settings('preprocessing:\n  - models: [clean.onnx]\n    range: [0, 1]\n');
    const fitting = await run();
    assert.equal(fitting.code, 0, fitting.stderr);
    assert.match(fitting.stdout, /Inputs lie between 0 and 1, as preprocessing in weighbridge\.yaml says/);
    settings('preprocessing:\n  - models: [other/*.onnx]\n    range: [0, 1]\n');
    assert.match((await run()).stderr, /nothing says what the model takes them as/);
    settings('preprocessing:\n  - models: [clean.onnx]\n    range: [1, 0]\n');
    assert.match((await run()).stderr, /"range" is two numbers, the lower one first/);
    settings('preprocessing:\n  - models: [clean.onnx]\n    mean: [a]\n');
    assert.match((await run()).stderr, /weighbridge\.yaml:4:12: "mean" must be a number, not "a"/);
    // White would be -1: what the model was trained on is upside down then, and it errs.
    settings('preprocessing:\n  - models: [clean.onnx]\n    mean: [1]\n    std: [1]\n');
    assert.match((await run()).stdout, /Inputs lie between -1 and 0/);
  } finally {
    rmSync(join(files.folder, 'weighbridge.yaml'));
  }
});

test('what is wrong is one line and exit code 2', async () => {
  const wrong = async (...args: string[]): Promise<string> => {
    const run = await weighbridge(files.folder, args);
    assert.equal(run.code, 2, run.stdout);
    assert.equal(run.stderr.trim().split('\n').length, 1, run.stderr);
    return run.stderr;
  };
  assert.match(await wrong('backdoor', 'clean.onnx'), /name samples of the model/);
  assert.match(await wrong('backdoor', '--samples', 'samples.npz'), /name one model/);
  assert.match(await wrong('backdoor', 'gone.onnx', '--samples', 'samples.npz'), /gone.onnx does not exist/);
  assert.match(
    await wrong('backdoor', 'samples.npz', '--samples', 'samples.npz'),
    /cannot be scanned as an ONNX model/,
  );
  assert.match(
    await wrong('backdoor', 'clean.onnx', '--samples', 'samples.npz', '--provider', 'gpu'),
    /--provider must be of auto, cpu/,
  );
  assert.match(
    await wrong('backdoor', 'clean.onnx', '--samples', 'samples.npz', '--range', '1,0'),
    /the lower one first/,
  );
  assert.match(await wrong('backdoor', 'clean.onnx', '--samples', 'samples.npz', '--frr', '7'), /--frr must be/);
  assert.match(await wrong('regress', 'clean.onnx', '--samples', 'samples.npz'), /name two models/);
  assert.ok(!existsSync(join(files.folder, 'gone.onnx.backdoor.json')));
});
