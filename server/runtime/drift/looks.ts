import { readFileSync } from 'node:fs';
import { WeighbridgeError } from '../../errors.ts';
import { replaceFile } from '../../files/replaceFile.ts';

/** Where the number of looks at a baseline is kept: beside it. */
export function looksFile(baseline: string): string {
  return `${baseline}.looks.json`;
}

/**
 * The number of the next look at a baseline, from 1. A new baseline starts anew.
 * @param digest of the baseline's bytes.
 * @throws {WeighbridgeError} `bad-input` for a file that is damaged: guessing would spend the level twice.
 */
export function nextLook(file: string, digest: string): number {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return 1;
  }
  const damaged = () =>
    new WeighbridgeError(
      'bad-input',
      `${file} does not count looks: give --look N, or remove it to start anew with a fresh baseline`,
    );
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw damaged();
  }
  const { baseline, looks } = (value ?? {}) as { baseline?: unknown; looks?: unknown };
  if (typeof baseline !== 'string' || !Number.isSafeInteger(looks) || Number(looks) < 0) throw damaged();
  return baseline === digest ? Number(looks) + 1 : 1;
}

/** @throws {WeighbridgeError} `unwritable`. */
export function rememberLook(file: string, digest: string, look: number): void {
  replaceFile(file, `${JSON.stringify({ baseline: digest, looks: look }, null, 2)}\n`);
}
