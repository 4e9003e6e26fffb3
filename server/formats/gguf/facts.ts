import type { TensorFact } from '../facts.ts';

export interface GgufFacts {
  kind: 'gguf';
  entry: string;
  version: number;
  byteOrder: 'little' | 'big';
  /** Key, type as the specification names it, and the value cut short (`[151936 strings]`). */
  metadata: { key: string; type: string; value: string; offset: number }[];
  /** How many there are, as the header says. */
  metadataCount: number;
  /** `dtype` is the name of the quantisation (`Q4_K`); offsets are from the start of the entry. */
  tensors: TensorFact[];
  tensorCount: number;
  /** Where tensor data begins. */
  dataOffset: number;
  violations: { code: GgufViolationCode; offset: number; message: string }[];
}

export type GgufViolationCode =
  | 'version'
  | 'truncated'
  | 'count'
  | 'length'
  | 'type'
  | 'duplicate-key'
  | 'alignment'
  | 'shape'
  | 'offset'
  | 'overlap';
