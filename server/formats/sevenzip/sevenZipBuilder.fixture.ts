/** What a 7z archive is made of. */
interface Build {
  files: { name: string; data: Uint8Array }[];
  /** Method id in hexadecimal; the content is stored as `packed` says. */
  method?: string;
  packed?: (data: Uint8Array) => Uint8Array;
  /** Wraps the header once more, as 7-Zip does. */
  encodedHeader?: boolean;
}

const u64 = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
};
/** Numbers of 7z: seven bits in one byte, or a mark and eight bytes. */
const number = (value: number): Buffer =>
  value < 128 ? Buffer.from([value]) : Buffer.concat([Buffer.from([0xff]), u64(value)]);
const bytes = (...parts: (number | Uint8Array)[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === 'number' ? Buffer.from([part]) : part)));

const streams = (at: number, packed: number, sizes: number[], method: string): Buffer => {
  const id = Buffer.from(method, 'hex');
  const total = sizes.reduce((sum, size) => sum + size, 0);
  return bytes(
    bytes(6, number(at), 1, 9, number(packed), 0),
    bytes(7, 0x0b, 1, 0, 1, id.length, id, 0x0c, number(total), 0),
    bytes(8, 0x0d, number(sizes.length), 9, ...sizes.slice(0, -1).map(number), 0),
    0,
  );
};

/** A 7z archive of one folder. Source: DOC/7zFormat.txt of the LZMA SDK. */
export function buildSevenZip({
  files,
  method = '00',
  packed = (data) => data,
  encodedHeader = false,
}: Build): Uint8Array {
  const content = packed(Buffer.concat(files.map(({ data }) => data)));
  const names = bytes(0, ...files.map(({ name }) => Buffer.from(`${name}\0`, 'utf16le')));
  const list = bytes(5, number(files.length), 0x11, number(names.length), names, 0);
  const sizes = files.map(({ data }) => data.length);
  const header = bytes(1, 4, streams(0, content.length, sizes, method), list, 0);
  const stored = encodedHeader ? Buffer.concat([content, header]) : content;
  const last = encodedHeader ? bytes(0x17, streams(content.length, header.length, [header.length], '00')) : header;
  const start = Buffer.concat([u64(stored.length), u64(last.length), Buffer.alloc(4)]);
  const signature = [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c, 0, 4, 0, 0, 0, 0];
  return new Uint8Array(Buffer.concat([Buffer.from(signature), start, stored, last]));
}
