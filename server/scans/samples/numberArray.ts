import { WeighbridgeError } from '../../errors.ts';
import { Budget, defaultLimits } from '../../formats/limits.ts';
import { beginsNpy, readNpyHeader } from '../../formats/numpy/header.ts';
import type { ByteSource } from '../../formats/source.ts';
import { readZipDirectory } from '../../formats/zip/directory.ts';
import { openZipEntry } from '../../formats/zip/entry.ts';

/** An array of numbers as NumPy saved it. */
export interface NumberArray {
  shape: number[];
  data: Float32Array | Int32Array | Uint8Array;
}

/** Samples are held in memory: as many bytes as an array of them may have. */
const mostBytes = 2 ** 30;

/** Element types that are read, by their NumPy name without the byte order. */
const readers: Record<string, { bytes: number; read: (view: DataView, at: number, little: boolean) => number }> = {
  f4: { bytes: 4, read: (view, at, little) => view.getFloat32(at, little) },
  f8: { bytes: 8, read: (view, at, little) => view.getFloat64(at, little) },
  i1: { bytes: 1, read: (view, at) => view.getInt8(at) },
  i2: { bytes: 2, read: (view, at, little) => view.getInt16(at, little) },
  i4: { bytes: 4, read: (view, at, little) => view.getInt32(at, little) },
  i8: { bytes: 8, read: (view, at, little) => Number(view.getBigInt64(at, little)) },
  u1: { bytes: 1, read: (view, at) => view.getUint8(at) },
  u2: { bytes: 2, read: (view, at, little) => view.getUint16(at, little) },
  u4: { bytes: 4, read: (view, at, little) => view.getUint32(at, little) },
  b1: { bytes: 1, read: (view, at) => view.getUint8(at) },
};

/**
 * Reads a `.npy` array.
 * @param file how the person knows it.
 * @throws {WeighbridgeError} `bad-input`.
 */
export function readNumberArray(source: ByteSource, file: string): NumberArray {
  if (!beginsNpy(source, 0)) throw refusal(file, 'it is no NumPy array');
  const { facts, dataOffset, dataBytes } = readNpyHeader(source, 0, '');
  const [violation] = facts.violations;
  if (violation) throw refusal(file, violation.message);
  const written = facts.descr ?? '';
  const name = written.endsWith('?') ? 'b1' : (/^[<>=|]?([a-z]\d+)$/.exec(written)?.[1] ?? '');
  const reader = readers[name];
  if (!reader || dataOffset === null || dataBytes === null) {
    throw refusal(file, `its elements are ${written}, and samples are numbers: save it as float32, uint8 or int64`);
  }
  if (dataBytes > mostBytes) throw refusal(file, `it has ${dataBytes} bytes, and ${mostBytes} at most are held`);
  if (dataOffset + dataBytes > source.size) throw refusal(file, 'it is cut off');
  const count = dataBytes / reader.bytes;
  const bytes = Uint8Array.from(source.read(dataOffset, dataBytes));
  const order = facts.fortranOrder ? fortranOrder(facts.shape) : null;
  if (name === 'u1' && order === null) return { shape: facts.shape, data: bytes };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = !written.startsWith('>');
  const data = name.startsWith('f') ? new Float32Array(count) : new Int32Array(count);
  for (let index = 0; index < count; index++)
    data[index] = reader.read(view, reader.bytes * (order === null ? index : order[index]!), little);
  return { shape: facts.shape, data: name === 'u1' ? Uint8Array.from(data) : data };
}

/** Where the elements, taken row by row, stand in an array that is saved column by column. */
function fortranOrder(shape: readonly number[]): Int32Array {
  const count = shape.reduce((product, size) => product * size, 1);
  const order = new Int32Array(count);
  const steps: number[] = [];
  shape.reduce((step, size) => (steps.push(step), step * size), 1);
  const index = shape.map(() => 0);
  for (let at = 0; at < count; at++) {
    order[at] = index.reduce((sum, each, axis) => sum + each * steps[axis]!, 0);
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis]! === shape[axis]; axis--) index[axis] = 0;
  }
  return order;
}

/**
 * Reads the arrays of a `.npz`.
 * @throws {WeighbridgeError} `bad-input`.
 */
export function readNumberArrays(source: ByteSource, file: string): Map<string, NumberArray> {
  const budget = new Budget({ ...defaultLimits, expandedBytes: 2 * mostBytes }, source.size);
  const { entries } = readZipDirectory(source, budget);
  const arrays = new Map<string, NumberArray>();
  for (const entry of entries) {
    const match = /^([^/\\]+)\.npy$/.exec(entry.name);
    if (!match) continue;
    const { source: content, problem } = openZipEntry(source, entry, budget);
    if (problem || !content) throw refusal(file, `${entry.name} cannot be read: ${problem?.message ?? 'it is empty'}`);
    arrays.set(match[1]!, readNumberArray(content, `${file} (${entry.name})`));
  }
  if (arrays.size === 0) throw refusal(file, 'it holds no arrays: save it by numpy.savez(file, x=..., y=...)');
  return arrays;
}

function refusal(file: string, why: string): WeighbridgeError {
  return new WeighbridgeError('bad-input', `${file} cannot be taken as samples: ${why}.`);
}
