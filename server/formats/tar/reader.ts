import type { Reader } from '../reader.ts';
import { SliceSource } from '../source.ts';
import { readTarEntries } from './entries.ts';
import { SparseSource } from './sparse.ts';

export { looksLikeTar } from './header.ts';

/** Reads a tar archive: its list as facts, then every file in it, and what stands after it. */
export const readTar: Reader = (source, context) => {
  const { entries, anomalies, problems, end } = readTarEntries(source, context.budget);
  context.add({
    kind: 'archive',
    entry: context.entry,
    format: 'tar',
    entries: entries.map(({ name, offset, dataOffset, compressedSize, size, method }) => ({
      name,
      offset,
      dataOffset,
      compressedSize,
      size,
      method,
    })),
    anomalies,
  });
  for (const problem of problems) context.problem(problem);
  for (const entry of entries) {
    if (entry.sparse) {
      const { pieces, size, dataOffset } = entry.sparse;
      const packed = new SliceSource(source, dataOffset, entry.dataOffset + entry.size - dataOffset);
      if (size > 0) context.descend(new SparseSource(packed, pieces, size), entry.name, 'tar');
      continue;
    }
    if (entry.kind === 'sparse') {
      const message = `the map of a sparse entry makes no sense, and it is read as it is stored (${JSON.stringify(entry.name.slice(0, 200))})`;
      context.problem({ code: 'unsupported', offset: entry.offset, message, incomplete: true });
    }
    if ((entry.kind !== 'file' && entry.kind !== 'sparse') || entry.size === 0) continue;
    context.descend(new SliceSource(source, entry.dataOffset, entry.size), entry.name, 'tar');
  }
  if (end < source.size) context.descend(new SliceSource(source, end, source.size - end), '(after the archive)', 'tar');
};
