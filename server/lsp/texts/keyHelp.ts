import { helpOf, type KeyHelp } from './keyTable.ts';

/** Where a key stands on a line, and what there is to say of it. */
export interface HelpedKey extends KeyHelp {
  key: string;
  start: number;
  end: number;
}

/** The key at a place of a line: `key: value`, `"key": value`, `key=value`, `--key value`, `key value;`, `key {`. */
export function keyAt(line: string, character: number, isCode: boolean): HelpedKey | null {
  for (const match of line.slice(0, 2_000).matchAll(/[A-Za-z_][\w-]*/g)) {
    const [key] = match;
    const end = match.index + key.length;
    if (character < match.index || character > end) continue;
    const found = isKey(line.slice(0, match.index), line.slice(end)) ? helpOf(key, isCode) : null;
    return found && { ...found, key, start: match.index, end };
  }
  return null;
}

/** In prose and comments the same words are no keys: without a colon or `=` it must be an option, or begin a directive or a message. */
function isKey(before: string, after: string): boolean {
  if (/^["']?\s*[:=]/.test(after)) return true;
  if (before.endsWith('--')) return /^(?:\s|["'],\s*["']|$)/.test(after);
  return before.trim() === '' && /^(?:\s+[^;]*;\s*(?:#.*)?|\s*\{.*)?$/.test(after);
}

const valueInConfiguration = /([A-Za-z_][\w-]*)["']?(?:\s*[:=]\s*|\s+)(["']?[\w./:-]*)$/;
/** In Python, what stands behind a colon is a type, unless the name is a string. */
const valueInCode = /([A-Za-z_]\w*)(?:["']\s*:|(?:\s*:\s*\w+)?\s*=)\s*(["']?[\w./:-]*)$/;

/** The key whose value is being written at a place of a line, and what of it stands there already. */
export function valueAt(line: string, character: number, isCode: boolean): { help: KeyHelp; typed: string } | null {
  const match = (isCode ? valueInCode : valueInConfiguration).exec(line.slice(0, Math.min(character, 2_000)));
  const found = helpOf(match?.[1] ?? '', isCode);
  return match && found ? { help: found, typed: match[2] ?? '' } : null;
}
