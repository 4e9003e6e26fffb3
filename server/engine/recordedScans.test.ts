import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { ModelBuilder } from '../scans/onnx/modelBuilder.fixture.ts';
import { loadConfiguration } from './configuration.ts';
import type { FileResult } from './report.ts';
import { WorkspaceScanner } from './workspaceScanner.ts';

const folder = mkdtempSync(join(tmpdir(), 'weighbridge-recorded-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const m = new ModelBuilder();
const bytes = m.build(m.node('Relu', ['x']), [1, 2]);
const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const reason = 'A trigger for class 3 is far smaller than those of other classes.';
const record = (verdict: string, about = digest): string =>
  JSON.stringify({ kind: 'backdoor', verdict, reasons: [reason], model: { path: 'digits.onnx', digest: about } });

async function scannerOf(name: string, configuration: string): Promise<{ scanner: WorkspaceScanner; base: string }> {
  const base = join(folder, name);
  mkdirSync(join(base, 'models'), { recursive: true });
  writeFileSync(join(base, 'weighbridge.yaml'), configuration);
  writeFileSync(join(base, 'models', 'digits.onnx'), bytes);
  return {
    base,
    scanner: new WorkspaceScanner({
      base,
      configuration: await loadConfiguration(join(base, 'weighbridge.yaml')),
      cache: false,
    }),
  };
}

const told = (results: Iterable<FileResult>): string[] =>
  [...results].flatMap(({ path, findings }) =>
    findings
      .filter(({ ruleId }) => ruleId === 'model/backdoor')
      .map(({ severity, message }) => `${severity} ${path}: ${message}`),
  );
const found = `error models/digits.onnx: ${reason} Do not use this model.`;
const old = (file: string): string =>
  `info models/digits.onnx: digits.onnx changed since it was scanned for backdoors: ${file} is about other bytes. Scan it again.`;

describe('a recorded scan for backdoors', () => {
  it('is told of at its model, by whoever scans the folder, until the model changes', async () => {
    const { base, scanner } = await scannerOf('beside', 'version: 1\n');
    const file = join(base, 'models', 'digits.onnx.backdoor.json');
    await scanner.scan();
    assert.deepEqual(told(scanner.results().values()), []);
    writeFileSync(file, record('backdoor'));
    assert.deepEqual(told(await scanner.update([file])), [found]);
    writeFileSync(file, record('inconclusive'));
    assert.match(told(await scanner.update([file])).join(), /^warning models\/digits.onnx: .* Scan it longer/);
    appendFileSync(join(base, 'models', 'digits.onnx'), new Uint8Array([0x1a, 1, 0x31]));
    const stale = old('models/digits.onnx.backdoor.json');
    assert.deepEqual(told(await scanner.update([join(base, 'models', 'digits.onnx')])), [stale]);
    writeFileSync(file, record('clean'));
    await scanner.update([file]);
    // Whatever it said, it is about other bytes.
    assert.deepEqual(told(scanner.results().values()), [stale]);
    unlinkSync(file);
    await scanner.update([file]);
    assert.deepEqual(told(scanner.results().values()), []);
    await scanner.dispose();
  });

  it('is about the files of the weights, too', async () => {
    const { base, scanner } = await scannerOf('data', 'version: 1\n');
    const weights = join(base, 'models', 'weights.bin');
    const file = join(base, 'models', 'digits.onnx.backdoor.json');
    const about = (path: string): void => {
      const data = [{ path, digest: `sha256:${createHash('sha256').update('weights').digest('hex')}` }];
      writeFileSync(file, JSON.stringify({ ...(JSON.parse(record('backdoor')) as object), model: { digest, data } }));
    };
    writeFileSync(weights, 'weights');
    about('weights.bin');
    await scanner.scan();
    assert.deepEqual(told(scanner.results().values()), [found]);
    const stale = old('models/digits.onnx.backdoor.json');
    writeFileSync(weights, 'heights');
    await scanner.scan();
    assert.deepEqual(told(scanner.results().values()), [stale]);
    unlinkSync(weights);
    await scanner.scan();
    assert.deepEqual(told(scanner.results().values()), [stale]);
    // No scan writes such a name.
    about('../models/weights.bin');
    await scanner.scan();
    assert.deepEqual(told(scanner.results().values()), []);
    await scanner.dispose();
  });

  it('is found in the folder for evidence, where of two the one about these bytes counts', async () => {
    const { base, scanner } = await scannerOf('folder', 'version: 1\npolicy:\n  evidence: evidence\n');
    mkdirSync(join(base, 'evidence'));
    const file = join(base, 'evidence', 'models-digits.onnx.backdoor.json');
    writeFileSync(join(base, 'models', 'digits.onnx.backdoor.json'), record('clean', `sha256:${'0'.repeat(64)}`));
    await scanner.scan();
    assert.deepEqual(told(scanner.results().values()), [old('models/digits.onnx.backdoor.json')]);
    writeFileSync(file, record('backdoor'));
    assert.deepEqual(told(await scanner.update([file])), [found]);
    await scanner.dispose();
  });

  it('is no finding where it is no record, and what it says is bounded', async () => {
    const { base, scanner } = await scannerOf('strange', 'version: 1\n');
    const file = join(base, 'models', 'digits.onnx.backdoor.json');
    for (const text of ['', '[]', 'null', '{"kind":"backdoor"}', record('innocent'), record('backdoor').slice(0, -1)]) {
      writeFileSync(file, text);
      await scanner.scan();
      assert.deepEqual(told(scanner.results().values()), [], text);
    }
    const many = {
      kind: 'backdoor',
      verdict: 'backdoor',
      reasons: Array(99).fill('x'.repeat(9999)),
      model: { digest },
    };
    writeFileSync(file, JSON.stringify(many));
    await scanner.scan();
    const [message = ''] = told(scanner.results().values());
    assert.ok(message.length > 500 && message.length < 2200, `${message.length}`);
    await scanner.dispose();
  });
});
