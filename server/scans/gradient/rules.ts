import type { OnnxNode } from '../onnx/graph.ts';
import type { GradientRule, GradientRules } from './rule.ts';
import { activationRules } from './rules/activation.ts';
import { convolutionRules } from './rules/convolution.ts';
import { elementwiseRules } from './rules/elementwise.ts';
import { matrixRules } from './rules/matrix.ts';
import { normalizationRules } from './rules/normalization.ts';
import { poolingRules } from './rules/pooling.ts';
import { quantizationRules } from './rules/quantization.ts';
import { reductionRules } from './rules/reduction.ts';
import { resizeRules } from './rules/resize.ts';
import { shapeRules } from './rules/shape.ts';

const rules: GradientRules = {
  ...activationRules,
  ...convolutionRules,
  ...elementwiseRules,
  ...matrixRules,
  ...normalizationRules,
  ...poolingRules,
  ...quantizationRules,
  ...reductionRules,
  ...resizeRules,
  ...shapeRules,
};

/** Operators whose results do not change when their input changes a little, or hold no numbers that do. */
const constants = new Set([
  ...['Shape', 'Size', 'ConstantOfShape', 'Range', 'OneHot', 'NonZero', 'EyeLike', 'Hardmax', 'ArgMax', 'ArgMin'],
  ...['Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual', 'And', 'Or', 'Xor', 'Not', 'IsNaN', 'IsInf'],
  ...['Floor', 'Ceil', 'Round', 'Sign', 'BitwiseAnd', 'BitwiseOr', 'BitwiseNot', 'BitwiseXor', 'BitShift'],
]);

/** Operators whose gradient is an estimate, because they round. */
const estimated = new Set([
  ...['QuantizeLinear', 'DynamicQuantizeLinear', 'MatMulInteger', 'ConvInteger', 'QLinearConv', 'QLinearMatMul'],
]);

/** Operators of ONNX that other domains hold under the same name. Source: onnxruntime, contrib operators. */
const sharedByMicrosoft = new Set([
  'QuantizeLinear',
  'DequantizeLinear',
  'LayerNormalization',
  'SimplifiedLayerNormalization',
]);

export function isConstant({ domain, operator }: OnnxNode): boolean {
  return domain === '' && constants.has(operator);
}

export function isEstimate({ operator }: OnnxNode): boolean {
  return estimated.has(operator);
}

/** The operator with its domain, as rules and messages name it. */
export function operatorName({ domain, operator }: OnnxNode): string {
  return domain === '' ? operator : `${domain}.${operator}`;
}

export function ruleOf(node: OnnxNode): GradientRule | null {
  const name = operatorName(node);
  if (Object.hasOwn(rules, name)) return rules[name]!;
  return node.domain === 'com.microsoft' && sharedByMicrosoft.has(node.operator) ? rules[node.operator]! : null;
}

/** Every operator that has a rule, sorted. */
export function differentiableOperators(): string[] {
  return Object.keys(rules).sort();
}
