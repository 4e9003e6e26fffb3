import type { ElementType } from './dtypes.ts';

/**
 * What a checkpoint's pickle builds, in classes of our own. Nothing here was made by calling anything that the file
 * names: what is not a plain value or a tensor is `Inert`, and stays so.
 */
export type Value = null | boolean | number | bigint | string | Compound;

type Compound =
  | TupleValue
  | ListValue
  | DictValue
  | SetValue
  | GlobalValue
  | StorageValue
  | TensorValue
  | UnconvertibleValue
  | InertValue
  | OpaqueValue;

export interface TupleValue {
  kind: 'tuple';
  items: readonly Value[];
}

export interface ListValue {
  kind: 'list';
  items: Value[];
}

export interface DictValue {
  kind: 'dict';
  /** Null while empty: a checkpoint has one empty dictionary of hooks for each tensor. */
  entries: Map<Value, Value> | null;
}

export interface SetValue {
  kind: 'set';
  count: number;
}

/** A name that would be imported. Standing here, it has not been. */
export interface GlobalValue {
  kind: 'global';
  module: string;
  name: string;
  offset: number;
}

export interface StorageValue {
  kind: 'storage';
  /** Names the storage record. */
  key: string;
  type: ElementType;
  /** Elements of the whole record. */
  elements: number;
  /** Where a view of the record starts, and how many elements it has (legacy files); the record itself otherwise. */
  viewStart: number;
  viewElements: number;
  /** Offset of the persistent id in the pickle. */
  pickleOffset: number;
}

export interface TensorValue {
  kind: 'tensor';
  storage: StorageValue;
  type: ElementType;
  /** First element, counted in elements of `type` from the start of the storage (view). */
  offset: number;
  shape: readonly number[];
  /** Elements from one index to the next, one a dimension. */
  stride: readonly number[];
  pickleOffset: number;
}

/** A tensor that safetensors has no form for: sparse, quantised, complex128, ... */
export interface UnconvertibleValue {
  kind: 'unconvertible';
  reason: string;
  offset: number;
}

/** The result of a call, or an object of a class, that was never made. */
export interface InertValue {
  kind: 'inert';
  /** For a person: `would run os.system('echo hi')`, `is an object of torch.nn.modules.linear.Linear`. */
  what: string;
  /** Dotted name of what would be called, or null when it is not a plain name. */
  name: string | null;
  offset: number;
}

/** Data that is of no use to a tensor and is not kept: bytes, long texts. */
export interface OpaqueValue {
  kind: 'opaque';
  what: string;
}

export const emptyTuple: TupleValue = { kind: 'tuple', items: [] };

/** The value of a key, or undefined. */
export function entryOf(dict: DictValue, key: string): Value | undefined {
  return dict.entries?.get(key);
}

/** How a person calls a value: `a number`, `a list of 3`. */
export function describeValue(value: Value): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return 'a text';
  if (typeof value !== 'object') return 'a number';
  switch (value.kind) {
    case 'tuple':
      return `a tuple of ${value.items.length}`;
    case 'list':
      return `a list of ${value.items.length}`;
    case 'dict':
      return `a dictionary of ${value.entries?.size ?? 0}`;
    case 'set':
      return `a set of ${value.count}`;
    case 'global':
      return `the name ${value.module}.${value.name}`;
    case 'storage':
      return 'a bare storage';
    case 'tensor':
      return 'a tensor';
    case 'unconvertible':
      return value.reason;
    case 'inert':
    case 'opaque':
      return value.what;
  }
}
