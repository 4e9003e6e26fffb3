/** Characters that a reader does not see as what they are. */
export interface HiddenCharacters {
  kind: 'bidirectional' | 'invisible' | 'tag' | 'variation-selectors' | 'mixed-scripts';
  /** 0-based, in UTF-16 units of the field's text. */
  at: number;
  /** UTF-16 units. */
  length: number;
  /** What stands there: `U+202E`, or for a word of two scripts the names of them. */
  what: string;
}

/** A quick look that nearly every text passes. */
const suspect =
  /[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\u{e0000}-\u{e01ef}]|[^\p{ASCII}]\p{ASCII}|\p{ASCII}[^\p{ASCII}]/u;
const special =
  /(?<bidirectional>[\u202a-\u202e\u2066-\u2069])|(?<invisible>[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200d\u2060-\u2064\u3164\ufeff\uffa0])|(?<tag>[\u{e0000}-\u{e007f}]+)|(?<variation>[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]{4,})/gu;
const word = /[\p{L}\p{M}]{2,}/gu;
/** Scripts whose letters are taken for one another. */
const lookalikes = [
  ['Latin', /\p{Script=Latin}/u],
  ['Cyrillic', /\p{Script=Cyrillic}/u],
  ['Greek', /\p{Script=Greek}/u],
  ['Armenian', /\p{Script=Armenian}/u],
  ['Cherokee', /\p{Script=Cherokee}/u],
] as const;
/** Scripts whose words are joined and parted by characters that have no look of their own, and emoji sequences. */
const joins =
  /[\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Tamil}\p{Script=Malayalam}\p{Script=Kannada}\p{Script=Telugu}\p{Script=Sinhala}\p{Script=Khmer}\p{Script=Myanmar}\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f]/u;

const most = 20;

/**
 * Invisible and bidirectional characters, tags (text that only a machine reads), runs of variation selectors (bytes hidden
 * behind one emoji), and words of letters of two scripts (Unicode Technical Standard 39, moderately restrictive).
 */
export function hiddenCharacters(text: string): HiddenCharacters[] {
  if (!suspect.test(text)) return [];
  const found: HiddenCharacters[] = [];
  for (const match of text.matchAll(special)) {
    if (found.length >= most) return found;
    const { bidirectional, tag, variation } = match.groups ?? {};
    const kind = bidirectional
      ? 'bidirectional'
      : tag
        ? 'tag'
        : variation
          ? 'variation-selectors'
          : isHarmless(text, match.index)
            ? null
            : 'invisible';
    if (kind !== null) found.push({ kind, at: match.index, length: match[0].length, what: codePoint(match[0]) });
  }
  for (const match of text.matchAll(word)) {
    if (found.length >= most) break;
    const scripts = lookalikes.filter(([, letters]) => letters.test(match[0])).map(([name]) => name);
    if (scripts.length > 1 && !isUnit(match[0]))
      found.push({ kind: 'mixed-scripts', at: match.index, length: match[0].length, what: scripts.join(' and ') });
  }
  return found;
}

/** Joiners inside emoji and the scripts that need them, soft hyphens inside words, the mark at the beginning of a file. */
function isHarmless(text: string, at: number): boolean {
  const character = text[at] ?? '';
  if (character === '\ufeff') return at === 0;
  const before = [...text.slice(Math.max(0, at - 2), at)].at(-1) ?? '';
  if (character === '\u200c' || character === '\u200d') return joins.test(before);
  return character === '\u00ad' && /\p{L}/u.test(before) && /\p{L}/u.test(text[at + 1] ?? '');
}

/** `μm`, `Ωm`, `kΩ`: a Greek letter that is a unit or a quantity. */
function isUnit(word: string): boolean {
  return word.length <= 4 && /^[a-zA-Z]{0,3}[\u00b5\u0370-\u03ff][a-zA-Z]{0,3}$/u.test(word);
}

function codePoint(text: string): string {
  return `U+${(text.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
