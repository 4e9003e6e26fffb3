import { WeighbridgeError } from '../errors.ts';
import { ofRange, type Preprocessing, type Resize } from '../scans/samples/preprocessing.ts';
import { resampleFilters } from '../scans/samples/resample.ts';
import type { Plain } from './configurationCheck.ts';
import { GlobSet } from './gitignore.ts';
import { list, record, strings } from './plain.ts';

/** How pictures become inputs of some models. */
export interface PreprocessingEntry {
  /** gitignore-style globs, relative to the configuration's folder. */
  models: string[];
  /** Checked against the shape of the section; whether its numbers fit each other is looked at when a model is scanned. */
  fields: Record<string, Plain>;
}

/** Where it is said. */
const from = 'preprocessing in weighbridge.yaml';

/** The entries of a section that was checked against its shape. */
export function preprocessingOf(section: Plain): PreprocessingEntry[] {
  return list(section).map((entry) => ({ models: strings(record(entry)['models']), fields: record(entry) }));
}

/** @throws {WeighbridgeError} `bad-config` for numbers that cannot be meant together. */
function preprocessingOfEntry({ fields }: PreprocessingEntry): Preprocessing {
  const given = (name: string): number[] => list(fields[name]).filter((each) => typeof each === 'number');
  const wrong = (why: string): WeighbridgeError => new WeighbridgeError('bad-config', `${from}: ${why}`);
  const [range, mean, std, size, crop] = [given('range'), given('mean'), given('std'), given('size'), given('crop')];
  const isThere = (name: string): boolean => fields[name] !== undefined;
  if (isThere('range') && (range.length !== 2 || range[0]! >= range[1]!))
    throw wrong('"range" is two numbers, the lower one first, such as [0, 1]');
  if (isThere('range') && ['scale', 'mean', 'std'].some(isThere))
    throw wrong('"range" stands instead of "scale", "mean" and "std": leave out the one or the others');
  if (std.some((each) => each <= 0)) throw wrong('"std" is divided by, and must be greater than 0');
  for (const [name, values] of [
    ['mean', mean],
    ['std', std],
  ] as const)
    if (isThere(name) && ![1, 3].includes(values.length))
      throw wrong(`"${name}" is one number, or three, one a channel`);
  if (isThere('size') && ![1, 2].includes(size.length))
    throw wrong('"size" is height and width, or the shorter side alone');
  if (isThere('crop') && crop.length !== 2) throw wrong('"crop" is height and width, such as [224, 224]');
  const scale = typeof fields['scale'] === 'number' ? fields['scale'] : 1 / 255;
  if (scale <= 0) throw wrong('"scale" must be greater than 0');
  const base: Preprocessing = isThere('range')
    ? ofRange(range[0]!, range[1]!, from)
    : { ...ofRange(0, 1, from), scale, mean: mean.length > 0 ? mean : [0], deviation: std.length > 0 ? std : [1] };
  const { layout } = fields;
  return {
    ...base,
    resize: sizeOf(size),
    crop: crop.length === 0 ? null : [crop[0]!, crop[1]!],
    resample: resampleFilters.find((each) => each === fields['resample']) ?? 'bilinear',
    layout: layout === 'channels-first' || layout === 'channels-last' ? layout : null,
    reversed: fields['channels'] === 'bgr',
  };
}

function sizeOf([height, width]: readonly number[]): Resize | null {
  if (height === undefined) return null;
  return width === undefined ? { shortest: height } : { height, width };
}

/**
 * What the configuration says of a model; null where it says nothing.
 * @param model absolute.
 * @throws {WeighbridgeError} `bad-config` for numbers that cannot be meant together.
 */
export async function preprocessingFor(
  { folder, preprocessing }: { folder: string; preprocessing: readonly PreprocessingEntry[] },
  model: string,
): Promise<Preprocessing | null> {
  for (const entry of preprocessing) {
    const globs = await GlobSet.of(folder, entry.models);
    if (globs === null || globs.match(model, false) === true) return preprocessingOfEntry(entry);
  }
  return null;
}
