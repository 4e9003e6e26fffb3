/**
 * Element types: how PyTorch names them in a checkpoint, what safetensors calls them, how many bytes one takes.
 * Sources: torch/storage.py (`_new_dtypes`, storage classes), safetensors/src/tensor.rs (`enum Dtype`).
 */
export interface ElementType {
  /** PyTorch's own name, `float32`. */
  torch: string;
  /** safetensors' name, or null where it has none. */
  safetensors: string | null;
  /** Bytes of one element. */
  bytes: number;
  /** Bytes that are swapped as one when the byte order differs: complex numbers are two floats. */
  swap: 1 | 2 | 4 | 8;
}

const type = (torch: string, safetensors: string | null, bytes: number, swap: 1 | 2 | 4 | 8): ElementType => ({
  torch,
  safetensors,
  bytes,
  swap,
});

const types: readonly ElementType[] = [
  type('float32', 'F32', 4, 4),
  type('float64', 'F64', 8, 8),
  type('float16', 'F16', 2, 2),
  type('bfloat16', 'BF16', 2, 2),
  type('int64', 'I64', 8, 8),
  type('int32', 'I32', 4, 4),
  type('int16', 'I16', 2, 2),
  type('int8', 'I8', 1, 1),
  type('uint8', 'U8', 1, 1),
  type('bool', 'BOOL', 1, 1),
  type('complex64', 'C64', 8, 4),
  type('uint16', 'U16', 2, 2),
  type('uint32', 'U32', 4, 4),
  type('uint64', 'U64', 8, 8),
  type('float8_e4m3fn', 'F8_E4M3', 1, 1),
  type('float8_e5m2', 'F8_E5M2', 1, 1),
  type('float8_e8m0fnu', 'F8_E8M0', 1, 1),
  type('float8_e4m3fnuz', 'F8_E4M3FNUZ', 1, 1),
  type('float8_e5m2fnuz', 'F8_E5M2FNUZ', 1, 1),
  // Known, so that they can be refused by name.
  type('complex128', null, 16, 8),
  type('complex32', null, 4, 2),
  type('qint8', null, 1, 1),
  type('quint8', null, 1, 1),
  type('qint32', null, 4, 4),
  type('quint4x2', null, 1, 1),
  type('quint2x4', null, 1, 1),
  type('float4_e2m1fn_x2', null, 1, 1),
  type('bits8', null, 1, 1),
  type('bits16', null, 2, 2),
  type('bits1x8', null, 1, 1),
  type('bits2x4', null, 1, 1),
  type('bits4x2', null, 1, 1),
];

const byName = new Map(types.map((each) => [each.torch, each]));
for (const [alias, name] of [
  ['float', 'float32'],
  ['double', 'float64'],
  ['half', 'float16'],
  ['long', 'int64'],
  ['int', 'int32'],
  ['short', 'int16'],
  ['cfloat', 'complex64'],
  ['cdouble', 'complex128'],
] as const) {
  byName.set(alias, byName.get(name)!);
}

/** A dtype as `torch.NAME` names it. */
export const elementType = (name: string): ElementType | undefined => byName.get(name);

/** An untyped storage: its element count is a count of bytes, and the tensor brings the type. */
export const untypedBytes: ElementType = type('bytes', null, 1, 1);

const storageTypes: Record<string, string> = {
  FloatStorage: 'float32',
  DoubleStorage: 'float64',
  HalfStorage: 'float16',
  BFloat16Storage: 'bfloat16',
  LongStorage: 'int64',
  IntStorage: 'int32',
  ShortStorage: 'int16',
  CharStorage: 'int8',
  ByteStorage: 'uint8',
  BoolStorage: 'bool',
  ComplexFloatStorage: 'complex64',
  ComplexDoubleStorage: 'complex128',
  QInt8Storage: 'qint8',
  QUInt8Storage: 'quint8',
  QInt32Storage: 'qint32',
  QUInt4x2Storage: 'quint4x2',
  QUInt2x4Storage: 'quint2x4',
};

/** The element type of a storage class by its bare name, which is all that PyTorch's own loader looks at. */
export function storageElementType(className: string): ElementType | undefined {
  if (className === 'UntypedStorage') return untypedBytes;
  return Object.hasOwn(storageTypes, className) ? byName.get(storageTypes[className]!) : undefined;
}
