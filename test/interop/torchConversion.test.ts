import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { convertCheckpoint, type ConvertOptions } from '../../server/convert/convertCheckpoint.ts';
import { WeighbridgeError } from '../../server/errors.ts';
import type { TorchFacts } from '../../server/formats/facts.ts';
import { inspect } from '../../server/formats/inspect.ts';
import { MemorySource } from '../../server/formats/source.ts';
import { runPython } from './python.ts';

interface Made {
  path: string;
  options: ConvertOptions;
  /** A part of the message of the refusal; null when it can be converted. */
  refused: string | null;
}

interface Comparison {
  input: string;
  tensors: number;
  /** Null where tied tensors make the order of the metadata a matter of chance in the reference writer. */
  sameBytes: boolean | null;
  differences: string[];
}

const lines = <T>(output: string): T[] =>
  output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as T);

const outputOf = (made: Made): string => made.path.replace(/\.pt$/, '.safetensors');

describe('checkpoints of real PyTorch', () => {
  let folder = '';
  let made: Made[] = [];

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'weighbridge-torch-'));
    made = lines<Made>(await runPython('make_torch.py', [folder]));
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  it('hold the same tensors, bit by bit, after conversion; the file is the one that save_file writes', async () => {
    const jobs = [];
    for (const each of made.filter(({ refused }) => refused === null)) {
      const { aliases, output } = await convertCheckpoint(each.path, each.options);
      jobs.push({ input: each.path, output, options: each.options, aliases });
    }
    assert.ok(jobs.length > 60);
    const input = jobs.map((job) => JSON.stringify(job)).join('\n');
    const compared = lines<Comparison>(await runPython('compare_torch.py', [], input));
    assert.equal(compared.length, jobs.length);
    let same = 0;
    for (const { input: file, tensors, sameBytes, differences } of compared) {
      assert.deepEqual(differences, [], path.basename(file));
      assert.ok(tensors > 0);
      assert.notEqual(sameBytes, false, `${path.basename(file)} is not what save_file writes`);
      if (sameBytes) same++;
    }
    assert.ok(same > 40, `${same} files were compared as a whole`);
  });

  it('are refused with the reason when they hold what safetensors cannot', async () => {
    const refusals = made.filter(({ refused }) => refused !== null);
    assert.ok(refusals.length > 30);
    for (const each of refusals) {
      await assert.rejects(convertCheckpoint(each.path, each.options), (error: unknown) => {
        assert.ok(error instanceof WeighbridgeError, String(error));
        assert.equal(error.code, 'refused');
        assert.ok(error.message.includes(each.refused!), error.message);
        return true;
      });
      assert.ok(!existsSync(outputOf(each)), each.path);
    }
  });

  it('are said to be convertible exactly when they are', () => {
    for (const each of made) {
      const { parts } = inspect(new MemorySource(readFileSync(each.path)), path.basename(each.path));
      const facts = parts.find((part): part is TorchFacts => part.kind === 'torch');
      assert.ok(facts, each.path);
      const { select, flatten, tensorsOnly } = each.options;
      const needed = select !== undefined || flatten || tensorsOnly ? 'tensors-only' : 'yes';
      const beside = each.refused !== null && /more than tensors|would run/.test(each.refused);
      const expected = each.refused === null ? needed : beside ? 'tensors-only' : 'no';
      assert.equal(
        facts.conversion.state,
        expected,
        `${path.basename(each.path)}: ${JSON.stringify(facts.conversion)}`,
      );
      assert.deepEqual(facts.violations, [], each.path);
    }
  });
});
