import type { OperatorFact } from '../../formats/graph/facts.ts';

/**
 * Domains whose operators the runtimes bring along. Sources: onnx/onnx docs/Operators*.md; microsoft/onnxruntime
 * include/onnxruntime/core/graph/constants.h; onnxruntime-extensions (`ai.onnx.contrib`); OpenVINO and PyTorch exporters.
 */
const known = new Set([
  '',
  'ai.onnx',
  'ai.onnx.ml',
  'ai.onnx.training',
  'ai.onnx.preview',
  'ai.onnx.preview.training',
  'ai.onnx.contrib',
  'com.microsoft',
  'com.microsoft.extensions',
  'com.microsoft.experimental',
  'com.microsoft.nchwc',
  'com.microsoft.dml',
  'com.ms.internal.nhwc',
  'org.openvinotoolkit',
  'org.pytorch.aten',
]);

/** Operators that run Python. Sources: onnxruntime, pyop.h and PythonOp of the training build; onnxruntime-extensions, PyCustomOpDef. */
const python = /^(?:Py(?:thon)?(?:Custom)?Op(?:Grad|Def)?|Py(?:thon)?Func(?:tion)?)$/i;

/** Domains of which every operator is Python. */
const pythonDomain = /^(?:pyop|pyopmulti)(?:_\d+)?$/;

export function runsPython({ domain, name, local }: OperatorFact): boolean {
  return !local && (python.test(name) || pythonDomain.test(domain));
}

/** Whether an operator comes neither with the runtimes nor with the model. */
export function isCustom(operator: OperatorFact): boolean {
  return !operator.local && !known.has(operator.domain) && !runsPython(operator);
}
