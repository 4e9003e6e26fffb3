/** DataType: names as safetensors has them, where it does. Source: TensorFlow, types.proto. */
const names: Record<number, string> = {
  1: 'F32',
  2: 'F64',
  3: 'I32',
  4: 'U8',
  5: 'I16',
  6: 'I8',
  7: 'STRING',
  8: 'C64',
  9: 'I64',
  10: 'BOOL',
  11: 'QINT8',
  12: 'QUINT8',
  13: 'QINT32',
  14: 'BF16',
  15: 'QINT16',
  16: 'QUINT16',
  17: 'U16',
  18: 'C128',
  19: 'F16',
  20: 'RESOURCE',
  21: 'VARIANT',
  22: 'U32',
  23: 'U64',
  24: 'F8_E5M2',
  25: 'F8_E4M3',
  29: 'I4',
  30: 'U4',
};

export const stringType = 7;

export function tensorflowType(type: number): string {
  return names[type] ?? `type ${type}`;
}
