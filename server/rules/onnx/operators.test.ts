import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { inspect } from '../../formats/inspect.ts';
import { MemorySource } from '../../formats/source.ts';
import { judgeArtifact } from '../run.ts';
import { isCustom, runsPython } from './operators.ts';

const operator = (domain: string, name: string, local?: true) => ({
  domain,
  name,
  count: 1,
  offset: 0,
  where: '',
  ...(local && { local }),
});

describe('ONNX operators', () => {
  it('are custom where neither the runtimes nor the model bring them', () => {
    for (const domain of ['', 'ai.onnx.ml', 'com.microsoft', 'ai.onnx.contrib'])
      assert.ok(!isCustom(operator(domain, 'X')));
    assert.ok(isCustom(operator('my.custom', 'X')));
    assert.ok(!isCustom(operator('my.custom', 'X', true)));
  });

  it('run Python by any of the names that this had', () => {
    for (const [domain, name] of [
      ['pyopmulti_2', 'PyOp'],
      ['com.microsoft', 'PythonOp'],
      ['com.microsoft', 'PythonOpGrad'],
      ['ai.onnx.contrib', 'PyCustomOpDef'],
      ['pyop', 'anything'],
    ] as const)
      assert.ok(runsPython(operator(domain, name)), name);
    for (const name of ['Pyramid', 'Python', 'Pow', 'Opt']) assert.ok(!runsPython(operator('', name)), name);
  });
});

const corpus = fileURLToPath(new URL('../../../../shared/data/model-files/', import.meta.url));
if (existsSync(corpus)) {
  describe('the files of the corpus that are graphs', () => {
    const rows = readFileSync(`${corpus}manifest.tsv`, 'utf8').trim().split('\n').slice(1);
    for (const row of rows.filter((each) => /^(?:onnx|tf)\//.test(each))) {
      const [path = '', expected] = row.split('\t');
      it(path, () => {
        const inspection = inspect(new MemorySource(readFileSync(corpus + path)), basename(path));
        const findings = judgeArtifact({ path, inspection, options: { allowedImports: [] } });
        const worst = ['error', 'warning'].find((each) => findings.some(({ severity }) => severity === each));
        assert.equal(worst, { dangerous: 'error', suspicious: 'warning' }[expected ?? '']);
      });
    }
  });
}
