import { basename, extname } from 'node:path';
import { columnsOf } from '../../datasets/poisoning/columns.ts';
import { openRows } from '../../datasets/rows/openRows.ts';
import { fieldText } from '../../datasets/rows/row.ts';
import { WeighbridgeError } from '../../errors.ts';
import { FileSource } from '../../files/fileSource.ts';
import type { SamplesRequest } from '../samples/loadSamples.ts';
import { SeededRandom } from '../seededRandom.ts';
import type { Vocabulary } from './vocabulary.ts';

/** Texts with their classes. */
export interface TextSamples {
  texts: string[];
  /** As the file has them, a number or a name; null where none is told. */
  labels: string[] | null;
  notes: string[];
}

/** Rows and characters that are held. */
const mostRows = 200_000;
const mostCharacters = 64 << 20;
/** Of one text: far more than any classifier looks at. */
const longestText = 20_000;

/**
 * Reads texts from CSV, TSV, JSON Lines, JSON, Parquet, or a text file with one a line.
 * @throws {WeighbridgeError} `bad-input` or `not-found`, with what to do.
 */
export function loadTexts(request: SamplesRequest, seed: number): TextSamples {
  const { path, labelColumn, textColumn = null, most } = request;
  let source: FileSource;
  try {
    source = new FileSource(path);
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'it does not exist' : 'it is no file';
    throw new WeighbridgeError('not-found', `${path} cannot be read: ${why}.`, { cause });
  }
  try {
    const rows = ['.npy', '.npz'].includes(extname(path).toLowerCase()) ? null : openRows(source, path);
    if (!rows) {
      throw new WeighbridgeError(
        'bad-input',
        `${path} holds no texts, and the model takes texts: give CSV, JSON Lines or Parquet with a text and a class in each row.`,
      );
    }
    const columns = columnsOf(rows, {
      ...(textColumn !== null && { text: [textColumn] }),
      ...(labelColumn !== null && { label: labelColumn }),
    });
    const [column] = columns.text;
    if (column === undefined)
      throw new WeighbridgeError('bad-input', `${path} has no column of texts: name it (--text-column).`);
    const texts: string[] = [];
    const labels: (string | undefined)[] = [];
    let characters = 0;
    let cut = false;
    for (const row of rows.rows()) {
      const text = fieldText(row, column)?.slice(0, longestText);
      if (text === undefined || text.trim() === '') continue;
      if (texts.length >= mostRows || characters > mostCharacters) {
        cut = true;
        break;
      }
      characters += text.length;
      texts.push(text);
      labels.push(columns.label === null ? undefined : fieldText(row, columns.label));
    }
    if (texts.length === 0)
      throw new WeighbridgeError(
        'bad-input',
        `${path} has no text in its column ${column}: name another (--text-column).`,
      );
    const missing = labels.findIndex((label) => label === undefined);
    const labelled = columns.label !== null && missing < 0;
    const notes = [
      `Texts are those of the column ${column}${columns.text.length > 1 && textColumn === null ? ` (others: ${columns.text.slice(1, 6).join(', ')})` : ''}${labelled ? `, classes those of ${columns.label}` : ', and there are no classes'}.`,
    ];
    if (columns.label !== null && !labelled)
      notes.push(`Not every text of ${basename(path)} has a ${columns.label}: labels were left out of account.`);
    if (cut) notes.push(`Only the first ${texts.length} texts of ${basename(path)} were looked at.`);
    return taken({ texts, labels: labelled ? (labels as string[]) : null, notes }, most, seed);
  } finally {
    source.close();
  }
}

/**
 * The classes that labels name: by number, or by the names of `config.json`.
 * @throws {WeighbridgeError} `bad-input` naming the first that is neither.
 */
export function labelsAsNumbers(
  labels: readonly string[],
  { classNames }: Pick<Vocabulary, 'classNames'>,
  classes: number,
  model: string,
): Int32Array {
  const numbers = new Map(classNames.map((name, index) => [name, index]));
  return Int32Array.from(labels, (label) => {
    const text = label.trim();
    const named = numbers.get(text) ?? (/^\d{1,6}(?:\.0)?$/.test(text) ? Number(text) : undefined);
    if (named !== undefined && named < classes) return named;
    const known =
      classNames.length === 0
        ? `classes are numbers from 0 to ${classes - 1}, because no config.json beside ${basename(model)} names them (id2label)`
        : `the classes of ${basename(model)} are ${classNames.slice(0, 20).join(', ')}, or their numbers from 0`;
    throw new WeighbridgeError('bad-input', `A text is labelled ${JSON.stringify(text.slice(0, 40))}, and ${known}.`);
  });
}

function taken(all: TextSamples, most: number, seed: number): TextSamples {
  const { texts, labels, notes } = all;
  if (texts.length <= most) return all;
  const order = new SeededRandom(seed)
    .permutation(texts.length)
    .slice(0, most)
    .sort((a, b) => a - b);
  return {
    texts: order.map((index) => texts[index]!),
    labels: labels === null ? null : order.map((index) => labels[index]!),
    notes: [...notes, `${most} of ${texts.length} texts were taken, by the seed.`],
  };
}
