/** One element of ASN.1 DER (ITU-T X.690): as much of it as certificates need. */
export interface DerElement {
  /** The identifier octet, such as 0x30 for a sequence. */
  tag: number;
  content: Buffer;
  /** With its header. */
  whole: Buffer;
}

/** @throws {RangeError} when the bytes are no DER. */
export function readDer(bytes: Buffer): DerElement {
  const [first] = elements(bytes, 1);
  if (!first) throw new RangeError('no DER element');
  return first;
}

/** What stands in a constructed element, in order. @throws {RangeError} */
export function childrenOf({ content }: DerElement): DerElement[] {
  return elements(content, Number.MAX_SAFE_INTEGER);
}

function elements(bytes: Buffer, most: number): DerElement[] {
  const found: DerElement[] = [];
  for (let at = 0; at < bytes.length && found.length < most;) {
    const tag = bytes.readUInt8(at);
    const { start, length } = lengthAt(bytes, at + 1);
    const end = start + length;
    if (end > bytes.length) throw new RangeError('a DER element is longer than what holds it');
    found.push({ tag, content: bytes.subarray(start, end), whole: bytes.subarray(at, end) });
    at = end;
  }
  return found;
}

function lengthAt(bytes: Buffer, at: number): { start: number; length: number } {
  const first = bytes.readUInt8(at);
  if (first < 0x80) return { start: at + 1, length: first };
  const size = first & 0x7f;
  if (size === 0 || size > 4) throw new RangeError('a DER length of no definite size');
  return { start: at + 1 + size, length: bytes.readUIntBE(at + 1, size) };
}

/** An object identifier in dotted form. */
export function objectIdentifier({ content }: DerElement): string {
  const numbers: number[] = [];
  let value = 0;
  for (const byte of content) {
    value = value * 128 + (byte & 0x7f);
    if (byte >= 0x80) continue;
    numbers.push(value);
    value = 0;
  }
  const [first = 0, ...rest] = numbers;
  const root = Math.min(2, Math.floor(first / 40));
  return [root, first - root * 40, ...rest].join('.');
}

/**
 * A UTCTime or GeneralizedTime. Source: RFC 5280, section 4.1.2.5: both in UTC with seconds; two-digit years are 1950 to 2049.
 * @returns milliseconds since 1970. @throws {RangeError}
 */
export function derTime({ tag, content }: DerElement): number {
  const text = content.toString('latin1');
  const long = tag === 0x17 ? `${Number(text.slice(0, 2)) < 50 ? '20' : '19'}${text}` : text;
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(long);
  const time = match
    ? Date.parse(`${match[1]}-${match[2]}-${match[3]}T${match[4]}:${match[5]}:${match[6]}Z`)
    : Number.NaN;
  if (Number.isNaN(time)) throw new RangeError('a time that is none');
  return time;
}
