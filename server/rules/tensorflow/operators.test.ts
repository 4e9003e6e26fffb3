import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { buildFlatbuffer, type BuildTable } from '../../formats/flatbuffer/flatbufferBuilder.fixture.ts';
import { inspect } from '../../formats/inspect.ts';
import { MemorySource } from '../../formats/source.ts';
import { buildZip } from '../../formats/zip/zipBuilder.fixture.ts';
import { judgeExample } from '../exampleFiles.fixture.ts';
import type { ProtobufFields } from '../rule.ts';
import { judgeArtifact } from '../run.ts';

const constant = (name: string, value: string): [number, ProtobufFields] => [
  1,
  [[1, name], [2, 'Const'], [5, [[1, 'value'], [2, [[8, [[1, 7], [8, value]]]]]]]],
]; // prettier-ignore
const node = (operator: string, ...inputs: string[]): [number, ProtobufFields] => [
  1,
  [[1, operator], [2, operator], ...inputs.map((input): [number, string] => [3, input])],
];

async function verdicts(...nodes: [number, ProtobufFields][]): Promise<string[]> {
  const findings = await judgeExample({ file: 'frozen.pb', protobuf: nodes });
  return findings
    .filter(({ ruleId }) => ruleId.startsWith('tensorflow/'))
    .map(({ severity, message }) => `${severity}: ${message}`);
}

describe('the rules of TensorFlow operators', () => {
  it('say nothing of what every model has', async () => {
    const ordinary = ['SaveV2', 'RestoreV2', 'MergeV2Checkpoints', 'ShardedFilename', 'DecodeJpeg', 'Assert', 'Print'];
    assert.deepEqual(
      await verdicts(
        constant('prefix', '_temp/part'),
        constant('stderr', 'stderr'),
        ...ordinary.map((each) => node(each, 'prefix', 'stderr')),
      ),
      [],
    );
  });

  it('do not take the name of a tensor for a path', async () => {
    assert.deepEqual(await verdicts(constant('names', '/dense/kernel'), node('SaveV2', 'prefix', 'names')), []);
  });

  it('refuse saving and restoring to a place that the model chooses', async () => {
    for (const path of ['/root/.bashrc', 'C:\\Windows\\x', '../../x', 'gs://bucket/x'])
      for (const operator of ['SaveV2', 'RestoreV2', 'MergeV2Checkpoints']) {
        const [verdict] = await verdicts(constant('p', path), node(operator, 'p'));
        assert.match(verdict ?? '', /^error: Has the operator/, `${operator} ${path}`);
      }
  });

  it('name the file, and warn of tables and records from elsewhere', async () => {
    const [read] = await verdicts(constant('p', '/etc/passwd'), node('ReadFile', 'p'));
    assert.match(read ?? '', /^error: .*reads any file, given "\/etc\/passwd"/);
    const [table] = await verdicts(constant('p', '/etc/passwd'), node('InitializeTableFromTextFileV2', 'h', 'p'));
    assert.match(table ?? '', /^warning: /);
    const [rows] = await verdicts(constant('p', '/etc/passwd'), node('CSVDatasetV2', 'p'));
    assert.match(rows ?? '', /^warning: /);
    assert.deepEqual(await verdicts(constant('p', 'words.txt'), node('InitializeTableFromTextFileV2', 'h', 'p')), []);
  });
});

describe('TensorFlow Lite models', () => {
  const operators = (name: string): BuildTable => ({
    0: { int32: 3 },
    1: { tables: [{ 0: { int8: 32 }, 1: name }] },
    2: { tables: [{ 3: { tables: [{ 0: { int32: 0 } }] } }] },
  });
  const judged = (bytes: Uint8Array) =>
    judgeArtifact({
      path: 'model.tflite',
      inspection: inspect(new MemorySource(bytes), 'model.tflite'),
      options: { allowedImports: [] },
    });

  it('are refused for the operators of TensorFlow that they run by Flex', () => {
    const findings = judged(buildFlatbuffer(operators('FlexReadFile'), 'TFL3'));
    assert.deepEqual(
      findings.map(({ ruleId, severity }) => [ruleId, severity]),
      [['tensorflow/dangerous-operator', 'error']],
    );
    assert.deepEqual(judged(buildFlatbuffer(operators('FlexErf'), 'TFL3')), []);
  });

  it('may have their labels behind them, as an archive', () => {
    const labels = buildZip([{ name: 'labels.txt', data: Buffer.from('cat') }]);
    const model = Buffer.concat([buildFlatbuffer(operators('TFLite_Detection_PostProcess'), 'TFL3'), labels]);
    assert.deepEqual(judged(model), []);
  });
});
