/** Characters of a text with escapes, in runs that stand there as they are; an escape is a run of its own. */
export interface EscapedRun {
  characters: string;
  /** Where it stands. */
  at: number;
  /** What one character of it takes up there. */
  width: number;
}

const shortEscapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' };

/** The characters of a JSON string. @param from behind its opening quote. @param to before its closing one. */
export function* unescaped(json: string, from: number, to: number): Generator<EscapedRun> {
  let at = from;
  while (at < to) {
    const slash = json.indexOf('\\', at);
    const end = slash < 0 || slash >= to ? to : slash;
    if (end > at) yield { characters: json.slice(at, end), at, width: 1 };
    if (end === to) return;
    const code = json[end + 1] ?? '';
    const isHex = code === 'u';
    const hex = parseInt(json.slice(end + 2, end + 6), 16);
    const width = isHex ? 6 : 2;
    const character = isHex ? String.fromCharCode(Number.isNaN(hex) ? 0xfffd : hex) : (shortEscapes[code] ?? code);
    yield { characters: character, at: end, width };
    at = end + width;
  }
}
