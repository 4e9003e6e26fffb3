import type { ArchiveAnomaly } from '../facts.ts';
import { escapes } from '../escapingName.ts';
import type { ZipEntry } from './directory.ts';

/** Traditional encryption, patch data or strong encryption (APPNOTE.TXT section 4.4.4, bits 0, 5 and 6). */
export const encryptedFlags = 0x61;

/** Methods that `openZipEntry` expands: stored, deflate, bzip2, LZMA, Zstandard, xz. */
export const knownMethods = new Set([0, 8, 12, 14, 93, 95]);

/** What one entry's own description, or two entries' names together, show. */
export function entryAnomalies(entries: ZipEntry[]): ArchiveAnomaly[] {
  const anomalies: ArchiveAnomaly[] = [];
  const names = new Map<string, ZipEntry>();
  for (const entry of entries) {
    const add = (code: ArchiveAnomaly['code'], message: string): void => {
      anomalies.push({ code, name: entry.name, offset: entry.offset, message });
    };
    const escape = escapes(entry.name);
    if (escape) add('escaping-name', `an entry ${escape}`);
    if (entry.flags & encryptedFlags && !(entry.twin && entry.inLocal))
      add('encrypted-flag', 'an entry is flagged as encrypted');
    if (!knownMethods.has(entry.method)) add('unknown-method', `an entry uses compression method ${entry.method}`);
    // PyTorch's miniz looks names up without regard to case (mz_zip_reader_locate_file with flags 0).
    const folded = entry.name.toLowerCase();
    const other = names.get(folded);
    if (!other) names.set(folded, entry);
    else if (other.offset !== entry.offset) {
      const same = other.name === entry.name ? 'the name' : 'the name, but for its case,';
      add('duplicate-name', `an entry has ${same} of an earlier entry; readers disagree about which one counts`);
    }
  }
  return anomalies;
}

/** Entries that share bytes: how a small archive expands without end (D. Fifield, "A better zip bomb", WOOT 2019). */
export function overlapAnomaly(entries: ZipEntry[]): ArchiveAnomaly | null {
  let end = 0;
  let offset = -1;
  for (const entry of entries) {
    if (entry.offset < end && entry.offset !== offset) {
      const message = 'an entry overlaps the data of an earlier entry';
      return { code: 'bomb', name: entry.name, offset: entry.offset, message };
    }
    offset = entry.offset;
    end = Math.max(end, entry.dataOffset + entry.compressedSize);
  }
  return null;
}
