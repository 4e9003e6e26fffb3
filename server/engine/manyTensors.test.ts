import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { defaultLimits } from '../formats/limits.ts';
import { buildTorchZip, floats, stateDictPickle, type BuildTensor } from '../formats/torch/torchBuilder.fixture.ts';
import { assemblePickle } from '../formats/pickle/assembler.fixture.ts';
import { examine, type Examined } from './examine.ts';

function examined(content: Uint8Array): Examined {
  const folder = mkdtempSync(join(tmpdir(), 'weighbridge-many-'));
  try {
    const file = join(folder, 'model.pt');
    writeFileSync(file, content);
    const settings = { limits: { ...defaultLimits, timeMs: 600_000 }, maxFileSize: null, allowedImports: [] };
    return examine({ file, path: 'model.pt' }, settings);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('a checkpoint of 30,000 tensors, each with a record of its own', () => {
  const count = 30_000;
  const tensors: BuildTensor[] = [];
  const records: Record<string, Uint8Array> = {};
  for (let index = 0; index < count; index++) {
    tensors.push({ name: `layer.${index}`, key: `k${index}`, elements: 1, shape: [1] });
    records[`k${index}`] = floats(index);
  }
  const pickle = stateDictPickle(tensors);

  it('is read whole, and nothing is wrong with it', () => {
    const { summary, findings } = examined(buildTorchZip(pickle, records));
    assert.equal(summary.format, 'torch-zip');
    assert.equal(summary.complete, true);
    assert.deepEqual(summary.conversion, { state: 'yes' });
    assert.deepEqual(
      findings.map(({ ruleId, severity }) => `${ruleId} ${severity}`),
      ['pickle/prefer-safetensors info'],
    );
  });

  it('hides nothing behind its records', () => {
    const more = [
      {
        name: 'archive/data/last',
        data: assemblePickle("PROTO 2\nGLOBAL os system\nBINUNICODE 'id'\nTUPLE1\nREDUCE\nSTOP"),
      },
    ];
    const { findings } = examined(buildTorchZip(pickle, records, { more }));
    const found = findings.find(({ ruleId }) => ruleId === 'pickle/dangerous-import');
    assert.equal(found?.location?.entry, 'archive/data/last');
  });
});
