import type { FormatId } from '../../formats/facts.ts';

const modelFormats = new Set<FormatId>([
  'pickle',
  'joblib',
  'torch-zip',
  'torch-legacy',
  'torch-tar',
  'torchscript',
  'safetensors',
  'gguf',
  'ggml',
  'onnx',
  'hdf5',
  'keras',
  'nemo',
  'torchserve',
  'skops',
  'rds',
  'msgpack',
  'tf-saved-model',
  'tflite',
  'executorch',
  'tf-graph',
  'tf-meta-graph',
  'coreml',
  'openvino',
  'paddle',
  'tensorrt',
  'xgboost',
  'lightgbm',
  'catboost',
  'pmml',
]);

/** Names of the models that stand directly in a directory: arrays and plain archives are data. */
export function modelsIn(directory: { artifacts: { name: string; format: FormatId }[] }): string[] {
  return directory.artifacts.filter(({ format }) => modelFormats.has(format)).map(({ name }) => name);
}

/** `this model`, or `these 3 model files`. */
export function inWords(models: readonly string[]): string {
  return models.length === 1 ? 'this model' : `these ${models.length} model files`;
}
