import { dataType } from '../onnx/graph.ts';
import type { ModelBuilder } from '../onnx/modelBuilder.fixture.ts';
import type { AttributeValue } from '../onnx/writeModel.ts';

/** A small model around one operator. */
export interface OperatorCase {
  name: string;
  opset: number;
  domains?: Record<string, number>;
  shape: number[];
  /** Adds the nodes that lead from `x` to the result. */
  build: (m: ModelBuilder, x: string) => string;
  /** The input is drawn between 0.5 and 2 instead of around 0. */
  positive?: boolean;
  /** The gradient is an estimate: only its direction is compared, with a wider step. */
  estimate?: boolean;
}

type Attributes = Record<string, AttributeValue>;

const cases: OperatorCase[] = [];
function add(name: string, build: OperatorCase['build'], options: Partial<OperatorCase> = {}): void {
  cases.push({ name, opset: 17, shape: [2, 6, 5], build, ...options });
}
/** An operator of one input. */
function one(operator: string, attributes: Attributes = {}, options: Partial<OperatorCase> = {}, more = ''): void {
  const { domains } = options;
  const domain = domains ? Object.keys(domains)[0]! : '';
  add(`${operator}${more}`, (m, x) => m.node(operator, [x], attributes, domain), options);
}

const microsoft = { domains: { 'com.microsoft': 1 } };
const picture = { shape: [2, 4, 9, 8] };

for (const operator of [
  'Relu',
  'Sigmoid',
  'Tanh',
  'Softplus',
  'Softsign',
  'Erf',
  'Exp',
  'Sin',
  'Cos',
  'Atan',
  'Neg',
  'Abs',
])
  one(operator);
for (const operator of ['Log', 'Sqrt', 'Reciprocal']) one(operator, {}, { positive: true });
add('Tan', (m, x) => m.node('Tan', [m.node('Mul', [x, m.floats([0.2], [])])]));
for (const operator of ['Sinh', 'Cosh', 'HardSwish', 'Identity', 'Dropout']) one(operator);
one('Mish', {}, { opset: 18 });
one('LeakyRelu', { alpha: { float: 0.2 } });
one('Elu', { alpha: { float: 0.7 } });
one('Selu');
one('Celu', { alpha: { float: 0.5 } });
one('ThresholdedRelu', { alpha: { float: 0.3 } });
one('HardSigmoid', { alpha: { float: 0.3 }, beta: { float: 0.4 } });
add('PRelu', (m, x) => m.node('PRelu', [x, m.weights([6, 1])]));
one('Gelu', {}, { opset: 20 });
one('Gelu', { approximate: 'tanh' }, { opset: 20 }, ' tanh');
one('Gelu', {}, microsoft, ' (com.microsoft)');
one('QuickGelu', {}, microsoft);
one('FastGelu', {}, microsoft);
add('BiasGelu', (m, x) => m.node('BiasGelu', [x, m.weights([5])], {}, 'com.microsoft'), microsoft);
add('FastGelu bias', (m, x) => m.node('FastGelu', [x, m.weights([5])], {}, 'com.microsoft'), microsoft);

