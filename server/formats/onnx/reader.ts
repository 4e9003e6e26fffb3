import type { Reader } from '../reader.ts';
import { OnnxModel } from './model.ts';

/** Reads an ONNX model: its operators, the tensors it carries, and the files that it names. Tensor data is not read. */
export const readOnnx: Reader = (source, context) => {
  new OnnxModel(source, context).read();
};
