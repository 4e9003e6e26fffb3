/** Filters by which pictures are brought to another size, by Pillow's names. */
export const resampleFilters = ['nearest', 'box', 'bilinear', 'hamming', 'bicubic', 'lanczos'] as const;
export type ResampleFilter = (typeof resampleFilters)[number];

/** Pictures of 8 bits a channel, [height, width, channels]. */
export interface Pixels {
  width: number;
  height: number;
  channels: number;
  data: Uint8Array;
}

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

/** How far each filter reaches, and what it gives at a distance. Source: Pillow, src/libImaging/Resample.c. */
const filters: Record<Exclude<ResampleFilter, 'nearest'>, { support: number; at: (x: number) => number }> = {
  box: { support: 0.5, at: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { support: 1, at: (x) => Math.max(0, 1 - Math.abs(x)) },
  hamming: {
    support: 1,
    at: (x) => (Math.abs(x) >= 1 ? 0 : sinc(x) * (0.54 + 0.46 * Math.cos(Math.PI * x))),
  },
  bicubic: {
    support: 2,
    at: (distance) => {
      const x = Math.abs(distance);
      const a = -0.5;
      if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
      return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
    },
  },
  lanczos: { support: 3, at: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

/** Bits behind the point of a weight. */
const precision = 22;

interface Weights {
  /** First pixel that counts, by pixel of the result. */
  first: Int32Array;
  /** Weights from there on. */
  of: Int32Array[];
}

function weightsOf(from: number, to: number, filter: Exclude<ResampleFilter, 'nearest'>): Weights {
  const { support: reach, at } = filters[filter];
  const scale = from / to;
  // A smaller picture is made of all pixels of the larger one.
  const stretch = Math.max(1, scale);
  const support = reach * stretch;
  const first = new Int32Array(to);
  const of: Int32Array[] = [];
  for (let index = 0; index < to; index++) {
    const centre = (index + 0.5) * scale;
    const low = Math.max(0, Math.trunc(centre - support + 0.5));
    const high = Math.min(from, Math.trunc(centre + support + 0.5));
    const raw = Array.from({ length: high - low }, (_, each) => at((each + low - centre + 0.5) * (1 / stretch)));
    const sum = raw.reduce((total, each) => total + each, 0);
    first[index] = low;
    of.push(
      Int32Array.from(raw, (each) => {
        const weight = (each / (sum === 0 ? 1 : sum)) * 2 ** precision;
        return Math.trunc(weight < 0 ? weight - 0.5 : weight + 0.5);
      }),
    );
  }
  return { first, of };
}

const clipped = (sum: number): number => Math.min(255, Math.max(0, Math.floor(sum / 2 ** precision)));

/**
 * A picture in another size, as Pillow's `Image.resize` gives it for 8 bits a channel: first across, then down, rounded in between, in the same whole
 * numbers. That is what transformers and torchvision prepare pictures with. Pillow 13 goes down first where it thinks that is less work; a point can
 * then differ by one shade.
 */
export function resampled(picture: Pixels, height: number, width: number, filter: ResampleFilter): Pixels {
  if (filter === 'nearest') return nearest(picture, height, width);
  const across = picture.width === width ? picture : horizontally(picture, width, filter);
  return across.height === height ? across : vertically(across, height, filter);
}

function horizontally(picture: Pixels, width: number, filter: Exclude<ResampleFilter, 'nearest'>): Pixels {
  const { height, channels, data } = picture;
  const { first, of } = weightsOf(picture.width, width, filter);
  const result = new Uint8Array(height * width * channels);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const weights = of[x]!;
      const from = (y * picture.width + first[x]!) * channels;
      for (let channel = 0; channel < channels; channel++) {
        let sum = 2 ** (precision - 1);
        for (let each = 0; each < weights.length; each++)
          sum += data[from + each * channels + channel]! * weights[each]!;
        result[(y * width + x) * channels + channel] = clipped(sum);
      }
    }
  }
  return { width, height, channels, data: result };
}

function vertically(picture: Pixels, height: number, filter: Exclude<ResampleFilter, 'nearest'>): Pixels {
  const { width, channels, data } = picture;
  const { first, of } = weightsOf(picture.height, height, filter);
  const row = width * channels;
  const result = new Uint8Array(height * row);
  for (let y = 0; y < height; y++) {
    const weights = of[y]!;
    const from = first[y]! * row;
    for (let at = 0; at < row; at++) {
      let sum = 2 ** (precision - 1);
      for (let each = 0; each < weights.length; each++) sum += data[from + each * row + at]! * weights[each]!;
      result[y * row + at] = clipped(sum);
    }
  }
  return { width, height, channels, data: result };
}

function nearest(picture: Pixels, height: number, width: number): Pixels {
  const { channels, data } = picture;
  const result = new Uint8Array(height * width * channels);
  for (let y = 0; y < height; y++) {
    const row = Math.min(picture.height - 1, Math.floor(((y + 0.5) * picture.height) / height));
    for (let x = 0; x < width; x++) {
      const column = Math.min(picture.width - 1, Math.floor(((x + 0.5) * picture.width) / width));
      const from = (row * picture.width + column) * channels;
      for (let channel = 0; channel < channels; channel++)
        result[(y * width + x) * channels + channel] = data[from + channel]!;
    }
  }
  return { width, height, channels, data: result };
}

/** The middle of a picture; what is smaller gets black around it. As transformers' `center_crop` does. */
export function centre(picture: Pixels, height: number, width: number): Pixels {
  const { channels, data } = picture;
  const result = new Uint8Array(height * width * channels);
  // Where what is smaller is put, its halves are rounded up; what is larger is cut with halves rounded down.
  const offset = (has: number, wants: number): number =>
    has >= wants ? Math.floor((has - wants) / 2) : -Math.ceil((wants - has) / 2);
  const [top, left] = [offset(picture.height, height), offset(picture.width, width)];
  for (let y = Math.max(0, -top); y < height && y + top < picture.height; y++) {
    for (let x = Math.max(0, -left); x < width && x + left < picture.width; x++) {
      const from = ((y + top) * picture.width + x + left) * channels;
      result.set(data.subarray(from, from + channels), (y * width + x) * channels);
    }
  }
  return { width, height, channels, data: result };
}