for (const operator of ['Add', 'Sub', 'Mul', 'Div']) {
  add(`${operator} broadcast`, (m, x) => m.node(operator, [x, m.positive([6, 1])]));
  // Both operands depend on x, and one is spread over the other.
  add(`${operator} itself`, (m, x) => {
    const mean = m.node('ReduceMean', [x], { axes: [1], keepdims: 1 });
    return m.node(operator, [mean, m.node('Exp', [x])]);
  });
}
add('Sum', (m, x) => m.node('Sum', [x, m.weights([5]), m.node('Tanh', [x])]));
add('Mean', (m, x) => m.node('Mean', [x, m.weights([5]), m.node('Tanh', [x])]));
add('Max', (m, x) => m.node('Max', [x, m.weights([6, 1]), m.node('Neg', [x])]));
add('Min', (m, x) => m.node('Min', [x, m.weights([2, 1, 5])]));
add('Pow', (m, x) => m.node('Pow', [x, m.floats([2.5], [])]), { positive: true });
add('Pow exponent', (m, x) => m.node('Pow', [m.positive([6, 5]), x]), { positive: true });
add('Pow whole', (m, x) => m.node('Pow', [x, m.ints([3], [])]));
add('Where', (m, x) => m.node('Where', [m.node('Greater', [x, m.weights([6, 1])]), x, m.node('Exp', [x])]));
add('Clip', (m, x) => m.node('Clip', [x, m.floats([-0.5], []), m.floats([0.8], [])]));
add('Clip one bound', (m, x) => m.node('Clip', [x, '', m.floats([0.3], [])]));
one('Clip', { min: { float: -0.5 }, max: { float: 0.5 } }, { opset: 9 }, ' of operator set 9');
add('Expand', (m, x) => m.node('Expand', [m.node('ReduceSum', [x, m.ints([1])]), m.ints([3, 2, 6, 5])]));
one('Cast', { to: dataType.double });
add('CastLike', (m, x) => m.node('CastLike', [x, m.constant(dataType.double, [1], [1])]));
add('CumSum', (m, x) => m.node('CumSum', [x, m.ints([1], [])], { exclusive: 1 }));
add('Trilu', (m, x) => m.node('Trilu', [x], { upper: 0 }));

add('Gemm', (m, x) => m.node('Gemm', [x, m.weights([5, 3]), m.weights([3])], { alpha: { float: 0.5 } }), {
  shape: [4, 5],
});
add('Gemm transposed', (m, x) => m.node('Gemm', [x, m.weights([3, 4])], { transA: 1, transB: 1 }), { shape: [4, 5] });
add('Gemm right', (m, x) => m.node('Gemm', [m.weights([4, 4]), x, x], { transB: 0, beta: { float: 2 } }), {
  shape: [4, 4],
  opset: 13,
});
add('MatMul', (m, x) => m.node('MatMul', [x, m.weights([5, 3])]));
add('MatMul itself', (m, x) => m.node('MatMul', [x, m.node('Transpose', [x], { perm: [0, 2, 1] })]));
add('MatMul broadcast', (m, x) => m.node('MatMul', [m.weights([3, 1, 4, 6]), x]));
add('MatMul vector', (m, x) => m.node('MatMul', [x, m.weights([5])]));
add(
  'FusedMatMul',
  (m, x) => m.node('FusedMatMul', [x, x], { transA: 1, alpha: { float: 0.5 } }, 'com.microsoft'),
  microsoft,
);
add('Einsum', (m, x) => m.node('Einsum', [x, m.weights([5, 3, 6])], { equation: 'bij,jki->bk' }));

const convolution = (
  operator: string,
  more: string,
  weights: number[],
  attributes: Attributes,
  shape = picture.shape,
): void => add(`${operator} ${more}`, (m, x) => m.node(operator, [x, m.weights(weights, 0.3)], attributes), { shape });
convolution('Conv', 'padded', [3, 4, 3, 3], { pads: [1, 1, 1, 1] });
convolution('Conv', 'strided', [3, 4, 3, 2], { strides: [2, 3], pads: [1, 0, 0, 1] });
convolution('Conv', 'dilated', [3, 4, 3, 3], { dilations: [2, 2] });
convolution('Conv', 'grouped', [8, 2, 3, 3], { group: 2 });
convolution('Conv', 'depthwise', [4, 1, 3, 3], { group: 4, strides: [2, 2], pads: [1, 1, 1, 1] });
convolution('Conv', 'depthwise of two', [8, 1, 3, 3], { group: 4 });
convolution('Conv', 'same', [3, 4, 4, 4], { auto_pad: 'SAME_UPPER', strides: [2, 2] });
convolution('Conv', 'one axis', [3, 4, 3], { strides: [2] }, [2, 4, 12]);
convolution('Conv', 'three axes', [2, 3, 2, 2, 2], {}, [1, 3, 4, 5, 4]);
convolution('ConvTranspose', 'strided', [4, 3, 3, 3], { strides: [2, 2], pads: [1, 1, 1, 1], output_padding: [1, 1] });
convolution('ConvTranspose', 'grouped', [4, 2, 2, 2], { strides: [2, 2], group: 2 });
add(
  'FusedConv',
  (m, x) => m.node('FusedConv', [x, m.weights([3, 4, 3, 3]), m.weights([3])], { activation: 'Relu' }, 'com.microsoft'),
  { ...microsoft, ...picture },
);

