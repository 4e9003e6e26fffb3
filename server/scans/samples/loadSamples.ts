import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { WeighbridgeError } from '../../errors.ts';
import { FileSource } from '../../files/fileSource.ts';
import type { Json } from '../../formats/facts.ts';
import type { OnnxValue } from '../onnx/graph.ts';
import { SeededRandom } from '../seededRandom.ts';
import { readNumberArray, readNumberArrays, type NumberArray } from './numberArray.ts';
import { inColours, readPicture } from './pictures.ts';
import { centre, resampled, type Pixels } from './resample.ts';
import { boundsOf, ofPreprocessorConfig, ofRange, resizedSize, type Preprocessing } from './preprocessing.ts';
import { pick, sampleSize, type Layout, type SampleSet } from './sampleSet.ts';
import { readTable } from './table.ts';

/** Where samples are, and how they become inputs of the model. */
export interface SamplesRequest {
  /** A `.npy`, `.npz`, CSV, TSV or Parquet file, or a folder of pictures; absolute. */
  path: string;
  /** A `.npy` file with the classes; null: as `path` has them. */
  labels: string | null;
  /** What black and white are for the model; null when nobody says. */
  range: [low: number, high: number] | null;
  preprocessing: Preprocessing | null;
  /** Column of a table that holds the class. */
  labelColumn: string | null;
  /** Column of a table that holds the text; null: the first one of words. */
  textColumn?: string | null;
  /** Samples at most, chosen by the seed. */
  most: number;
}

/** What samples come to before it is known what their bounds are. */
interface RawSamples {
  shape: number[];
  data: Float32Array | Int32Array | Uint8Array;
  y: ArrayLike<number> | null;
  /** Values are pixels from 0 to 255. */
  pixels: boolean;
  notes: string[];
}

/**
 * Reads samples for an input of a model.
 * @throws {WeighbridgeError} `bad-input` or `not-found`, with what to do.
 */
export function loadSamples(request: SamplesRequest, model: string, input: OnnxValue, seed: number): SampleSet {
  if (!existsSync(request.path)) throw new WeighbridgeError('not-found', `${request.path} does not exist.`);
  const wanted = (input.shape ?? []).slice(1).map((size) => (typeof size === 'number' && size > 0 ? size : null));
  const preprocessing = preprocessingFor(request, model);
  const raw = fittingShape(readRaw(request, wanted, preprocessing, seed), wanted);
  const [count = 0, ...shape] = raw.shape;
  if (count === 0) throw new WeighbridgeError('bad-input', `${request.path} holds no samples.`);
  const layout = layoutOf(shape, wanted, preprocessing);
  const y = labelsOf(request, raw, count);
  const set = scaled({ ...raw, y }, count, shape, layout, preprocessing, request);
  if (count <= request.most) return set;
  set.notes.push(`${request.most} of ${count} samples were taken, by the seed.`);
  return pick(set, sampled(count, request.most, seed));
}

/** Rows of numbers, as tables have them, become what the model takes where there are exactly as many. */
function fittingShape(raw: RawSamples, wanted: readonly (number | null)[]): RawSamples {
  const [count = 0, features, ...more] = raw.shape;
  if (features === undefined || more.length > 0 || wanted.length < 2) return raw;
  const sizes = wanted.filter((size) => size !== null);
  const size = sizes.reduce((product, each) => product * each, 1);
  if (sizes.length < wanted.length || size !== features) return raw;
  return {
    ...raw,
    shape: [count, ...sizes],
    notes: [...raw.notes, `The ${features} numbers of a row were taken as ${sizes.join(' x ')}, in their order.`],
  };
}

/** What was asked for; else what stands beside the model. */
function preprocessingFor({ preprocessing, range }: SamplesRequest, model: string): Preprocessing | null {
  if (range !== null) return { ...(preprocessing ?? ofRange(...range, '')), ...ofRange(range[0], range[1], '--range') };
  if (preprocessing !== null) return preprocessing;
  const file = join(dirname(model), 'preprocessor_config.json');
  if (!existsSync(file) || statSync(file).size > 1 << 20) return null;
  try {
    return ofPreprocessorConfig(JSON.parse(readFileSync(file, 'utf8')) as Json, file);
  } catch (cause) {
    if (cause instanceof WeighbridgeError) throw cause;
    throw new WeighbridgeError('bad-input', `${file} cannot be used: it is no JSON.`, { cause });
  }
}

