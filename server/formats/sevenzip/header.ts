import { StreamStop } from '../compression/expansion.ts';

/*
 * The header database of 7z. Source: DOC/7zFormat.txt of the LZMA SDK; names follow it.
 */

export interface Coder {
  /** Method id as hexadecimal digits: `030101` is LZMA. */
  method: string;
  properties: Uint8Array;
  inputs: number;
  outputs: number;
}

export interface Folder {
  coders: Coder[];
  /** Which input takes which output. */
  bonds: { input: number; output: number }[];
  unpackSizes: number[];
  /** Where its packed streams begin in the file, and their sizes. */
  position: number;
  packSizes: number[];
}

export interface SevenZipHeader {
  folders: Folder[];
  /** Sizes of the files in each folder. */
  fileSizes: number[][];
  /** Names of all files; those without content are `empty`. */
  files: { name: string; empty: boolean }[];
}

const broken = (what: string): StreamStop => new StreamStop('malformed', `the 7z header ${what}`);
/** Entries of any list in a header; the limit on entries of an archive is lower. */
const mostItems = 1_000_000;

const ids = {
  end: 0,
  archiveProperties: 2,
  additionalStreams: 3,
  mainStreams: 4,
  files: 5,
  packInfo: 6,
  unpackInfo: 7,
  subStreams: 8,
  size: 9,
  crc: 0x0a,
  folder: 0x0b,
  unpackSize: 0x0c,
  unpackStreams: 0x0d,
  emptyStream: 0x0e,
  names: 0x11,
} as const;