const pool = (operator: string, more: string, attributes: Attributes, opset = 17): void =>
  add(`${operator} ${more}`, (m, x) => m.node(operator, [x], attributes), { ...picture, opset });
for (const opset of [12, 17]) {
  pool('MaxPool', `apart ${opset}`, { kernel_shape: [2, 2], strides: [2, 2] }, opset);
  pool('MaxPool', `overlapping ${opset}`, { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }, opset);
  pool('MaxPool', `ceiling ${opset}`, { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 }, opset);
}
pool('MaxPool', 'dilated', { kernel_shape: [2, 2], dilations: [2, 2] });
pool('AveragePool', 'apart', { kernel_shape: [2, 2], strides: [2, 2] });
pool('AveragePool', 'padded', { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] });
pool('AveragePool', 'padding counted', { kernel_shape: [3, 3], pads: [1, 1, 1, 1], count_include_pad: 1 });
pool('AveragePool', 'ceiling', { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 });
pool('AveragePool', 'same', { kernel_shape: [3, 3], strides: [2, 2], auto_pad: 'SAME_LOWER' });
one('GlobalAveragePool', {}, picture);
one('GlobalMaxPool', {}, picture);

add(
  'BatchNormalization',
  (m, x) => m.node('BatchNormalization', [x, m.weights([4]), m.weights([4]), m.weights([4]), m.positive([4])]),
  picture,
);
add('InstanceNormalization', (m, x) => m.node('InstanceNormalization', [x, m.weights([4]), m.weights([4])]), picture);
add(
  'GroupNormalization',
  (m, x) => m.node('GroupNormalization', [x, m.weights([4]), m.weights([4])], { num_groups: 2 }),
  { ...picture, opset: 21 },
);
add(
  'GroupNormalization by group',
  (m, x) => m.node('GroupNormalization', [x, m.weights([2]), m.weights([2])], { num_groups: 2 }),
  { ...picture, opset: 18 },
);
add('LayerNormalization', (m, x) => m.node('LayerNormalization', [x, m.weights([5]), m.weights([5])]));
add('LayerNormalization of two axes', (m, x) => m.node('LayerNormalization', [x, m.weights([6, 5])], { axis: 1 }));
add('RMSNormalization', (m, x) => m.node('RMSNormalization', [x, m.weights([5])]), { opset: 23 });
add('SimplifiedLayerNormalization', (m, x) => m.node('SimplifiedLayerNormalization', [x, m.weights([5])]));
add(
  'SkipLayerNormalization',
  (m, x) =>
    m.node(
      'SkipLayerNormalization',
      [x, m.node('Tanh', [x]), m.weights([5]), m.weights([5]), m.weights([5])],
      {},
      'com.microsoft',
    ),
  microsoft,
);
add(
  'SkipSimplifiedLayerNormalization',
  (m, x) => m.node('SkipSimplifiedLayerNormalization', [x, m.node('Tanh', [x]), m.weights([5])], {}, 'com.microsoft'),
  microsoft,
);
add(
  'LRN',
  (m, x) => m.node('LRN', [x], { size: 3, alpha: { float: 0.5 }, beta: { float: 0.6 }, bias: { float: 1.5 } }),
  picture,
);
one('LpNormalization', { axis: 1 });
one('LpNormalization', { p: 1 }, {}, ' of absolute values');

for (const operator of [
  'ReduceSum',
  'ReduceMean',
  'ReduceMax',
  'ReduceMin',
  'ReduceL1',
  'ReduceL2',
  'ReduceSumSquare',
  'ReduceLogSumExp',
  'ReduceLogSum',
]) {
  const positive = operator === 'ReduceLogSum';
  add(`${operator} by attribute`, (m, x) => m.node(operator, [x], { axes: [-1], keepdims: 0 }), {
    opset: 11,
    positive,
  });
  add(`${operator} by input`, (m, x) => m.node(operator, [x, m.ints([0, 2])], { keepdims: 1 }), {
    opset: 18,
    positive,
  });
  add(`${operator} of all`, (m, x) => m.node(operator, [x], { keepdims: 0 }), { positive, shape: [3, 4] });
}
for (const operator of ['Softmax', 'LogSoftmax']) {
  one(operator, { axis: 1 });
  one(operator, { axis: 1 }, { opset: 11 }, ' of operator set 11');
  one(operator, {}, {}, ' of the last axis');
}

