import type { ArchiveAnomaly } from '../facts.ts';
import type { Reader } from '../reader.ts';
import { SliceSource, type ByteSource } from '../source.ts';
import { expand } from './expand.ts';
import { bzip2, gzip, lz4, lzma, xz, zlib, zstd, type StreamFormat } from './streams.ts';

/** The name under which expanded content is inspected: the format gives it none that could be relied upon. */
const contentName = 'content';

/** How far zero bytes behind a stream are taken for padding, in bytes. */
const paddingSearched = 1 << 20;

/**
 * A reader of one compressed format: expands all streams of the file as one content and descends into it. What was
 * expanded before a break or a limit is inspected, too.
 */
function compressedReader(stream: StreamFormat): Reader {
  const { format } = stream;
  return (source, context) => {
    const anomalies: ArchiveAnomaly[] = [];
    const expanded = expand(source, context.budget, (input, output, state) => {
      let from = state;
      do {
        const offset = input.position;
        const good = stream.decode(input, output, from);
        from = undefined;
        if (!good && anomalies.length === 0 && !output.again) {
          const message = 'the content does not have the checksum that is recorded for it';
          anomalies.push({ code: 'bad-crc', name: contentName, offset, message });
        }
      } while (!input.atEnd && stream.begins(source, input.position));
    });
    const { content, stop } = expanded;
    if (stop) {
      context.problem({ code: stop.code, offset: expanded.end, message: stop.message, incomplete: true });
      if (stop.code === 'limit-ratio') {
        const message = 'the content expands far beyond its compressed size';
        anomalies.push({ code: 'bomb', name: contentName, offset: 0, message });
      }
    }
    const end = stop ? source.size : skipZeros(source, expanded.end);
    if (end < source.size) {
      const message = `${source.size - end} bytes stand after the compressed content`;
      anomalies.push({ code: 'trailing-data', name: '', offset: end, message });
    }
    context.add({
      kind: 'archive',
      entry: context.entry,
      format,
      entries: [{ name: contentName, offset: 0, dataOffset: 0, compressedSize: end, size: content.size, method: 0 }],
      anomalies,
    });
    if (content.size > 0) context.descend(content, contentName, format);
    if (end < source.size) {
      context.descend(new SliceSource(source, end, source.size - end), '(after the content)', format);
    }
  };
}

/** gzip and xz allow zero bytes behind a stream. Others do not, and nobody minds. */
function skipZeros(source: ByteSource, from: number): number {
  const padding = source.read(from, Math.min(paddingSearched, source.size - from));
  const other = padding.findIndex((byte) => byte !== 0);
  return other < 0 ? Math.min(source.size, from + padding.length) : from + other;
}

export const readGzip = compressedReader(gzip);
export const readZlib = compressedReader(zlib);
export const readBzip2 = compressedReader(bzip2);
export const readXz = compressedReader(xz);
export const readLz4 = compressedReader(lz4);
export const readZstd = compressedReader(zstd);
export const readLzma = compressedReader(lzma);
