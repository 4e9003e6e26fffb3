import type { ByteSource } from '../source.ts';

/*
 * The records of a ZIP file (APPNOTE.TXT 6.3.10, section 4.3), as they are written: nothing is believed or repaired here.
 */

export const localSignature = 0x04034b50;
export const centralSignature = 0x02014b50;
export const endSignature = 0x06054b50;
export const descriptorSignature = 0x08074b50;
const zip64EndSignature = 0x06064b50;
const zip64LocatorSignature = 0x07064b50;

/** The flag that says: sizes and CRC follow the data. */
export const describedFlag = 0x8;

/** What a local header or a central record says of an entry. Sizes are in bytes. */
export interface EntryRecord {
  name: string;
  flags: number;
  method: number;
  crc32: number;
  compressedSize: number;
  size: number;
  /** True when a number is above 2^53, which no file can hold. */
  absurd: boolean;
}

export interface LocalHeader extends EntryRecord {
  offset: number;
  dataOffset: number;
}

export interface CentralRecord extends EntryRecord {
  /** As recorded, before any prefix is taken into account. */
  localOffset: number;
  /** Bytes from this record to the next. */
  length: number;
  /** True for a symbolic link, whose content is where it points to. */
  link: boolean;
}

/** Unix, as the upper byte of "version made by", and the file type in the upper half of the external attributes. */
const madeByUnix = 3;
const fileType = 0xf000;
const symbolicLink = 0xa000;

export interface EndRecord {
  offset: number;
  /** The first byte after the record and its comment, or the end of the file when the comment is said to be longer. */
  end: number;
  directorySize: number;
  directoryOffset: number;
  /** Where the directory's bytes must stop: at the ZIP64 end record when there is one, otherwise at this record. */
  directoryEnd: number;
  absurd: boolean;
}

export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export function readSignature(source: ByteSource, position: number): number {
  const bytes = source.read(position, 4);
  return bytes.length < 4 ? 0 : viewOf(bytes).getUint32(0, true);
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Names are UTF-8 when they can be, otherwise one character a byte. */
function decodeName(bytes: Uint8Array): string {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return Buffer.from(bytes).toString('latin1');
  }
}

interface Wide {
  value: number;
  absurd: boolean;
}

function wide(view: DataView, at: number): Wide {
  const value = view.getBigUint64(at, true);
  const absurd = value > BigInt(Number.MAX_SAFE_INTEGER);
  return { value: absurd ? Number.MAX_SAFE_INTEGER : Number(value), absurd };
}

/** Puts the ZIP64 extra field's numbers where the short ones are all ones (section 4.5.3), in their fixed order. */
function widen(extra: Uint8Array, fields: number[]): { values: number[]; absurd: boolean } {
  const values = [...fields];
  let absurd = false;
  const view = viewOf(extra);
  for (let at = 0; at + 4 <= extra.length;) {
    const length = view.getUint16(at + 2, true);
    const end = Math.min(extra.length, at + 4 + length);
    if (view.getUint16(at, true) === 1) {
      let from = at + 4;
      for (let field = 0; field < values.length && from + 8 <= end; field++) {
        if (values[field] !== 0xffffffff) continue;
        const number = wide(view, from);
        values[field] = number.value;
        absurd ||= number.absurd;
        from += 8;
      }
      break;
    }
    at = end;
  }
  return { values, absurd };
}

/** The local header at `position`, or null when there is none. */
export function readLocalHeader(source: ByteSource, position: number): LocalHeader | null {
  const fixed = source.read(position, 30);
  if (fixed.length < 30) return null;
  const view = viewOf(fixed);
  if (view.getUint32(0, true) !== localSignature) return null;
  const flags = view.getUint16(6, true);
  const method = view.getUint16(8, true);
  const crc32 = view.getUint32(14, true);
  const sizes = [view.getUint32(22, true), view.getUint32(18, true)];
  const nameLength = view.getUint16(26, true);
  const extraLength = view.getUint16(28, true);
  const rest = source.read(position + 30, nameLength + extraLength);
  const { values, absurd } = widen(rest.subarray(nameLength), sizes);
  return {
    name: decodeName(rest.subarray(0, nameLength)),
    flags,
    method,
    crc32,
    size: values[0]!,
    compressedSize: values[1]!,
    absurd,
    offset: position,
    dataOffset: position + 30 + nameLength + extraLength,
  };
}

/** The central directory record at `position`, or null when there is none. */
export function readCentralRecord(source: ByteSource, position: number): CentralRecord | null {
  const fixed = source.read(position, 46);
  if (fixed.length < 46) return null;
  const view = viewOf(fixed);
  if (view.getUint32(0, true) !== centralSignature) return null;
  const flags = view.getUint16(8, true);
  const method = view.getUint16(10, true);
  const crc32 = view.getUint32(16, true);
  const fields = [view.getUint32(24, true), view.getUint32(20, true), view.getUint32(42, true)];
  const nameLength = view.getUint16(28, true);
  const extraLength = view.getUint16(30, true);
  const length = 46 + nameLength + extraLength + view.getUint16(32, true);
  const rest = source.read(position + 46, nameLength + extraLength);
  const { values, absurd } = widen(rest.subarray(nameLength), fields);
  return {
    name: decodeName(rest.subarray(0, nameLength)),
    flags,
    method,
    crc32,
    size: values[0]!,
    compressedSize: values[1]!,
    localOffset: values[2]!,
    absurd,
    length,
    link: fixed[5] === madeByUnix && (view.getUint16(40, true) & fileType) === symbolicLink,
  };
}

/** The end-of-central-directory record at `position`, with its ZIP64 twin when it has one; null when there is none. */
export function readEndRecord(source: ByteSource, position: number): EndRecord | null {
  const fixed = source.read(position, 22);
  if (fixed.length < 22) return null;
  const view = viewOf(fixed);
  if (view.getUint32(0, true) !== endSignature) return null;
  const record: EndRecord = {
    offset: position,
    end: Math.min(source.size, position + 22 + view.getUint16(20, true)),
    directorySize: view.getUint32(12, true),
    directoryOffset: view.getUint32(16, true),
    directoryEnd: position,
    absurd: false,
  };
  return readZip64(source, record);
}

function readZip64(source: ByteSource, record: EndRecord): EndRecord {
  const at = record.offset - 20;
  if (at < 0 || readSignature(source, at) !== zip64LocatorSignature) return record;
  const recorded = wide(viewOf(source.read(at, 20)), 8);
  // After a prefix the recorded offset is wrong; readers then look right before the locator, where writers put it.
  for (const position of [recorded.value, at - 56]) {
    if (position < 0 || readSignature(source, position) !== zip64EndSignature) continue;
    const fixed = source.read(position, 56);
    if (fixed.length < 56) continue;
    const view = viewOf(fixed);
    const size = wide(view, 40);
    const offset = wide(view, 48);
    return {
      ...record,
      directorySize: size.value,
      directoryOffset: offset.value,
      directoryEnd: position,
      absurd: size.absurd || offset.absurd,
    };
  }
  return record;
}
