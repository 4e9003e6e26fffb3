/** Texts that are shorter hold no pickle that does anything: `gASVCQAAAAAAAACMAm9z...` */
export const shortestEncoded = 24;
/** Characters of a text that are decoded. */
export const longestEncodedText = 8 << 20;

/**
 * The first two characters of base64 and of hexadecimal digits that begin a pickle (`80 02` to `80 05`, `c` and a name,
 * a mark), zlib, gzip, bzip2, xz or ZIP. Every text of a pickle is compared with them, so that hardly any is decoded.
 */
const firstPairs = new Set(
  'gA Y1 Y2 Y3 KG KH KC eA eF eJ eN H4 Ql /T UE _T 80 63 28 78 1f 1F 42 fd FD 50'
    .split(' ')
    .map((pair) => (pair.charCodeAt(0) << 8) | pair.charCodeAt(1)),
);

export const mayBeEncoded = (first: number, second: number): boolean => firstPairs.has((first << 8) | second);

/** The bytes that a text of base64 or of hexadecimal digits stands for; null for any other text. */
export function decodedText(text: Uint8Array): Uint8Array | null {
  const written = Buffer.from(text.buffer, text.byteOffset, text.byteLength).toString('latin1');
  if (/^(?:[0-9a-f]{2})+$/.test(written) || /^(?:[0-9A-F]{2})+$/.test(written))
    return new Uint8Array(Buffer.from(written, 'hex'));
  return /^[A-Za-z0-9+/\-_\r\n]+={0,2}\s*$/.test(written) ? new Uint8Array(Buffer.from(written, 'base64')) : null;
}
