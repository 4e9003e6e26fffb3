import { WeighbridgeError } from '../../errors.ts';
import type { Json } from '../../formats/facts.ts';
import type { ResampleFilter } from './resample.ts';

/** A size of both sides, or of the shorter one, whereby the longer one keeps its proportion. */
export type Resize = { height: number; width: number } | { shortest: number };

/** How the pixels of a picture, from 0 to 255, become inputs of a model: x = pixel * scale - mean, by deviation. */
export interface Preprocessing {
  /** Value that a pixel is multiplied with, as a rule 1/255. */
  scale: number;
  /** One number, or one a channel, in units of the scaled pixel. */
  mean: number[];
  deviation: number[];
  /** How large pictures are made; null: as the model has them. */
  resize: Resize | null;
  resample: ResampleFilter;
  /** Height and width of the middle that is cut out then; null: all of it. */
  crop: [height: number, width: number] | null;
  /** Order of the axes; null: as the model's shape tells. */
  layout: 'channels-first' | 'channels-last' | null;
  /** Blue before green before red. */
  reversed: boolean;
  /** Where this was read: what a report says. */
  from: string;
}

/** The least and greatest input of each channel: those of black and white. */
export function boundsOf(
  { scale, mean, deviation }: Pick<Preprocessing, 'scale' | 'mean' | 'deviation'>,
  channels: number,
): { low: number[]; high: number[] } {
  const of = (list: number[], channel: number): number => list[list.length === 1 ? 0 : channel] ?? list[0]!;
  const at = (pixel: number): number[] =>
    Array.from({ length: channels }, (_, c) => (pixel * scale - of(mean, c)) / of(deviation, c));
  return { low: at(0), high: at(255) };
}

/** Black is `low`, white is `high`. */
export function ofRange(low: number, high: number, from: string): Preprocessing {
  return {
    scale: (high - low) / 255,
    mean: [-low],
    deviation: [1],
    resize: null,
    resample: 'bilinear',
    crop: null,
    layout: null,
    reversed: false,
    from,
  };
}

/** Height and width of a picture after it was made larger or smaller. As transformers rounds. */
export function resizedSize(resize: Resize, height: number, width: number): [height: number, width: number] {
  if ('height' in resize) return [resize.height, resize.width];
  const { shortest } = resize;
  return height <= width
    ? [shortest, Math.trunc((shortest * width) / height)]
    : [Math.trunc((shortest * height) / width), shortest];
}

/**
 * What a `preprocessor_config.json` says, as image processors of transformers write it.
 * @throws {WeighbridgeError} `bad-input` when its numbers are none.
 */
export function ofPreprocessorConfig(config: Json, file: string): Preprocessing {
  const fields = typeof config === 'object' && config !== null && !Array.isArray(config) ? config : {};
  const numbers = (name: string, fallback: number[]): number[] => {
    const value = fields[name];
    if (value === undefined || value === null) return fallback;
    const list = Array.isArray(value) ? value : [value];
    if (list.length > 0 && list.every((each) => typeof each === 'number' && Number.isFinite(each)))
      return list as number[];
    throw new WeighbridgeError('bad-input', `${file} cannot be used: its "${name}" is not a list of numbers.`);
  };
  const rescaled = fields['do_rescale'] !== false;
  const normalized = fields['do_normalize'] !== false;
  // EfficientNet's: pixels come to lie around 0, and are divided once more.
  const offset = rescaled && fields['rescale_offset'] === true ? 1 : 0;
  const again = fields['include_top'] === true ? numbers('image_std', [1]) : [1];
  const once = normalized ? numbers('image_std', [1]) : again.map(() => 1);
  const deviation = once.map((each, channel) => each * (again[channel] ?? again[0]!));
  if (deviation.includes(0)) throw new WeighbridgeError('bad-input', `${file} cannot be used: its "image_std" is 0.`);
  const mean = normalized ? numbers('image_mean', [0]) : [0];
  return {
    scale: rescaled ? numbers('rescale_factor', [1 / 255])[0]! : 1,
    mean: mean.map((each) => each + offset),
    deviation,
    ...sizesOf(fields, numbers),
    resample: filterOf(fields['resample'], file),
    layout: fields['data_format'] === 'channels_last' ? 'channels-last' : null,
    reversed: fields['do_flip_channel_order'] === true,
    from: file,
  };
}

type Fields = { [key: string]: Json };

/** Largest side of a picture, in pixels. */
const longestSide = 16_384;

function sizesOf(
  fields: Fields,
  numbers: (name: string, fallback: number[]) => number[],
): Pick<Preprocessing, 'resize' | 'crop'> {
  const size = fields['size'] ?? null;
  const crop = fields['do_center_crop'] === false ? null : squareOf(fields['crop_size'] ?? null);
  if (fields['do_resize'] === false) return { resize: null, crop };
  const edge = typeof size === 'object' && size !== null && !Array.isArray(size) ? size['shortest_edge'] : null;
  if (isSide(edge)) {
    if (fields['crop_pct'] === undefined || fields['crop_pct'] === null) return { resize: { shortest: edge }, crop };
    // ConvNeXt's: small pictures are made larger by this share and cut, large ones are not.
    const share = numbers('crop_pct', [1])[0]!;
    return edge < 384 && share > 0
      ? { resize: { shortest: Math.trunc(edge / share) }, crop: [edge, edge] }
      : { resize: { height: edge, width: edge }, crop: null };
  }
  // Old files have a number: the shorter side where the middle is cut out, and both sides where not.
  if (isSide(size) && crop !== null) return { resize: { shortest: size }, crop };
  const both = squareOf(size);
  return { resize: both === null ? null : { height: both[0], width: both[1] }, crop };
}

const isSide = (value: Json | undefined): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= longestSide;

function squareOf(value: Json): [height: number, width: number] | null {
  if (isSide(value)) return [value, value];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const { height, width } = value;
  return isSide(height) && isSide(width) ? [height, width] : null;
}

/** Numbers of PIL.Image.Resampling. */
const filterNumbers: Record<number, ResampleFilter> = {
  ...{ 0: 'nearest', 1: 'lanczos', 2: 'bilinear', 3: 'bicubic', 4: 'box', 5: 'hamming' },
};

function filterOf(value: Json | undefined, file: string): ResampleFilter {
  if (value === undefined || value === null) return 'bilinear';
  const found = typeof value === 'number' ? filterNumbers[value] : undefined;
  if (found !== undefined) return found;
  throw new WeighbridgeError(
    'bad-input',
    `${file} cannot be used: its "resample" is none of Pillow's filters (0 to 5).`,
  );
}
