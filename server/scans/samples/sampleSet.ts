/** How a sample lies in memory. */
export type Layout =
  /** channels, height, width (or channels, length) */
  | 'channels-first'
  /** height, width, channels */
  | 'channels-last'
  /** One number a feature. */
  | 'features'
  /** Whole numbers that stand for pieces of text. */
  | 'tokens';

/** Samples as the model takes them. */
export interface SampleSet {
  /** [count, ...shape], one sample after another, in the model's own units. */
  x: Float32Array;
  /** Class of each sample; null where none is told. */
  y: Int32Array | null;
  count: number;
  /** Shape of one sample. */
  shape: readonly number[];
  layout: Layout;
  /** Least and greatest value that each element of a sample can have, in the model's units: what a picture can show. */
  low: Float32Array;
  high: Float32Array;
  /** What a person has to know of how the samples were read, a sentence each. */
  notes: string[];
}

/** Elements of one sample. */
export function sampleSize({ shape }: Pick<SampleSet, 'shape'>): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Indices of some of `count` samples, evenly spread: files are often sorted by class. */
export function evenly(count: number, most: number): number[] {
  const taken = Math.min(count, most);
  return Array.from({ length: taken }, (_, index) => Math.floor((index * count) / taken));
}

/** Some samples, as a set of their own. */
export function pick(samples: SampleSet, indices: readonly number[]): SampleSet {
  const size = sampleSize(samples);
  const x = new Float32Array(indices.length * size);
  indices.forEach((from, to) => x.set(samples.x.subarray(from * size, (from + 1) * size), to * size));
  const y = samples.y === null ? null : Int32Array.from(indices, (index) => samples.y![index]!);
  return { ...samples, x, y, count: indices.length };
}

/**
 * The cell of a mask that covers each element of a sample: one for all channels of a point, since a trigger covers what is seen at a
 * place.
 */
export function maskCells({ shape, layout }: Pick<SampleSet, 'shape' | 'layout'>): {
  cells: Int32Array;
  count: number;
} {
  const size = sampleSize({ shape });
  if (layout === 'channels-first' && shape.length > 1) {
    const plane = size / shape[0]!;
    return { cells: Int32Array.from({ length: size }, (_, index) => index % plane), count: plane };
  }
  if (layout === 'channels-last' && shape.length > 1) {
    const channels = shape.at(-1)!;
    return {
      cells: Int32Array.from({ length: size }, (_, index) => Math.floor(index / channels)),
      count: size / channels,
    };
  }
  return { cells: Int32Array.from({ length: size }, (_, index) => index), count: size };
}
