import type { TextReader } from './textReader.ts';
import { Instance, isInteger, isText, Mapping, Sequence } from './values.ts';
import type { Value } from './values.ts';

/** What follows a joblib array wrapper in the stream, outside the pickle. */
export type RawArray = { kind: 'raw'; bytes: number; padded: boolean } | { kind: 'objects' } | 'unknown';

/**
 * joblib writes an array as a pickled `NumpyArrayWrapper` and then the array itself: a byte that counts the padding, the
 * padding, and the elements; an array of objects follows as a pickle of its own.
 * Source: joblib, `numpy_pickle.py`, `NumpyArrayWrapper.read_array`.
 * @returns null when the instance is no such wrapper.
 */
export function rawArrayAfter(instance: Instance, text: TextReader): RawArray | null {
  if (!instance.isOf('joblib.numpy_pickle', 'NumpyArrayWrapper')) return null;
  const state = instance.state;
  // joblib makes the wrapper without arguments and gives it its state once; a small one, with each key once. Anything
  // else could be meant to make this reading and joblib's differ.
  const made = instance.args instanceof Sequence && instance.args.length === 0;
  if (!made || instance.builds !== 1 || !(state instanceof Mapping) || state.length !== state.pairs.length)
    return 'unknown';
  const fields = new Map<string, Value>();
  for (const [key, value] of state.pairs) {
    const name = isText(key) ? text.of(key) : null;
    if (name === null || fields.has(name)) return 'unknown';
    fields.set(name, value);
  }
  const field = (name: string): Value => fields.get(name);
  const shape = field('shape');
  const elementBytes = itemSize(field('dtype'), text);
  if (elementBytes === 'objects') return { kind: 'objects' };
  if (!(shape instanceof Sequence) || shape.length !== shape.items.length || elementBytes === null) return 'unknown';
  let count = 1;
  for (const size of shape.items) {
    if (!isInteger(size) || size < 0) return 'unknown';
    count *= size;
  }
  if (!Number.isSafeInteger(count * elementBytes)) return 'unknown';
  return { kind: 'raw', bytes: count * elementBytes, padded: isInteger(field('numpy_array_alignment_bytes')) };
}

/** Bytes of one element of a pickled `numpy.dtype('f8', False, True)`. */
function itemSize(dtype: Value, text: TextReader): number | 'objects' | null {
  // NumPy 2 counts its strings of any length among the types that hold objects.
  if (dtype instanceof Instance && dtype.isOf('numpy._core._internal', '_convert_to_stringdtype_kwargs'))
    return 'objects';
  if (!(dtype instanceof Instance) || !dtype.isOf('numpy', 'dtype') || !(dtype.args instanceof Sequence)) return null;
  const [name] = dtype.args.items;
  if (!isText(name)) return null;
  const match = /^[<>|=]?([?bBhHiIlLqQuefdgFDGSUVOMmac])(\d{0,9})$/.exec(text.of(name) ?? '');
  if (match === null) return null;
  const letter = match[1] as string;
  if (letter === 'O') return 'objects';
  const size = Number(match[2] === '' ? defaultSize[letter] : match[2]) * (letter === 'U' ? 4 : 1);
  if (letter !== 'V' && letter !== 'S' && letter !== 'U') return size;
  if (letter === 'V' && holdsObjects(dtype.state)) return 'objects';
  // The state of a type of any length says its size again, and numpy takes that one.
  const stated = dtype.state instanceof Sequence ? dtype.state.items[5] : undefined;
  return stated === size ? size : null;
}

const defaultSize: Record<string, number> = {
  '?': 1,
  b: 1,
  B: 1,
  h: 2,
  H: 2,
  i: 4,
  I: 4,
  l: 8,
  L: 8,
  q: 8,
  Q: 8,
  e: 2,
  f: 4,
  d: 8,
  F: 8,
  D: 16,
  S: 0,
  U: 0,
  V: 0,
};

/** A structured type with object fields has numpy's flag NPY_ITEM_REFCOUNT: item 7 of `dtype.__reduce__`'s state. */
function holdsObjects(state: Value): boolean {
  const flags = state instanceof Sequence ? state.items[7] : undefined;
  return isInteger(flags) && (flags & 1) === 1;
}