add('Reshape', (m, x) => m.node('Mul', [m.node('Reshape', [x, m.ints([0, -1])]), m.weights([30])]));
one('Flatten', { axis: 2 });
add('Squeeze and Unsqueeze', (m, x) => m.node('Squeeze', [m.node('Unsqueeze', [x, m.ints([1])]), m.ints([1])]));
one('Transpose', { perm: [2, 0, 1] });
one('Transpose', {}, {}, ' of all axes');
add('Concat', (m, x) => m.node('Concat', [x, m.weights([2, 3, 5]), m.node('Exp', [x])], { axis: 1 }));
add('Split', (m, x) => {
  const [a, , c] = m.many('Split', [x, m.ints([1, 2, 3])], 3, { axis: 1 });
  return m.node('Mul', [a!, c!]);
});
add(
  'Split in halves',
  (m, x) => {
    const [a, c] = m.many('Split', [x], 2, { axis: 1 });
    return m.node('Mul', [a!, m.node('Sigmoid', [c!])]);
  },
  { opset: 13 },
);
add('Slice', (m, x) => m.node('Slice', [x, m.ints([1, -4]), m.ints([5, 100]), m.ints([1, 2])]));
add('Slice with steps', (m, x) =>
  m.node('Slice', [x, m.ints([5, 0]), m.ints([-100, 5]), m.ints([1, 2]), m.ints([-2, 2])]),
);
one('Slice', { starts: [1], ends: [4], axes: [1] }, { opset: 9 }, ' of operator set 9');
add('Slice at a computed place', (m, x) => {
  const half = m.node('Div', [m.node('Gather', [m.node('Shape', [x]), m.ints([1])]), m.ints([2])]);
  return m.node('Slice', [x, m.ints([0]), half, m.ints([1])]);
});
for (const mode of ['constant', 'reflect', 'edge'])
  add(`Pad ${mode}`, (m, x) => m.node('Pad', [x, m.ints([0, 1, 2, 0, 3, 1])], { mode }));
add('Pad wrap', (m, x) => m.node('Pad', [x, m.ints([0, 1, 2, 0, 3, 1])], { mode: 'wrap' }), { opset: 19 });
add('Pad that cuts', (m, x) => m.node('Pad', [x, m.ints([0, -1, 2, 0, 0, -1])]));
add('Tile', (m, x) => m.node('Tile', [x, m.ints([1, 3, 2])]));
add('Gather', (m, x) => m.node('Gather', [x, m.ints([2, 2, -1, 0], [2, 2])], { axis: 1 }));
add('Gather one', (m, x) => m.node('Gather', [x, m.ints([1], [])], { axis: 2 }));
add('GatherElements', (m, x) =>
  m.node(
    'GatherElements',
    [
      x,
      m.ints(
        Array.from({ length: 24 }, (_, i) => i % 5),
        [2, 3, 4],
      ),
    ],
    { axis: 2 },
  ),
);
one('DepthToSpace', { blocksize: 2 }, { shape: [2, 8, 3, 2] });
one('DepthToSpace', { blocksize: 2, mode: 'CRD' }, { shape: [2, 8, 3, 2] }, ' column first');
one('SpaceToDepth', { blocksize: 2 }, { shape: [2, 3, 4, 6] });

const resize = (more: string, scales: number[], attributes: Attributes): void =>
  add(`Resize ${more}`, (m, x) => m.node('Resize', [x, '', m.floats(scales)], attributes), { shape: [1, 2, 5, 4] });