function readRaw(
  request: SamplesRequest,
  wanted: readonly (number | null)[],
  preprocessing: Preprocessing | null,
  seed: number,
): RawSamples {
  const { path } = request;
  if (statSync(path).isDirectory()) return readFolder(request, wanted, preprocessing, seed);
  const ending = extname(path).toLowerCase();
  if (['.csv', '.tsv', '.parquet'].includes(ending)) {
    return { ...readTable(path, request.labelColumn), pixels: false };
  }
  const source = new FileSource(path);
  try {
    if (ending !== '.npz') return ofArray(readNumberArray(source, path), null);
    const arrays = readNumberArrays(source, path);
    const x = arrays.get('x') ?? arrays.get('input_ids') ?? (arrays.size === 1 ? [...arrays.values()][0] : undefined);
    if (!x) {
      throw new WeighbridgeError(
        'bad-input',
        `${path} holds ${[...arrays.keys()].join(', ')}, and samples are looked for under x: save them by numpy.savez(file, x=..., y=...).`,
      );
    }
    return ofArray(x, arrays.get('y') ?? arrays.get('labels') ?? null);
  } finally {
    source.close();
  }
}

function ofArray(x: NumberArray, y: NumberArray | null): RawSamples {
  return { shape: x.shape, data: x.data, y: y?.data ?? null, pixels: x.data instanceof Uint8Array, notes: [] };
}

/** Pictures in folders named for their classes, or in one folder without any. */
function readFolder(
  { path, most }: SamplesRequest,
  wanted: readonly (number | null)[],
  preprocessing: Preprocessing | null,
  seed: number,
): RawSamples {
  const { files, y, notes } = picturesIn(path);
  if (files.length === 0) throw new WeighbridgeError('bad-input', `${path} holds no PNG or JPEG pictures.`);
  const last =
    wanted.length === 3 &&
    (preprocessing?.layout === 'channels-last' || (isChannels(wanted[2]!) && !isChannels(wanted[0]!)));
  const [channels, height, width] = last
    ? [wanted[2], wanted[0], wanted[1]]
    : wanted.length === 3
      ? wanted
      : [1, ...wanted];
  const depth = channels ?? 3;
  if (depth !== 1 && depth !== 3)
    throw new WeighbridgeError(
      'bad-input',
      `The model takes inputs of ${depth} channels, and pictures have 1 or 3: give the samples as .npz.`,
    );
  const chosen = files.length <= most ? files.map((_, index) => index) : sampled(files.length, most, seed);
  const kept = chosen.map((index) => files[index]!);
  let [tall, wide] = [height ?? null, width ?? null];
  const pixels: Uint8Array[] = [];
  let changed = 0;
  let bytes = 0;
  for (const file of kept) {
    const picture = inColours(readPicture(file), depth);
    const made = prepared(picture, preprocessing, height ?? null, width ?? null);
    [tall, wide] = [tall ?? made.height, wide ?? made.width];
    if (made.height !== tall || made.width !== wide)
      throw new WeighbridgeError('bad-input', misfit(file, made, tall, wide, preprocessing));
    bytes += 4 * made.data.length;
    if (bytes > mostPictureBytes)
      throw new WeighbridgeError(
        'bad-input',
        `${path} comes to more than 2 GiB of inputs: take fewer pictures (--max-samples ${Math.max(1, pixels.length >> 1)}).`,
      );
    if (made.width !== picture.width || made.height !== picture.height) changed++;
    pixels.push(made.data);
  }
  if (tall === null || wide === null) throw new WeighbridgeError('bad-input', `${path} holds no pictures.`);
  if (changed > 0)
    notes.push(
      `${changed} of ${kept.length} pictures were brought to ${tall} x ${wide} points, ${preprocessing?.resize || preprocessing?.crop ? `as ${preprocessing.from} says` : 'because the model takes them so'}.`,
    );
  const size = depth * tall * wide;
  const data = new Float32Array(kept.length * size);
  pixels.forEach((own, index) => {
    const ordered = preprocessing?.reversed && depth === 3 ? reversedColours(own) : own;
    data.set(last || depth === 1 ? ordered : channelsFirst(ordered, depth), index * size);
  });
  const shape = last ? [tall, wide, depth] : wanted.length === 2 ? [tall, wide] : [depth, tall, wide];
  return {
    shape: [kept.length, ...shape],
    data,
    y: y === null ? null : chosen.map((index) => y[index]!),
    pixels: true,
    notes:
      kept.length < files.length ? [...notes, `${most} of ${files.length} samples were taken, by the seed.`] : notes,
  };
}

