/**
 * The path of a file in a model's folder, by the name that a bill of materials gives it: whoever wrote that may have written
 * anything. A backslash parts folders, too, because on Windows it does.
 * @returns null where the name leads out of the folder, or is none.
 */
export function modelPath(named: string): string | null {
  const parts = named.split(/[\\/]/).filter((part) => part !== '' && part !== '.');
  if (parts.length === 0 || parts.includes('..') || /^[a-z]:/i.test(named) || named.includes('\0')) return null;
  return /^[\\/]/.test(named) ? null : named;
}