/** Reads a header, or the streams of an encoded one. */
export class HeaderParser {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw broken('ends too early');
    return byte;
  }

  header(): SevenZipHeader {
    const header: SevenZipHeader = { folders: [], fileSizes: [], files: [] };
    for (let id = this.byte(); id !== ids.end; id = this.byte()) {
      if (id === ids.archiveProperties) {
        while (this.byte() !== 0) this.#skip(this.#number());
      } else if (id === ids.additionalStreams) this.streams();
      else if (id === ids.mainStreams) Object.assign(header, this.streams());
      else if (id === ids.files) header.files = this.#files();
      else throw broken('has a part that does not exist');
    }
    return header;
  }

  streams(): { folders: Folder[]; fileSizes: number[][] } {
    let position = 32;
    let packSizes: number[] = [];
    let folders: Folder[] = [];
    let fileSizes: number[][] | null = null;
    for (let id = this.byte(); id !== ids.end; id = this.byte()) {
      if (id === ids.packInfo) {
        position = 32 + this.#number();
        const count = this.#count();
        for (let part = this.byte(); part !== ids.end; part = this.byte()) {
          if (part === ids.size) packSizes = this.#list(count, () => this.#number());
          else if (part === ids.crc) this.#digests(count);
          else throw broken('has a part that does not exist');
        }
      } else if (id === ids.unpackInfo) folders = this.#folders();
      else if (id === ids.subStreams) fileSizes = this.#subStreams(folders);
      else throw broken('has a part that does not exist');
    }
    let stream = 0;
    for (const folder of folders) {
      folder.position = position;
      const packed = folder.coders.reduce((sum, coder) => sum + coder.inputs, 0) - folder.bonds.length;
      folder.packSizes = packSizes.slice(stream, stream + packed);
      position += folder.packSizes.reduce((sum, size) => sum + size, 0);
      stream += packed;
    }
    return { folders, fileSizes: fileSizes ?? folders.map((folder) => [finalSize(folder)]) };
  }

  #folders(): Folder[] {
    if (this.byte() !== ids.folder) throw broken('has no folders');
    const count = this.#count();
    this.#internal();
    const folders = this.#list(count, () => this.#folder());
    for (let part = this.byte(); part !== ids.end; part = this.byte()) {
      if (part === ids.unpackSize) {
        for (const folder of folders) {
          const outputs = folder.coders.reduce((sum, coder) => sum + coder.outputs, 0);
          folder.unpackSizes = this.#list(outputs, () => this.#number());
        }
      } else if (part === ids.crc) this.#digests(count);
      else throw broken('has a part that does not exist');
    }
    return folders;
  }

  #folder(): Folder {
    const coders = this.#list(this.#count(), (): Coder => {
      const flags = this.byte();
      const method = Buffer.from(this.#take(flags & 15)).toString('hex');
      const [inputs, outputs] = flags & 0x10 ? [this.#count(), this.#count()] : [1, 1];
      const properties = flags & 0x20 ? this.#take(this.#number()) : new Uint8Array(0);
      return { method, properties, inputs, outputs };
    });
    const outputs = coders.reduce((sum, coder) => sum + coder.outputs, 0);
    const inputs = coders.reduce((sum, coder) => sum + coder.inputs, 0);
    const bonds = this.#list(Math.max(0, outputs - 1), () => ({ input: this.#number(), output: this.#number() }));
    const packed = inputs - bonds.length;
    if (packed > 1) this.#list(packed, () => this.#number());
    return { coders, bonds, unpackSizes: [], position: 0, packSizes: [] };
  }

  #subStreams(folders: Folder[]): number[][] {
    let counts = folders.map(() => 1);
    const sizes: number[][] = [];
    let id = this.byte();
    if (id === ids.unpackStreams) {
      counts = folders.map(() => this.#count());
      id = this.byte();
    }
    folders.forEach((folder, index) => {
      const count = counts[index] ?? 0;
      const own = id === ids.size && count > 1 ? this.#list(count - 1, () => this.#number()) : [];
      const rest = finalSize(folder) - own.reduce((sum, size) => sum + size, 0);
      sizes.push(count === 0 ? [] : [...own, Math.max(0, rest)]);
    });
    if (id === ids.size) id = this.byte();
    // What is left are checksums: nothing that follows them in this part is needed.
    if (id === ids.crc) {
      // Folders of one file have their checksum with the folder; how many are here depends on it.
      this.#digests(null);
      id = this.byte();
    }
    if (id !== ids.end) throw broken('has streams that cannot be read');
    return sizes;
  }

  #files(): SevenZipHeader['files'] {
    const count = this.#count();
    let names: string[] = [];
    let empty: boolean[] = [];
    for (let type = this.#number(); type !== ids.end; type = this.#number()) {
      const size = this.#number();
      const next = this.#at + size;
      if (type === ids.names) {
        this.#internal();
        names = new TextDecoder('utf-16le')
          .decode(this.#take(size - 1))
          .split('\0')
          .slice(0, count);
      } else if (type === ids.emptyStream) empty = this.#bits(count);
      this.#at = next;
    }
    return Array.from({ length: count }, (_, index) => ({
      name: names[index] ?? `file ${index}`,
      empty: empty[index] ?? false,
    }));
  }

  /** Checksums are stepped over. A count of null: as many as follow, all of them defined. */
  #digests(count: number | null): void {
    const all = this.byte() !== 0;
    if (count === null) {
      if (!all) throw new StreamStop('unsupported', 'the 7z header leaves out checksums, which is not supported');
      // Four bytes each, up to the end mark that the file list or the end of the header follows.
      while (!this.#endsHere()) this.#skip(4);
      return;
    }
    const defined = all ? count : this.#bits(count).filter(Boolean).length;
    this.#skip(4 * defined);
  }

  /** Whether two end marks stand here, or one and the list of files: the end of the streams' part. */
  #endsHere(): boolean {
    const [first, second, third] = this.#bytes.subarray(this.#at, this.#at + 3);
    if (first === undefined) throw broken('ends too early');
    return first === ids.end && second === ids.end && (third === ids.files || third === ids.end);
  }

  #bits(count: number): boolean[] {
    let byte = 0;
    return this.#list(count, (index) => {
      if (index % 8 === 0) byte = this.byte();
      return (byte & (0x80 >> (index % 8))) !== 0;
    });
  }

  #internal(): void {
    if (this.byte() !== 0)
      throw new StreamStop('unsupported', 'the 7z header keeps a list elsewhere, which is not supported');
  }

  /** Numbers say by the leading ones of their first byte how many bytes follow. */
  #number(): number {
    const first = this.byte();
    let value = 0;
    for (let index = 0; index < 8; index++) {
      const mask = 0x80 >> index;
      if ((first & mask) === 0) return value + (first & (mask - 1)) * 2 ** (8 * index);
      value += this.byte() * 2 ** (8 * index);
    }
    return value;
  }

  #count(): number {
    const count = this.#number();
    if (count > mostItems || count > this.#bytes.length * 8) throw broken('claims more than it can hold');
    return count;
  }

  #list<T>(count: number, item: (index: number) => T): T[] {
    const items: T[] = [];
    for (let index = 0; index < count; index++) items.push(item(index));
    return items;
  }

  #take(length: number): Uint8Array {
    if (!(length >= 0 && this.#at + length <= this.#bytes.length)) throw broken('ends too early');
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  #skip(length: number): void {
    this.#take(length);
  }
}

/** The size of the output that no other coder takes. */
export function finalSize(folder: Folder): number {
  const taken = new Set(folder.bonds.map(({ output }) => output));
  const index = folder.unpackSizes.findLastIndex((_, output) => !taken.has(output));
  return folder.unpackSizes[index] ?? 0;
}
