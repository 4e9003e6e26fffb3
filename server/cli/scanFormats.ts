import { resolve } from 'node:path';
import { WeighbridgeError } from '../errors.ts';
import { flag, texts, type OptionValues } from './options.ts';
import { refuseModel, refuseUsed } from './outputFile.ts';

export const scanFormats = ['text', 'json', 'sarif', 'gitlab'] as const;
export type ScanFormat = (typeof scanFormats)[number];

/**
 * What `--report FORMAT=FILE` asks for: one scan, several reports.
 * @param used what the command reads or writes elsewise, absolute; null where there is none.
 * @returns files are absolute.
 * @throws {WeighbridgeError} `bad-usage`, before anything was done.
 */
export async function furtherReports(
  values: OptionValues,
  cwd: string,
  used: readonly (string | null | undefined)[],
): Promise<{ format: ScanFormat; file: string }[]> {
  const reports: { format: ScanFormat; file: string }[] = [];
  for (const given of texts(values, 'report')) {
    const at = given.indexOf('=');
    const format = scanFormats.find((each) => each === given.slice(0, at));
    const name = given.slice(at + 1);
    if (format === undefined || name === '') {
      throw new WeighbridgeError(
        'bad-usage',
        `--report must be FORMAT=FILE, with the format ${scanFormats.join(', ')}, not "${given}"`,
      );
    }
    if (flag(values, 'update-baseline')) {
      throw new WeighbridgeError('bad-usage', '--update-baseline writes the baseline alone, and no --report');
    }
    const file = resolve(cwd, name);
    refuseUsed('report', file, [...used, ...reports.map((each) => each.file)]);
    await refuseModel(file, 'report');
    reports.push({ format, file });
  }
  return reports;
}
