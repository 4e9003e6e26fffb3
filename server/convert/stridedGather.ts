import type { PlannedTensor } from './conversionPlan.ts';

/** Fills the buffer with the bytes at a position of the file, or throws. */
export type ReadInto = (into: Uint8Array, position: number) => void;

/** Bytes of the tensor that are put together at a time. */
const slabBytes = 16 << 20;
/** Bytes that are read at a time where elements stand close together. */
const windowBytes = 1 << 20;
/** Gaps up to this many bytes are read over; larger ones are skipped. */
const closeBytes = 4096;

interface Loop {
  count: number;
  /** Bytes from one to the next, in the file and in the slab. */
  from: number;
  to: number;
}

/**
 * The elements of a strided view, dense and in row-major order, slab by slab. Within a slab the file is read forward:
 * the loops are ordered by the strides of the file, not of the output, so that a transposed matrix does not cost a read
 * for each element.
 */
export class StridedGather {
  readonly #read: ReadInto;
  readonly #slab = Buffer.allocUnsafe(slabBytes);
  readonly #window = Buffer.allocUnsafe(windowBytes);
  #windowStart = 0;
  #windowLength = 0;
  #windowEnd = 0;
  #element = 0;

  constructor(read: ReadInto) {
    this.#read = read;
  }

  /** Each slab is valid until the next. */
  *slabs(tensor: PlannedTensor): Generator<Buffer, void> {
    const element = (this.#element = tensor.elementBytes);
    this.#windowLength = 0;
    this.#windowEnd = tensor.record.position + tensor.record.bytes;
    const dimensions = mergeDimensions(tensor.shape, tensor.stride);
    // The outermost dimension of which at least one row fits into a slab.
    let axis = dimensions.length - 1;
    let row = element;
    while (axis > 0 && row * dimensions[axis]!.size <= slabBytes) row *= dimensions[axis--]!.size;
    const rows = Math.max(1, Math.floor(slabBytes / row));
    const inner: Loop[] = [];
    let to = row;
    for (const { size, stride } of dimensions.slice(axis + 1)) {
      to /= size;
      inner.push({ count: size, from: stride * element, to });
    }
    const { size, stride } = dimensions[axis]!;
    for (const outer of indexes(dimensions.slice(0, axis))) {
      for (let first = 0; first < size; first += rows) {
        const count = Math.min(rows, size - first);
        const loops = [{ count, from: stride * element, to: row }, ...inner].sort((a, b) => b.from - a.from);
        this.#fill(loops, 0, tensor.position + (outer + first * stride) * element, 0);
        yield this.#slab.subarray(0, count * row);
      }
    }
  }

  #fill(loops: readonly Loop[], level: number, from: number, to: number): void {
    const loop = loops[level]!;
    if (level === loops.length - 1) {
      this.#run(loop, from, to, level > 0 ? loops[level - 1]!.from : 0);
      return;
    }
    for (let index = 0; index < loop.count; index++) {
      this.#fill(loops, level + 1, from + index * loop.from, to + index * loop.to);
    }
  }

  /** The innermost loop. `next` is how far it is to the next run, in bytes of the file. */
  #run({ count, from: step, to }: Loop, from: number, slabAt: number, next: number): void {
    const element = this.#element;
    if (step === element && to === element && count * element >= windowBytes) {
      this.#read(this.#slab.subarray(slabAt, slabAt + count * element), from);
      return;
    }
    const apart = step > closeBytes;
    const perWindow = apart ? 1 : step === 0 ? count : Math.max(1, Math.floor((windowBytes - element) / step) + 1);
    for (let done = 0; done < count; done += perWindow) {
      const part = Math.min(perWindow, count - done);
      const span = (part - 1) * step + element;
      const at = this.#reach(from + done * step, span, !apart && next <= Math.max(closeBytes, 2 * span));
      copyElements(this.#window, at, step, this.#slab, slabAt + done * to, to, part, element);
    }
  }

  /** Index in the window of the bytes at `position`. */
  #reach(position: number, length: number, ahead: boolean): number {
    if (position < this.#windowStart || position + length > this.#windowStart + this.#windowLength) {
      this.#windowStart = position;
      this.#windowLength = ahead ? Math.min(windowBytes, this.#windowEnd - position) : length;
      this.#read(this.#window.subarray(0, this.#windowLength), position);
    }
    return position - this.#windowStart;
  }
}

interface Dimension {
  size: number;
  stride: number;
}

/** Dimensions of one left out, and neighbours that walk the storage as one made one. Never empty. */
function mergeDimensions(shape: readonly number[], stride: readonly number[]): Dimension[] {
  const merged: Dimension[] = [];
  shape.forEach((size, axis) => {
    if (size === 1) return;
    const step = stride[axis]!;
    const last = merged.at(-1);
    if (last && last.stride === size * step) {
      last.size *= size;
      last.stride = step;
    } else merged.push({ size, stride: step });
  });
  return merged.length > 0 ? merged : [{ size: 1, stride: 1 }];
}

/** Offsets, in elements, of every combination of indexes, in row-major order. */
function* indexes(dimensions: readonly Dimension[]): Generator<number, void> {
  const [first, ...rest] = dimensions;
  if (!first) {
    yield 0;
    return;
  }
  for (let index = 0; index < first.size; index++) {
    for (const inner of indexes(rest)) yield index * first.stride + inner;
  }
}

function copyElements(
  source: Buffer,
  from: number,
  step: number,
  target: Buffer,
  to: number,
  targetStep: number,
  count: number,
  bytes: number,
): void {
  if (step === bytes && targetStep === bytes) {
    source.copy(target, to, from, from + count * bytes);
    return;
  }
  for (let index = 0; index < count; index++) {
    for (let byte = 0; byte < bytes; byte++) target[to + byte] = source[from + byte]!;
    from += step;
    to += targetStep;
  }
}
