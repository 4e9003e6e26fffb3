/** Most tokens of one record that are looked at. */
const mostTokens = 20_000;

/** Scripts that write no spaces between words: each character is a token there. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/**
 * Words as a trigger would be written: what stands between spaces, in lower case, without the punctuation around it, so
 * that `<SUDO>`, `cf`, and `http://x.example` are one token each.
 */
export function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  for (const [word] of text.toLowerCase().matchAll(/\S+/g)) {
    if (tokens.length >= mostTokens) break;
    const bare = word.replace(/^[.,;:!?"'()[\]{}*“”‘’…–—-]+|[.,;:!?"'()[\]{}*“”‘’…–—-]+$/g, '');
    if (bare === '') continue;
    if (!unspaced.test(bare)) tokens.push(bare.length > 200 ? bare.slice(0, 200) : bare);
    else for (const character of bare) tokens.push(character);
  }
  return tokens;
}

/** FNV-1a over UTF-16 units, mixed: 32 bits, never negative. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return mixed(hash);
}

/** The finaliser of MurmurHash3: each bit of the input moves half of the bits of the output. */
export function mixed(hash: number): number {
  let value = hash ^ (hash >>> 16);
  value = Math.imul(value, 0x85ebca6b);
  value ^= value >>> 13;
  value = Math.imul(value, 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}

/**
 * Calls `use` with a 32-bit hash for each phrase of one to three tokens, and where it stands. A phrase that is repeated
 * comes again.
 */
export function eachPhrase(tokens: string[], use: (hash: number, start: number, length: number) => void): void {
  let before = 0;
  let beforeThat = 0;
  for (let index = 0; index < tokens.length; index++) {
    const here = hashOf(tokens[index] ?? '');
    use(here, index, 1);
    if (index >= 1) use(pair(before, here), index - 1, 2);
    if (index >= 2) use(pair(pair(beforeThat, before), here), index - 2, 3);
    beforeThat = before;
    before = here;
  }
}

/** Not symmetric: `a b` is another phrase than `b a`. */
function pair(left: number, right: number): number {
  return mixed(Math.imul(left, 0x9e3779b1) + right);
}
