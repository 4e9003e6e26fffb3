import { StreamStop } from '../compression/expansion.ts';
import { escapes } from '../escapingName.ts';
import type { ArchiveFacts } from '../facts.ts';
import type { ReadContext, Reader } from '../reader.ts';
import { SliceSource, type ByteSource } from '../source.ts';
import { HeaderParser, type Folder, type SevenZipHeader } from './header.ts';
import { unpackFolder } from './unpack.ts';

/** Bytes of a header that are read. */
const longestHeader = 16 << 20;
/** Headers may be packed, and packed again. */
const mostEncodings = 4;

/** Reads a 7z archive: its list as facts, and every file in it. Source: DOC/7zFormat.txt of the LZMA SDK. */
export const readSevenZip: Reader = (source, context) => {
  const facts: ArchiveFacts = { kind: 'archive', entry: context.entry, format: '7z', entries: [], anomalies: [] };
  context.add(facts);
  try {
    readFolders(source, context, facts, readHeader(source, context));
  } catch (error) {
    if (!(error instanceof StreamStop)) throw error;
    context.problem({ code: error.code, offset: 0, message: error.message, incomplete: true });
  }
};

function readHeader(source: ByteSource, context: ReadContext): SevenZipHeader {
  const start = source.read(12, 16).slice();
  if (start.length < 16) throw new StreamStop('truncated', 'the 7z archive ends in its first header');
  const view = new DataView(start.buffer);
  const [offset, size] = [Number(view.getBigUint64(0, true)), Number(view.getBigUint64(8, true))];
  if (32 + offset + size > source.size) throw new StreamStop('truncated', 'the 7z archive ends before its header');
  if (size > longestHeader) throw new StreamStop('limit-memory', `the 7z header is longer than ${longestHeader} bytes`);
  let bytes: Uint8Array = Uint8Array.from(source.read(32 + offset, size));
  for (let encodings = 0; encodings <= mostEncodings; encodings++) {
    if (bytes.length === 0) return { folders: [], fileSizes: [], files: [] };
    const parser = new HeaderParser(bytes);
    const id = parser.byte();
    if (id === 1) return parser.header();
    const folder: Folder | undefined = id === 0x17 ? parser.streams().folders[0] : undefined;
    if (!folder) throw new StreamStop('malformed', 'the 7z header is none');
    const { content, stop } = unpackFolder(source, folder, context.budget);
    if (stop) throw stop;
    if (content.size > longestHeader) {
      throw new StreamStop('limit-memory', `the 7z header is longer than ${longestHeader} bytes`);
    }
    bytes = Uint8Array.from(content.read(0, content.size));
  }
  throw new StreamStop('limit-depth', 'the 7z header is packed too often');
}

function readFolders(source: ByteSource, context: ReadContext, facts: ArchiveFacts, header: SevenZipHeader): void {
  const files = header.files.filter(({ empty }) => !empty);
  const { entries, anomalies } = facts;
  let next = 0;
  const told = new Set<string>();
  for (const [index, folder] of header.folders.entries()) {
    const sizes = header.fileSizes[index] ?? [];
    const own = sizes.map((size) => {
      const name = files[next++]?.name ?? `file ${next}`;
      const offset = folder.position;
      entries.push({ name, offset, dataOffset: offset, compressedSize: folder.packSizes[0] ?? 0, size, method: 0 });
      const way = escapes(name);
      if (way !== null) anomalies.push({ code: 'escaping-name', name, offset, message: `an entry ${way}` });
      return { name, size };
    });
    if (context.budget.timeIsUp) throw new StreamStop('limit-time', 'the time for this file was used up');
    const { content, stop } = unpackFolder(source, folder, context.budget);
    if (stop && !told.has(stop.message)) {
      told.add(stop.message);
      context.problem({ code: stop.code, offset: folder.position, message: stop.message, incomplete: true });
      const name = own[0]?.name ?? '';
      const message = 'an entry expands far beyond its compressed size';
      if (stop.code === 'limit-ratio') anomalies.push({ code: 'bomb', name, offset: folder.position, message });
    }
    let at = 0;
    for (const { name, size } of own) {
      if (size > 0 && at < content.size) context.descend(new SliceSource(content, at, size), name, '7z');
      at += size;
    }
  }
}
