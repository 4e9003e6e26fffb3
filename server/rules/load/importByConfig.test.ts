import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from '../../formats/inspect.ts';
import { MemorySource } from '../../formats/source.ts';
import { buildTar } from '../../formats/tar/tarBuilder.fixture.ts';
import { buildZip } from '../../formats/zip/zipBuilder.fixture.ts';
import { judgeExample } from '../exampleFiles.fixture.ts';
import { judgeArtifact } from '../run.ts';

function found(bytes: Uint8Array, path: string): string[] {
  const inspection = inspect(new MemorySource(bytes), path);
  return judgeArtifact({ path, inspection, options: { allowedImports: [] } }).map(
    ({ severity, ruleId, location }) => `${severity} ${ruleId} ${location.entry ?? ''}`,
  );
}

test('configurations in archives are judged by what they name', () => {
  const nemo = (config: string): string[] => found(buildTar([{ name: './model_config.yaml', data: config }]), 'a.nemo');
  assert.deepEqual(nemo('x:\n  _target_: subprocess.Popen\n'), ['error load/import-by-config ./model_config.yaml']);
  assert.deepEqual(nemo('x: !!python/object/apply:os.system [id]\n'), [
    'error load/import-by-config ./model_config.yaml',
  ]);
  assert.deepEqual(nemo('x:\n  _target_: nemo.collections.asr.modules.Conv\ntarget: nemo.collections.asr.Model\n'), []);
  assert.deepEqual(nemo('x:\n  _target_: research.own.Layer\n'), ['info load/import-by-config ./model_config.yaml']);
  assert.deepEqual(nemo('target: os.system\n'), ['error load/import-by-config ./model_config.yaml']);
  // Modules of NumPy and PyTorch that run what they are given are no less dangerous for where they stand.
  assert.deepEqual(nemo('_target_: torch.utils.collect_env.run\n'), [
    'error load/import-by-config ./model_config.yaml',
  ]);
});

test('the types of a skops file are judged like those of a pickle', () => {
  const skops = (schema: object): string[] =>
    found(buildZip([{ name: 'schema.json', data: JSON.stringify(schema) }]), 'a.skops');
  assert.deepEqual(
    skops({ __class__: 'LogisticRegression', __module__: 'sklearn.linear_model._logistic', content: {} }),
    [],
  );
  assert.deepEqual(skops({ __class__: 'system', __module__: 'os' }), ['error load/import-by-config schema.json']);
  const method = {
    __class__: 'method',
    __module__: 'types',
    __loader__: 'MethodNode',
    content: { func: '__builtins__.eval' },
  };
  assert.ok(skops(method).includes('error load/import-by-config schema.json'));
  const named = { __class__: 'function', __module__: 'builtins', content: { module_path: 'os', function: 'system' } };
  assert.deepEqual(skops(named), ['error load/import-by-config schema.json']);
  assert.deepEqual(skops({ __class__: 'Thing', __module__: 'research.own' }), [
    'warning load/import-by-config schema.json',
  ]);
});

test('templates in archives are read, too', () => {
  const config = JSON.stringify({ chat_template: [{ name: 'default', template: '{{ x.__class__ }}' }] });
  const bytes = buildZip([{ name: 'tokenizer_config.json', data: config }]);
  assert.deepEqual(found(bytes, 'a.zip'), ['error template/code-reach tokenizer_config.json']);
});

test('tags and targets of a configuration that stands by itself are judged where they stand', async () => {
  const told = async (file: string, text: string) =>
    (await judgeExample({ file, text })).map(
      ({ ruleId, severity, location }) => `${severity} ${ruleId} ${location.line}:${location.column}`,
    );
  assert.deepEqual(await told('a.yaml', 'a: 1\nb: !!python/object/apply:os.system [id]\n'), [
    'error load/import-by-config 2:4',
  ]);
  assert.deepEqual(await told('a.yaml', 'b: !!python/object:mypackage.Config {}\nc: !!python/tuple [1]\n'), []);
  assert.deepEqual(await told('a.json', '{"\\u005ftarget_": "os.system"}'), ['error load/import-by-config 1:19']);
});

test('what frameworks import because one of their files says so is judged', async () => {
  const told = async (file: string, text: string) =>
    (await judgeExample({ file, text })).map(({ ruleId, severity }) => `${severity} ${ruleId}`);
  const dangerous = ['error load/import-by-config'];
  const module = (type: string) => JSON.stringify([{ idx: 0, name: '0', path: '', type }]);
  assert.deepEqual(await told('modules.json', module('os.system')), dangerous);
  assert.deepEqual(await told('modules.json', module('sentence_transformers.models.Transformer')), []);
  assert.deepEqual(await told('1_Dense/config.json', '{"activation_function": "os.system"}'), dangerous);
  assert.deepEqual(await told('config.json', '{"activation_function": "gelu_new"}'), []);
  const pipeline = (library: string, name: string) => JSON.stringify({ _class_name: 'P', unet: [library, name] });
  assert.deepEqual(await told('model_index.json', pipeline('os', 'system')), dangerous);
  assert.deepEqual(await told('model_index.json', pipeline('diffusers', 'UNet2DModel')), []);
  assert.deepEqual(await told('state.json', '{"py/reduce": [{"py/function": "os.system"}, 1]}'), dangerous);
  assert.deepEqual(await told('hyperparams.yaml', "a: !apply:os.system ['id']\n"), dangerous);
  assert.deepEqual(await told('hyperparams.yaml', 'a: !new:speechbrain.nnet.CNN.Conv1d\n  b: !ref <c>\n'), []);
});
