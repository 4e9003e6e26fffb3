/**
 * Names on POSIX systems are bytes, and need not be UTF-8. A byte that is no part of UTF-8 stands in our paths as a lone
 * surrogate, U+DC80 to U+DCFF, as Python has it (PEP 383): two such names stay two, and each finds its file again.
 */
const stray = /[\uDC80-\uDCFF]/;

/** A path as the operating system must be given it. */
export function onDisk(path: string): string | Buffer {
  if (!stray.test(path)) return path;
  const pieces = path.split(/([\uDC80-\uDCFF])/);
  return Buffer.concat(
    pieces.map((piece, index) => (index % 2 === 1 ? Buffer.from([piece.charCodeAt(0) & 0xff]) : Buffer.from(piece))),
  );
}

/** The name that these bytes are, with a lone surrogate for each byte that is no part of UTF-8. */
export function nameOf(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  if (!text.includes('\uFFFD') || Buffer.from(text).equals(bytes)) return text;
  let name = '';
  for (let at = 0; at < bytes.length;) {
    const length = lengthOfCharacter(bytes, at);
    name += length === 0 ? String.fromCharCode(0xdc00 | (bytes[at] ?? 0)) : bytes.toString('utf8', at, at + length);
    at += Math.max(length, 1);
  }
  return name;
}

/** Text for readers that take no lone surrogates: `\xff` for such a byte, `\u{d800}` for any other. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Cs}/gu, (unit) => {
    const code = unit.charCodeAt(0);
    return stray.test(unit) ? `\\x${(code & 0xff).toString(16)}` : `\\u{${code.toString(16)}}`;
  });
}

/** A path with `/` as part of an address (RFC 3986): bytes that are no UTF-8 are percent-encoded as they are. */
export function percentEncoded(path: string): string {
  return path.replace(/\p{Cs}|[^/\p{Cs}]+/gu, (piece) =>
    stray.test(piece)
      ? `%${(piece.charCodeAt(0) & 0xff).toString(16).toUpperCase()}`
      : encodeURIComponent(wellFormed(piece)),
  );
}

/** Bytes of the UTF-8 character that starts here; 0 for a byte that starts none. */
function lengthOfCharacter(bytes: Buffer, at: number): number {
  const lead = bytes[at] ?? 0;
  if (lead < 0x80) return 1;
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  const character = bytes.subarray(at, at + length);
  return Buffer.from(character.toString('utf8')).equals(character) ? length : 0;
}