/** Inputs of pictures that are held. */
const mostPictureBytes = 2 ** 31;

/** A picture as the preprocessing makes it; where nothing says how large, as the model takes it. */
function prepared(
  picture: Pixels,
  preprocessing: Preprocessing | null,
  height: number | null,
  width: number | null,
): Pixels {
  if (!preprocessing?.resize && !preprocessing?.crop)
    return resampled(picture, height ?? picture.height, width ?? picture.width, preprocessing?.resample ?? 'bilinear');
  const { resize, crop, resample } = preprocessing;
  const sized = resize ? resampled(picture, ...resizedSize(resize, picture.height, picture.width), resample) : picture;
  return crop ? centre(sized, ...crop) : sized;
}

function misfit(
  file: string,
  made: Pixels,
  height: number,
  width: number,
  preprocessing: Preprocessing | null,
): string {
  const has = `${made.height} x ${made.width}`;
  return preprocessing?.resize || preprocessing?.crop
    ? `${file} is ${has} points after what ${preprocessing.from} says of its size, and the model takes ${height} x ${width}: correct size and crop there.`
    : `${file} is ${has} points and the pictures before it are ${height} x ${width}: say to which size they are brought (preprocessing in weighbridge.yaml).`;
}

const sampled = (count: number, most: number, seed: number): number[] =>
  new SeededRandom(seed)
    .permutation(count)
    .slice(0, most)
    .sort((a, b) => a - b);

const isChannels = (size: number | null): boolean => size === 1 || size === 3 || size === 4;

/** Blue before green before red. */
const reversedColours = (pixels: Uint8Array): Uint8Array =>
  pixels.map((_, index) => pixels[index - (index % 3) + 2 - (index % 3)]!);

function channelsFirst(pixels: Uint8Array, channels: number): Uint8Array {
  const plane = pixels.length / channels;
  return pixels.map((_, index) => pixels[(index % plane) * channels + Math.floor(index / plane)]!);
}

/** Pictures by name; folders count as classes, by their number or else in the order of their names. */
function picturesIn(path: string): { files: string[]; y: number[] | null; notes: string[] } {
  const isPicture = (name: string): boolean => /\.(?:png|jpe?g)$/i.test(name);
  const entries = readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  if (folders.length === 0) {
    const files = entries
      .filter((entry) => entry.isFile() && isPicture(entry.name))
      .map(({ name }) => join(path, name));
    return { files, y: null, notes: [] };
  }
  const numbered = folders.every((name) => /^\d+$/.test(name));
  const files: string[] = [];
  const y: number[] = [];
  folders.forEach((folder, index) => {
    for (const name of readdirSync(join(path, folder)).sort()) {
      if (!isPicture(name)) continue;
      files.push(join(path, folder, name));
      y.push(numbered ? Number(folder) : index);
    }
  });
  const notes = numbered ? [] : [`Classes are numbered in the order of the folders' names: ${folders.join(', ')}.`];
  return { files, y, notes };
}

/** @throws {WeighbridgeError} when there are more or fewer labels than samples. */
function labelsOf(request: SamplesRequest, raw: RawSamples, count: number): Int32Array | null {
  let labels = raw.y;
  if (request.labels !== null) {
    const source = new FileSource(request.labels);
    try {
      labels = readNumberArray(source, request.labels).data;
    } finally {
      source.close();
    }
  }
  if (labels === null) return null;
  if (labels.length !== count) {
    throw new WeighbridgeError(
      'bad-input',
      `There are ${labels.length} labels for ${count} samples: give one whole number a sample, not one column a class.`,
    );
  }
  return Int32Array.from(labels);
}

