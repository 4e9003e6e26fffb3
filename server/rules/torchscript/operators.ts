import type { OperatorFact } from '../../formats/graph/facts.ts';

/**
 * Operators of PyTorch that touch what is outside the model.
 * Source: PyTorch, `aten/src/ATen/native/native_functions.yaml` and `torch/csrc/jit/runtime/register_special_ops.cpp`.
 */
export const dangerousOperators: Readonly<Record<string, string>> = {
  'aten.from_file': 'maps any file of the machine into a tensor, and can write to it',
  'aten.save': 'writes a file',
  'aten.load': 'loads another file',
  'aten.open': 'opens a file',
};

/** Namespaces of operators that PyTorch and its own domain libraries register. */
const known = new Set([
  'aten',
  'prim',
  'prims',
  'quantized',
  'quantized_decomposed',
  'sparse',
  'mkldnn',
  'mkldnn_prepacked',
  'mkl',
  'prepacked',
  'rnn',
  'profiler',
  'cuda',
  'inductor',
  'higher_order',
  'static_runtime',
  'fb',
  'metal',
  'metal_prepack',
  'vulkan_prepack',
  'xnnpack',
  'torchvision',
  'image',
  'torchaudio',
  'torchtext',
  'torchrec',
  'c10d',
  'c10d_functional',
  '_c10d_functional',
]);

/** Whether an operator comes from a library that somebody has to load. */
export function needsLibrary(operator: OperatorFact): boolean {
  return !known.has(operator.domain);
}
