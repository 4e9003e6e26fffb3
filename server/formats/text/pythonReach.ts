/** A remark, a string, or a bracket; a string that is not closed ends with its line, and one of three quotes with the text. */
const lexeme = /#[^\n]*|("""|''')(?:\\[^]|(?!\1)[^\\])*(\1)?|(["'])(?:\\[^]|(?!\3)[^\\\n])*\3?|[()[\]{}]/g;

const closes: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };

/**
 * Brackets of a part of a Python text that are opened or closed somewhere else, in their order. What has none, and is broken by
 * itself, is broken wherever it stands.
 * @returns null where it ends in a string of three quotes: what follows is part of that.
 */
export function unmatchedBrackets(part: string): string | null {
  const unmatched: string[] = [];
  for (const [found, , end, quote] of part.matchAll(lexeme)) {
    if (quote !== undefined || found.startsWith('#')) continue;
    if (found.length > 1) {
      if (end === undefined) return null;
    } else if (closes[found] !== undefined && unmatched.at(-1) === closes[found]) unmatched.pop();
    else unmatched.push(found);
  }
  return unmatched.join('');
}
