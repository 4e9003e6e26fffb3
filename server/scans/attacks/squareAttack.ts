import type { Classifier } from '../classifier.ts';
import { sampleSize, type SampleSet } from '../samples/sampleSet.ts';
import type { SeededRandom } from '../seededRandom.ts';

/**
 * Square Attack (Andriushchenko et al., ECCV 2020): random squares at the corners of the L-infinity ball, kept where they help. It needs
 * scores and no gradients, so that a model whose gradients are masked does not look robust.
 * @param queries runs of the model a sample.
 */
export async function squareAttack(
  classifier: Classifier,
  x: Float32Array,
  y: Int32Array,
  samples: Pick<SampleSet, 'low' | 'high' | 'shape' | 'layout'>,
  epsilon: number,
  queries: number,
  random: SeededRandom,
): Promise<Float32Array> {
  const { low, high } = samples;
  const size = sampleSize(samples);
  const count = x.length / size;
  const plane = planeOf(samples);
  const bounded = (index: number, sign: number): number => {
    const at = index % size;
    return Math.min(high[at]!, Math.max(low[at]!, x[index]! + sign * epsilon * (high[at]! - low[at]!)));
  };
  let best = new Float32Array(x.length);
  // Stripes to begin with: one sign a column and channel.
  for (let row = 0; row < count; row++) {
    const signs = Array.from({ length: plane.width * plane.channels }, () => (random.next() < 0.5 ? -1 : 1));
    for (let at = 0; at < size; at++) {
      const { column, channel } = plane.place(at);
      best[row * size + at] = bounded(row * size + at, signs[channel * plane.width + column]!);
    }
  }
  let margins = await marginsOf(classifier, best, y);
  for (let query = 1; query < queries; query++) {
    const side = Math.max(1, Math.round(Math.sqrt(shareAt(query / queries) * plane.width * plane.height)));
    const tried = best.slice();
    for (let row = 0; row < count; row++) {
      if (margins[row]! < 0) continue;
      const top = random.below(Math.max(1, plane.height - side + 1));
      const left = random.below(Math.max(1, plane.width - side + 1));
      const signs = Array.from({ length: plane.channels }, () => (random.next() < 0.5 ? -1 : 1));
      for (let at = 0; at < size; at++) {
        const { line, column, channel } = plane.place(at);
        if (line < top || line >= top + side || column < left || column >= left + side) continue;
        tried[row * size + at] = bounded(row * size + at, signs[channel]!);
      }
    }
    const found = await marginsOf(classifier, tried, y);
    const next = best.slice();
    margins = margins.map((margin, row) => {
      if (found[row]! >= margin) return margin;
      next.set(tried.subarray(row * size, (row + 1) * size), row * size);
      return found[row]!;
    });
    best = next;
    if (margins.every((margin) => margin < 0)) break;
  }
  return best;
}

/** Share of the picture that a square covers; it shrinks as the authors' schedule for 10,000 queries does. */
function shareAt(done: number): number {
  const halvings = [0.001, 0.005, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8].filter((step) => done > step).length;
  return 0.8 / 2 ** halvings;
}

/** How elements lie on a plane: features and series are one line. */
function planeOf({ shape, layout }: Pick<SampleSet, 'shape' | 'layout'>): {
  width: number;
  height: number;
  channels: number;
  place: (at: number) => { line: number; column: number; channel: number };
} {
  const size = sampleSize({ shape });
  if (shape.length === 3 && layout !== 'channels-last') {
    const [channels = 1, height = 1, width = 1] = shape;
    return {
      width,
      height,
      channels,
      place: (at) => ({
        channel: Math.floor(at / (height * width)),
        line: Math.floor(at / width) % height,
        column: at % width,
      }),
    };
  }
  if (shape.length === 3) {
    const [height = 1, width = 1, channels = 1] = shape;
    return {
      width,
      height,
      channels,
      place: (at) => ({
        channel: at % channels,
        column: Math.floor(at / channels) % width,
        line: Math.floor(at / (channels * width)),
      }),
    };
  }
  return { width: size, height: 1, channels: 1, place: (at) => ({ channel: 0, line: 0, column: at }) };
}

/** Score of the class less the best of the others: below 0, the class is lost. */
async function marginsOf(classifier: Classifier, x: Float32Array, y: Int32Array): Promise<number[]> {
  const scores = await classifier.scores(x);
  return Array.from(y, (label, row) => {
    let others = -Infinity;
    for (let index = 0; index < classifier.classes; index++)
      if (index !== label) others = Math.max(others, scores[row * classifier.classes + index]!);
    return scores[row * classifier.classes + label]! - others;
  });
}