resize('nearest', [1, 1, 2, 2], {
  mode: 'nearest',
  coordinate_transformation_mode: 'asymmetric',
  nearest_mode: 'floor',
});
resize('nearest down', [1, 1, 0.6, 0.5], { mode: 'nearest' });
resize('linear', [1, 1, 2, 1.5], { mode: 'linear' });
resize('linear aligned', [1, 1, 2, 2], { mode: 'linear', coordinate_transformation_mode: 'align_corners' });
resize('cubic', [1, 1, 2, 2], { mode: 'cubic', coordinate_transformation_mode: 'half_pixel' });
add(
  'Resize to a size',
  (m, x) =>
    m.node('Resize', [x, '', '', m.ints([1, 2, 8, 7])], {
      mode: 'linear',
      coordinate_transformation_mode: 'pytorch_half_pixel',
    }),
  { shape: [1, 2, 5, 4] },
);
add('Upsample', (m, x) => m.node('Upsample', [x, m.floats([1, 1, 2, 2])], { mode: 'nearest' }), {
  shape: [1, 2, 5, 4],
  opset: 9,
});

const bytes = (m: ModelBuilder, shape: number[], type: number = dataType.int8): string =>
  m.constant(
    type,
    shape,
    Array.from(
      { length: shape.reduce((a, b) => a * b, 1) },
      () => m.random.below(200) - (type === dataType.int8 ? 100 : 0),
    ),
  );
const quantized = { estimate: true, shape: [3, 8] };
const toBytes = (m: ModelBuilder, x: string): string =>
  m.node('QuantizeLinear', [x, m.floats([0.02], []), m.constant(dataType.uint8, [], [128])]);
const toFloats = (m: ModelBuilder, q: string, scale: number, zero: number): string =>
  m.node('DequantizeLinear', [q, m.floats([scale], []), m.constant(dataType.uint8, [], [zero])]);
add('QuantizeLinear and DequantizeLinear', (m, x) => toFloats(m, toBytes(m, x), 0.02, 128), quantized);
add(
  'DynamicQuantizeLinear and MatMulInteger',
  (m, x) => {
    const [q, scale, zero] = m.many('DynamicQuantizeLinear', [x], 3);
    const product = m.node('MatMulInteger', [q!, bytes(m, [8, 5]), zero!]);
    return m.node('Mul', [
      m.node('Cast', [product], { to: dataType.float }),
      m.node('Mul', [scale!, m.floats([0.01], [])]),
    ]);
  },
  quantized,
);
add(
  'ConvInteger',
  (m, x) => {
    const [q, scale, zero] = m.many('DynamicQuantizeLinear', [x], 3);
    const product = m.node(
      'ConvInteger',
      [q!, bytes(m, [3, 2, 3, 3], dataType.uint8), zero!, m.constant(dataType.uint8, [], [100])],
      { pads: [1, 1, 1, 1] },
    );
    return m.node('Mul', [
      m.node('Cast', [product], { to: dataType.float }),
      m.node('Mul', [scale!, m.floats([0.01], [])]),
    ]);
  },
  { estimate: true, shape: [1, 2, 6, 6] },
);
add(
  'QLinearMatMul',
  (m, x) => {
    const q = m.node('QLinearMatMul', [
      toBytes(m, x),
      m.floats([0.02], []),
      m.constant(dataType.uint8, [], [128]),
      bytes(m, [8, 5]),
      m.floats([0.01], []),
      m.constant(dataType.int8, [], [0]),
      m.floats([0.06], []),
      m.constant(dataType.uint8, [], [128]),
    ]);
    return toFloats(m, q, 0.06, 128);
  },
  quantized,
);
add(
  'QLinearConv',
  (m, x) => {
    const q = m.node(
      'QLinearConv',
      [
        toBytes(m, x),
        m.floats([0.02], []),
        m.constant(dataType.uint8, [], [128]),
        bytes(m, [3, 2, 3, 3]),
        m.floats([0.01, 0.02, 0.015]),
        m.constant(dataType.int8, [3], [0, 0, 0]),
        m.floats([0.15], []),
        m.constant(dataType.uint8, [], [128]),
      ],
      { pads: [1, 1, 1, 1] },
    );
    return toFloats(m, q, 0.15, 128);
  },
  { estimate: true, shape: [1, 2, 6, 6] },
);

/** Every operator that has a rule, and the ways in which it is used that have rules of their own. */
export const operatorCases: readonly OperatorCase[] = cases;
