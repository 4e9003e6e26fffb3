import { wellFormed } from '../files/diskPath.ts';

/**
 * Characters that a terminal obeys instead of showing, and those that make text look like other text: controls (ANSI
 * sequences begin with one), bidirectional overrides, line separators, zero-width characters, tags, lone surrogates.
 */
const unprintable =
  /[\p{Cc}\p{Cs}\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

/** Text from files is data: what is printed of it can neither move the cursor nor pretend to be something else. */
export function printable(text: string): string {
  return text.replace(unprintable, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (character === '\n') return '\\n';
    if (character === '\t') return '\\t';
    if (character === '\r') return '\\r';
    if (code >= 0xd800 && code <= 0xdfff) return wellFormed(character);
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}

/** Bytes in the unit a person would use. */
export function bytesInWords(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) [value, unit] = [value / 1000, unit + 1];
  const shown = unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1);
  return bytes === 1 ? '1 byte' : `${shown} ${units[unit]}`;
}

/** `1 file`, `2 files`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
