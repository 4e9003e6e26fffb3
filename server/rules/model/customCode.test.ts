import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeExample } from '../exampleFiles.fixture.ts';

const told = async (file: string, text: string): Promise<string[]> =>
  (await judgeExample({ file, text })).map(({ ruleId, severity }) => `${severity} ${ruleId}`);

test('an MLmodel is judged by the modules that MLflow imports and the files that it opens', async () => {
  const flavor = (lines: string) => told('model/MLmodel', `flavors:\n  any:\n    ${lines}\n`);
  assert.deepEqual(await flavor('loader_module: evil_loader'), ['warning model/custom-code']);
  assert.deepEqual(await flavor('keras_module: evil'), ['warning model/custom-code']);
  assert.deepEqual(await flavor('loader_module: mlflow.pyfunc.model'), []);
  assert.deepEqual(await flavor('keras_module: tensorflow.keras'), []);
  for (const path of ['../x.pkl', '/tmp/x.pkl', 'C:\\x.pkl'])
    assert.deepEqual(await flavor(`pickled_model: ${path}`), ['error model/mlmodel-path'], path);
  assert.deepEqual(await flavor('pickled_model: model.pkl'), []);
  assert.deepEqual(await told('model/notes', 'flavors:\n  a:\n    loader_module: evil\n'), []);
});

test('the code of pipelines is that of the model, or of another repository', async () => {
  const pipelines = (impl: string) => JSON.stringify({ custom_pipelines: { x: { impl, pt: ['AutoModel'] } } });
  assert.deepEqual(await told('config.json', pipelines('pair.Pipeline')), ['info model/custom-code']);
  assert.deepEqual(await told('config.json', pipelines('somebody/else--pair.Pipeline')), ['warning model/custom-code']);
  const named = '{"_class_name": ["my_pipeline", "MyPipeline"]}';
  assert.deepEqual(await told('model_index.json', named), ['info model/custom-code']);
  assert.deepEqual(await told('model_index.json', '{"_class_name": "StableDiffusionPipeline"}'), []);
});
