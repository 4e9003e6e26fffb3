import type { TensorFact } from '../facts.ts';

/** What a MessagePack file holds: the parameters of a Flax, T5X or Orbax model, or any data. */
export interface MsgpackFacts {
  kind: 'msgpack';
  entry: string;
  /** `flax` when it holds arrays as Flax writes them. */
  layout: 'flax' | 'plain';
  /** Names are the keys from the root, joined by `/`. */
  tensors: TensorFact[];
  tensorCount: number;
  /** Maps, lists, numbers, texts: all that is no array. */
  values: number;
  /** Extension types and how often they stand there. */
  extensions: { type: number; count: number; offset: number }[];
  violations: MsgpackViolation[];
}

export interface MsgpackViolation {
  code: 'truncated' | 'count' | 'reserved' | 'depth' | 'key' | 'duplicate-key' | 'array' | 'extension' | 'trailing';
  offset: number;
  message: string;
}
