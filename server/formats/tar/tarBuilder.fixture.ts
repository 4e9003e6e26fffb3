/** One member of a test archive. */
export interface BuildTarEntry {
  name: string;
  data?: Uint8Array | string;
  /** Default `0`, a regular file. */
  type?: string;
  link?: string;
  /** What the size field says where it differs from the data. */
  size?: string;
}

const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, '0')}\0`;

/** One ustar header and its padded data. */
export function buildTarEntry({ name, data = '', type = '0', link = '', size }: BuildTarEntry): Uint8Array {
  const content = typeof data === 'string' ? Buffer.from(data) : Buffer.from(data);
  const header = Buffer.alloc(512);
  header.write(name.slice(0, 100), 0);
  header.write(octal(0o644, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  header.write(size ?? octal(content.length, 11), 124, 'latin1');
  header.write(octal(0, 11), 136);
  header.write('        ', 148);
  header.write(type, 156);
  header.write(link, 157);
  header.write('ustar\x0000', 257);
  header.write(
    `${header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  );
  return Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}

/** A whole archive with its end mark. */
export const buildTar = (entries: BuildTarEntry[]): Uint8Array =>
  new Uint8Array(Buffer.concat([...entries.map(buildTarEntry), Buffer.alloc(1024)]));