function layoutOf(
  shape: readonly number[],
  wanted: readonly (number | null)[],
  preprocessing: Preprocessing | null,
): Layout {
  if (shape.length < 2) return 'features';
  if (shape.length === 2) return 'channels-first';
  if (preprocessing?.layout) return preprocessing.layout;
  const first = wanted[0] ?? shape[0]!;
  const last = wanted.at(-1) ?? shape.at(-1)!;
  return isChannels(last) && !isChannels(first) ? 'channels-last' : 'channels-first';
}

/** Brings the values into the model's units, and finds their bounds. */
function scaled(
  raw: RawSamples & { y: Int32Array | null },
  count: number,
  shape: readonly number[],
  layout: Layout,
  preprocessing: Preprocessing | null,
  request: SamplesRequest,
): SampleSet {
  const size = sampleSize({ shape });
  const notes = [...raw.notes];
  const low = new Float32Array(size);
  const high = new Float32Array(size);
  const channelOf = (at: number): number =>
    layout === 'channels-last' ? at % shape.at(-1)! : shape.length === 3 ? Math.floor(at / (size / shape[0]!)) : 0;
  if (raw.pixels && preprocessing === null) {
    throw new WeighbridgeError(
      'bad-input',
      `${basename(request.path)} holds pixels from 0 to 255, and nothing says what the model takes them as: give --range 0,1 (or 0,255, or -1,1), preprocessing in weighbridge.yaml, or a preprocessor_config.json beside the model.`,
    );
  }
  let x = Float32Array.from(raw.data);
  if (preprocessing !== null) {
    const channels = layout === 'channels-last' ? shape.at(-1)! : shape.length === 3 ? shape[0]! : 1;
    const bounds = boundsOf(preprocessing, channels);
    for (let at = 0; at < size; at++) {
      low[at] = bounds.low[channelOf(at)]!;
      high[at] = bounds.high[channelOf(at)]!;
    }
    notes.push(
      `Inputs lie between ${rangeText(bounds.low)} and ${rangeText(bounds.high)}, as ${preprocessing.from} says.`,
    );
    if (raw.pixels)
      x = x.map((value, index) => low[index % size]! + ((high[index % size]! - low[index % size]!) * value) / 255);
  } else {
    observedBounds(x, size, layout, low, high);
    notes.push('The bounds of inputs were taken from the samples themselves, because nothing else says them.');
  }
  checkValues(x, size, low, high, request.path, preprocessing);
  return { x, y: raw.y, count, shape, layout, low, high, notes };
}

const rangeText = (values: number[]): string => values.map((value) => Number(value.toPrecision(4))).join('/');

/** Of pictures one range for all; of features one each. */
function observedBounds(x: Float32Array, size: number, layout: Layout, low: Float32Array, high: Float32Array): void {
  low.fill(Infinity);
  high.fill(-Infinity);
  x.forEach((value, index) => {
    const at = index % size;
    low[at] = Math.min(low[at]!, value);
    high[at] = Math.max(high[at]!, value);
  });
  if (layout === 'features') return;
  low.fill(low.reduce((least, each) => Math.min(least, each), Infinity));
  high.fill(high.reduce((most, each) => Math.max(most, each), -Infinity));
}

/** @throws {WeighbridgeError} when a value is no number, or outside of what the model is said to take. */
function checkValues(
  x: Float32Array,
  size: number,
  low: Float32Array,
  high: Float32Array,
  path: string,
  preprocessing: Preprocessing | null,
): void {
  for (let index = 0; index < x.length; index++) {
    const value = x[index]!;
    if (!Number.isFinite(value)) {
      throw new WeighbridgeError(
        'bad-input',
        `Sample ${Math.floor(index / size)} of ${path} holds ${value}: remove what is no number.`,
      );
    }
    if (preprocessing === null) continue;
    const slack = 0.01 * (high[index % size]! - low[index % size]!);
    if (value < low[index % size]! - slack || value > high[index % size]! + slack) {
      throw new WeighbridgeError(
        'bad-input',
        `Sample ${Math.floor(index / size)} of ${path} holds ${value}, and by ${preprocessing.from} inputs are from ${low[index % size]!} to ${high[index % size]!}: the wrong range makes every verdict meaningless, so correct the one or the other.`,
      );
    }
  }
}
