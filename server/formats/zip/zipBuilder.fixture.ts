import { deflateRawSync } from 'node:zlib';
import { crc32 } from '../compression/crc32.ts';

/** One member of a test archive. Everything but name and data has an honest default that a test may falsify. */
export interface BuildEntry {
  name: string;
  data?: Uint8Array | string;
  /** 0 stored (default), 8 deflated; any other number is written as it stands over stored data. */
  method?: number;
  /** Default 0x800 (UTF-8 names). Bit 0x8 writes zero sizes and a data descriptor, as PyTorch does. */
  flags?: number;
  crc?: number;
  extra?: Uint8Array;
  /** What the central directory says where it differs. */
  central?: Partial<{ name: string; method: number; flags: number; crc: number; compressedSize: number; size: number }>;
  /** What the local header says where it differs. */
  local?: Partial<{ name: string; method: number; flags: number; crc: number; compressedSize: number; size: number }>;
  /** A symbolic link, as Info-ZIP and Python write it; `data` is where it points to. */
  link?: boolean;
  /** Leaves the entry out of the central directory. */
  localOnly?: boolean;
}

export interface BuildOptions {
  /** Bytes before the archive; recorded offsets count from its end unless `absoluteOffsets`. */
  prefix?: Uint8Array;
  absoluteOffsets?: boolean;
  suffix?: Uint8Array;
  comment?: Uint8Array;
  noCentralDirectory?: boolean;
  noEndRecord?: boolean;
  zip64?: boolean;
}

const record = (size: number, write: (view: DataView) => void): Uint8Array => {
  const bytes = new Uint8Array(size);
  write(new DataView(bytes.buffer));
  return bytes;
};

/** Writes a ZIP archive (APPNOTE.TXT 6.3.10, section 4.3) in memory. */
export function buildZip(entries: BuildEntry[], options: BuildOptions = {}): Uint8Array {
  const chunks: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  const prefix = options.prefix ?? new Uint8Array(0);
  let at = prefix.length;
  const push = (bytes: Uint8Array): void => {
    chunks.push(bytes);
    at += bytes.length;
  };
  push(prefix);
  at = prefix.length;
  const base = options.absoluteOffsets ? 0 : prefix.length;

  for (const entry of entries) {
    const data = typeof entry.data === 'string' ? Buffer.from(entry.data) : (entry.data ?? new Uint8Array(0));
    const method = entry.method ?? 0;
    const flags = entry.flags ?? 0x800;
    const stored = method === 8 ? new Uint8Array(deflateRawSync(data)) : data;
    const crc = entry.crc ?? crc32(data);
    const described = (flags & 8) !== 0;
    const truth = { name: entry.name, method, flags, crc, compressedSize: stored.length, size: data.length };
    const local = { ...truth, ...(described ? { crc: 0, compressedSize: 0, size: 0 } : {}), ...entry.local };
    const central = { ...truth, ...entry.central };
    const offset = at - base;
    const localName = Buffer.from(local.name);
    const extra = entry.extra ?? new Uint8Array(0);
    push(
      record(30, (view) => {
        view.setUint32(0, 0x04034b50, true);
        view.setUint16(4, 20, true);
        view.setUint16(6, local.flags, true);
        view.setUint16(8, local.method, true);
        view.setUint32(14, local.crc, true);
        view.setUint32(18, local.compressedSize, true);
        view.setUint32(22, local.size, true);
        view.setUint16(26, localName.length, true);
        view.setUint16(28, extra.length, true);
      }),
    );
    push(localName);
    push(extra);
    push(stored);
    if (described) {
      push(
        record(16, (view) => {
          view.setUint32(0, 0x08074b50, true);
          view.setUint32(4, crc, true);
          view.setUint32(8, stored.length, true);
          view.setUint32(12, data.length, true);
        }),
      );
    }
    if (entry.localOnly) continue;
    const name = Buffer.from(central.name);
    const wide = options.zip64
      ? record(28, (view) => {
          view.setUint16(0, 1, true);
          view.setUint16(2, 24, true);
          view.setBigUint64(4, BigInt(central.size), true);
          view.setBigUint64(12, BigInt(central.compressedSize), true);
          view.setBigUint64(20, BigInt(offset), true);
        })
      : new Uint8Array(0);
    directory.push(
      record(46, (view) => {
        view.setUint32(0, 0x02014b50, true);
        view.setUint16(4, entry.link ? 0x0314 : 20, true);
        view.setUint16(6, 20, true);
        view.setUint16(8, central.flags, true);
        view.setUint32(38, entry.link ? 0xa1ff0000 : 0, true);
        view.setUint16(10, central.method, true);
        view.setUint32(16, central.crc, true);
        view.setUint32(20, options.zip64 ? 0xffffffff : central.compressedSize, true);
        view.setUint32(24, options.zip64 ? 0xffffffff : central.size, true);
        view.setUint16(28, name.length, true);
        view.setUint16(30, wide.length, true);
        view.setUint32(42, options.zip64 ? 0xffffffff : offset, true);
      }),
      name,
      wide,
    );
  }

  const directoryAt = at - base;
  if (!options.noCentralDirectory) {
    for (const bytes of directory) push(bytes);
    const directorySize = at - base - directoryAt;
    const count = entries.filter((entry) => !entry.localOnly).length;
    if (!options.noEndRecord) {
      if (options.zip64) pushZip64End(push, at - base, count, directorySize, directoryAt);
      const comment = options.comment ?? new Uint8Array(0);
      push(
        record(22, (view) => {
          view.setUint32(0, 0x06054b50, true);
          view.setUint16(8, count, true);
          view.setUint16(10, count, true);
          view.setUint32(12, options.zip64 ? 0xffffffff : directorySize, true);
          view.setUint32(16, options.zip64 ? 0xffffffff : directoryAt, true);
          view.setUint16(20, comment.length, true);
        }),
      );
      push(comment);
    }
  }
  if (options.suffix) push(options.suffix);
  return new Uint8Array(Buffer.concat(chunks));
}

function pushZip64End(
  push: (bytes: Uint8Array) => void,
  at: number,
  count: number,
  directorySize: number,
  directoryAt: number,
): void {
  push(
    record(56, (view) => {
      view.setUint32(0, 0x06064b50, true);
      view.setBigUint64(4, 44n, true);
      view.setUint16(12, 45, true);
      view.setUint16(14, 45, true);
      view.setBigUint64(24, BigInt(count), true);
      view.setBigUint64(32, BigInt(count), true);
      view.setBigUint64(40, BigInt(directorySize), true);
      view.setBigUint64(48, BigInt(directoryAt), true);
    }),
  );
  push(
    record(20, (view) => {
      view.setUint32(0, 0x07064b50, true);
      view.setBigUint64(8, BigInt(at), true);
      view.setUint32(16, 1, true);
    }),
  );
}
