import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Finding } from '../finding.ts';
import { judgeExample } from '../exampleFiles.fixture.ts';

const nameIn = (evidence: Finding['evidence']): string => {
  const name = evidence?.['name'] ?? evidence?.['module'];
  return typeof name === 'string' ? name : '';
};
const told = async (file: string, content: object | string): Promise<string[]> => {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  return (await judgeExample({ file, text }))
    .filter(({ ruleId }) =>
      /imported-class|import-by-config|evaluated-config|configured-library|pickle-module/.test(ruleId),
    )
    .map(({ severity, ruleId, evidence }) => `${severity} ${ruleId} ${nameIn(evidence)}`.trim());
};

test('classes of the library itself are nothing to tell', async () => {
  assert.deepEqual(
    await told('modules.json', [
      { type: 'sentence_transformers.models.Pooling' },
      { type: 'pylate.models.Dense.Dense' },
    ]),
    [],
  );
  assert.deepEqual(
    await told('2_Dense/config.json', { in_features: 3, activation_function: 'torch.nn.modules.activation.Tanh' }),
    [],
  );
  assert.deepEqual(await told('config.json', { activation_function: 'gelu_new', model_type: 'gpt2' }), []);
  assert.deepEqual(
    await told('model.yaml', 'module: bentoml.sklearn\napi_version: v1\ncontext:\n  framework_name: sklearn\n'),
    [],
  );
  assert.deepEqual(await told('model.yaml', 'module: own\nbackbone: x\n'), []);
  assert.deepEqual(await told('model-settings.json', { implementation: 'mlserver_xgboost.XGBoostModel' }), []);
  assert.deepEqual(
    await told('metadata/part-00000', { class: 'pyspark.ml.pipeline.PipelineModel', uid: 'x', sparkVersion: '3' }),
    [],
  );
  assert.deepEqual(await told('metadata.json', { class: 'org.example.X' }), []);
});

test('others are, and those that run something are dangerous', async () => {
  assert.deepEqual(await told('modules.json', [{ type: 'custom.Head' }]), ['warning model/imported-class custom.Head']);
  assert.deepEqual(await told('modules.json', [{ type: 'os.system' }]), ['error load/import-by-config os.system']);
  assert.deepEqual(await told('router_config.json', { types: { a: 'custom.Head' }, structure: {} }), [
    'warning model/imported-class custom.Head',
  ]);
  assert.deepEqual(await told('2_Dense/config.json', { in_features: 3, activation_function: 'custom.Act' }), [
    'warning model/imported-class custom.Act',
  ]);
  assert.deepEqual(await told('model.yaml', 'module: own\napi_version: v1\ncontext:\n  framework_name: x\n'), [
    'warning model/imported-class own',
  ]);
  assert.deepEqual(await told('model-settings.json', { implementation: 'os.system' }), [
    'error model/imported-class os.system',
  ]);
  assert.deepEqual(
    await told('stages/0_a/metadata/part-00000', { class: 'org.example.X', uid: 'x', sparkVersion: '3' }),
    ['warning model/imported-class org.example.X'],
  );
});

test('components of Rasa, types of AllenNLP and class paths of Lightning are judged by what they name', async () => {
  const rasa = (uses: string) => ({ train_schema: { nodes: { a: { uses } } } });
  assert.deepEqual(await told('metadata.json', rasa('subprocess.Popen')), [
    'error load/import-by-config subprocess.Popen',
  ]);
  assert.deepEqual(await told('metadata.json', rasa('rasa.core.policies.memoization.MemoizationPolicy')), []);
  const allennlp = (type: string) => ({ dataset_reader: { type: 'sst' }, model: { type, command: 'id' } });
  assert.deepEqual(await told('config.json', allennlp('os.system')), ['error load/import-by-config os.system']);
  assert.deepEqual(await told('config.json', allennlp('basic_classifier')), []);
  assert.deepEqual(await told('config.yaml', 'trainer:\n  callbacks:\n    - class_path: subprocess.Popen\n'), [
    'error load/import-by-config subprocess.Popen',
  ]);
  assert.deepEqual(await told('config.yaml', 'model:\n  class_path: own.Model\n'), []);
});

test('an architecture of YOLO may name layers, and call them', async () => {
  const yolo = (line: string) =>
    `nc: 80\nscales:\n  n: [0.5, 0.25, 1024]\n${line}\nbackbone:\n  - [-1, 1, Conv, [64, 3, 2]]\nhead: []\n`;
  for (const line of ['activation: nn.LeakyReLU(0.1)', 'act: torch.nn.SiLU()', 'names: ["open", "__init__"]'])
    assert.deepEqual(await told('yolo.yaml', yolo(line)), [], line);
  for (const line of [
    'activation: __import__("os").system("id")',
    'act: (lambda:1)()',
    'activation: torch.hub.load("a/b", "c")',
  ])
    assert.deepEqual(await told('yolo.yaml', yolo(line)), ['error load/evaluated-config'], line);
  assert.deepEqual(await told('other.yaml', 'activation: __import__("os")\n'), []);
});

test('a library of the model is a warning, and files outside of it are errors', async () => {
  const genai = (decoder: object) => told('genai_config.json', { model: { decoder } });
  assert.deepEqual(await genai({ filename: 'model.onnx', session_options: {} }), []);
  assert.deepEqual(await genai({ session_options: { custom_ops_library: 'lib/ops.so' } }), [
    'warning onnx/configured-library',
  ]);
  assert.deepEqual(await genai({ session_options: { custom_ops_library: '/x/ops.so' }, filename: '../m.onnx' }), [
    'error onnx/configured-library',
    'error onnx/configured-library',
  ]);
});

test('the module that MLflow unpickles with is told unless MLflow or everybody has it', async () => {
  for (const known of ['mlflow.pytorch.pickle_module', 'pickle', 'cloudpickle\n', 'dill'])
    assert.deepEqual(await told('data/pickle_module_info.txt', known), [], known);
  assert.deepEqual(await told('data/pickle_module_info.txt', 'fast.unpickler\n'), [
    'warning model/pickle-module fast.unpickler',
  ]);
  assert.deepEqual(await told('data/pickle_module_info.txt', 'ctypes.util'), ['error model/pickle-module ctypes.util']);
});
