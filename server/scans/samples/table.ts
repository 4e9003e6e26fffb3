import { WeighbridgeError } from '../../errors.ts';
import { openRows } from '../../datasets/rows/openRows.ts';
import { FileSource } from '../../files/fileSource.ts';

/** Columns that are taken for the class when none is named. */
const labelNames = ['label', 'y', 'target', 'class'];
const mostRows = 1_000_000;

/**
 * Reads the numeric columns of a CSV or TSV file as features, in their order, and one column as classes.
 * @throws {WeighbridgeError} `bad-input` naming line and column.
 */
export function readTable(
  path: string,
  labelColumn: string | null,
): { shape: number[]; data: Float32Array; y: number[] | null; notes: string[] } {
  const source = new FileSource(path);
  try {
    const rows = openRows(source, path);
    if (!rows) {
      throw new WeighbridgeError('bad-input', `${path} is no table that can be read: save the samples as .npz or CSV.`);
    }
    const values: number[] = [];
    const y: number[] = [];
    let columns: string[] | null = null;
    let label: string | null = null;
    let count = 0;
    for (const { fields, line } of rows.rows()) {
      columns ??= fields.map(({ name }) => name);
      label ??= labelColumn ?? columns.find((name) => labelNames.includes(name.toLowerCase())) ?? '';
      if (++count > mostRows)
        throw new WeighbridgeError('bad-input', `${path} has more than ${mostRows} rows: give fewer.`);
      if (fields.length !== columns.length) {
        throw new WeighbridgeError(
          'bad-input',
          `${path}:${line} has ${fields.length} values for ${columns.length} columns: fill what is empty.`,
        );
      }
      for (const { name, text } of fields) {
        const value = text.trim() === '' ? NaN : Number(text);
        if (!Number.isFinite(value)) {
          throw new WeighbridgeError(
            'bad-input',
            `${path}:${line} has ${JSON.stringify(text.slice(0, 40))} in the column ${name}, and features and classes are numbers.`,
          );
        }
        if (name === label) y.push(value);
        else values.push(value);
      }
    }
    const features = (columns ?? []).filter((name) => name !== label).length;
    const notes = [
      `Features are the columns ${(columns ?? []).filter((name) => name !== label).join(', ')}, in this order.`,
    ];
    return { shape: [count, features], data: Float32Array.from(values), y: label === '' ? null : y, notes };
  } finally {
    source.close();
  }
}
