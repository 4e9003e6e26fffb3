import type { ByteSource } from '../formats/source.ts';
import type { HistogramResult } from './protocol.ts';

/** Bytes that are read of one tensor, by position; a larger one is sampled in slices that are spread evenly. */
const sampledBytes = 1 << 20;
const slices = 16;
const binCount = 40;

type Read = (view: DataView, at: number, little: boolean) => number;

/** Element types by their names in safetensors: bytes of one, and how it is read. */
const elements: Record<string, { bytes: number; read: Read } | undefined> = {
  F64: { bytes: 8, read: (view, at, little) => view.getFloat64(at, little) },
  F32: { bytes: 4, read: (view, at, little) => view.getFloat32(at, little) },
  F16: { bytes: 2, read: (view, at, little) => half(view.getUint16(at, little)) },
  BF16: { bytes: 2, read: (view, at, little) => bfloat(view.getUint16(at, little)) },
};

export function isReadable({ dtype, offset, bytes }: { dtype: string; offset?: number; bytes: number }): boolean {
  return offset !== undefined && bytes > 0 && elements[dtype] !== undefined;
}

/**
 * How the values of a float tensor are spread.
 * @returns null when its type is none that is read here.
 * @throws the source's own error.
 */
export function histogramOf(
  source: ByteSource,
  { dtype, offset, bytes }: { dtype: string; offset: number; bytes: number },
  little: boolean,
): HistogramResult | null {
  const element = elements[dtype];
  if (!element) return null;
  const total = Math.floor(bytes / element.bytes);
  const whole = bytes <= sampledBytes;
  const perSlice = whole ? total : Math.floor(sampledBytes / slices / element.bytes);
  const read = new Float64Array(whole ? total : perSlice * slices);
  let sampled = 0;
  for (let slice = 0; slice < (whole ? 1 : slices); slice++) {
    const first = whole ? 0 : Math.floor((slice * (total - perSlice)) / (slices - 1));
    const block = source.read(offset + first * element.bytes, perSlice * element.bytes);
    const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
    for (let at = 0; at + element.bytes <= block.length; at += element.bytes) {
      read[sampled++] = element.read(view, at, little);
    }
  }
  return { sampled, values: total, ...spread(read.subarray(0, sampled)) };
}

function spread(values: Float64Array): Pick<HistogramResult, 'range' | 'bins' | 'notFinite'> {
  let least = Infinity;
  let greatest = -Infinity;
  let sum = 0;
  let notFinite = 0;
  for (const value of values) {
    if (!Number.isFinite(value)) notFinite++;
    else {
      least = Math.min(least, value);
      greatest = Math.max(greatest, value);
      sum += value;
    }
  }
  const finite = values.length - notFinite;
  if (finite === 0) return { range: null, bins: [], notFinite };
  const mean = sum / finite;
  const bins = new Array<number>(binCount).fill(0);
  // Halved before the subtraction, which could overflow.
  const width = greatest / 2 - least / 2;
  let squares = 0;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    squares += (value - mean) ** 2;
    const bin = width === 0 ? 0 : Math.floor(((value / 2 - least / 2) / width) * binCount);
    bins[Math.min(binCount - 1, bin)]! += 1;
  }
  return { range: { least, greatest, mean, deviation: Math.sqrt(squares / finite) }, bins, notFinite };
}

/** IEEE 754 binary16. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const word = new DataView(new ArrayBuffer(4));

/** The upper half of an IEEE 754 binary32. */
function bfloat(bits: number): number {
  word.setUint32(0, bits * 0x10000);
  return word.getFloat32(0);
}
