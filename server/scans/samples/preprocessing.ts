import { WeighbridgeError } from '../../errors.ts';
import type { Json } from '../../formats/facts.ts';

/** How the pixels of a picture, from 0 to 255, become inputs of a model: x = pixel * scale - mean, by deviation. */
export interface Preprocessing {
  /** Value that a pixel is multiplied with, as a rule 1/255. */
  scale: number;
  /** One number, or one a channel, in units of the scaled pixel. */
  mean: number[];
  deviation: number[];
  /** Height and width that pictures are brought to; null: as the model has them. */
  size: [height: number, width: number] | null;
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
    size: null,
    layout: null,
    reversed: false,
    from,
  };
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
  const deviation = normalized ? numbers('image_std', [1]) : [1];
  if (deviation.includes(0)) throw new WeighbridgeError('bad-input', `${file} cannot be used: its "image_std" is 0.`);
  return {
    scale: rescaled ? numbers('rescale_factor', [1 / 255])[0]! : 1,
    mean: normalized ? numbers('image_mean', [0]) : [0],
    deviation,
    size: sizeOf(fields['crop_size'] ?? null) ?? sizeOf(fields['size'] ?? null),
    layout: fields['data_format'] === 'channels_last' ? 'channels-last' : null,
    reversed: false,
    from: file,
  };
}

function sizeOf(value: Json): [number, number] | null {
  if (typeof value === 'number') return [value, value];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const { height, width, shortest_edge: edge } = value;
  if (typeof height === 'number' && typeof width === 'number') return [height, width];
  return typeof edge === 'number' ? [edge, edge] : null;
}
