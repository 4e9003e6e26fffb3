import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import type { RemoteFile } from '../source.ts';
import { blockBytes, type BlockCache } from './blockCache.ts';
import { exchange, nameOf, type Answer, type Traffic } from './exchange.ts';
import { FetchError } from './fetchError.ts';

/** Bytes that are fetched at once where a file is read from one end to the other. */
const furthestAhead = 4 << 20;

/** Bytes of one file that are fetched from a server that gives no parts of files. */
export const longestWhole = 4 * 2 ** 30;

/** Bytes of the mark of a block: enough that nobody finds two blocks with one. */
const markBytes = 16;

interface Setting {
  cache: BlockCache;
  traffic: Traffic;
  signal: AbortSignal;
  /** Where the file stands on this machine, with its length and without its bytes. */
  local: string;
}

/**
 * A file on a server, read by range requests (RFC 9110, section 14). What a server answers is held against what was asked:
 * the range, the length of the file, and that it is the same file as before. A server that gives no parts is read from the start,
 * as far as is needed, into the file on this machine.
 */
export class RangedFile {
  readonly #file: RemoteFile;
  readonly #setting: Setting;
  /** What the last redirect led to: signed addresses of a store, which hold for some minutes. */
  #shortcut: URL | null = null;
  /** The entity tag of the listing, or of the first answer. */
  #tag: string | null;
  /** When the file was written, as the last answer said: what tells of a change where there are no tags. */
  #modified: string | null = null;
  /** Of each block that was hashed with the file: what is read later must be the same. */
  #seen: Buffer | null = null;
  #ahead = blockBytes;
  /** Where the last request ended. */
  #end = -1;
  #stream: Promise<WholeStream> | null = null;
  /** One request of a file at a time: the next one usually finds its blocks fetched. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(file: RemoteFile, setting: Setting) {
    this.#file = file;
    this.#setting = setting;
    this.#tag = file.tag ?? null;
  }

  /** Bytes from `position`, at most `length`, fewer only where the file ends. @throws {WeighbridgeError} `unreachable`, `refused`. */
  read(position: number, length: number): Promise<Uint8Array> {
    const turn = this.#turn.then(() => this.#read(position, length));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #read(position: number, length: number): Promise<Uint8Array> {
    const wanted = Math.max(0, Math.min(length, this.#file.size - position));
    if (wanted === 0) return new Uint8Array(0);
    if (this.#stream) return this.#streamed(position, wanted);
    const first = Math.floor(position / blockBytes);
    const last = Math.floor((position + wanted - 1) / blockBytes);
    const blocks: Uint8Array[] = [];
    for (let index = first; index <= last; index++) {
      const block = this.#cached(index) ?? (await this.#fetch(index, last));
      // The server turned out to give no parts.
      if (block === null) return this.#streamed(position, wanted);
      blocks.push(block);
    }
    const from = position - first * blockBytes;
    return Buffer.concat(blocks).subarray(from, from + wanted);
  }

  #cached(index: number): Uint8Array | undefined {
    return this.#setting.cache.get(this.#file.path, index);
  }

  /** Fetches from block `first` to `last`, and further where the file is being read on. @returns the first; null: no parts. */
  async #fetch(first: number, last: number): Promise<Uint8Array | null> {
    const start = first * blockBytes;
    this.#ahead = start === this.#end ? Math.min(furthestAhead, this.#ahead * 2) : blockBytes;
    const end = Math.min(this.#file.size, Math.max((last + 1) * blockBytes, start + this.#ahead));
    const answer = await this.#ask({ range: `bytes=${start}-${end - 1}` });
    if (answer.status === 200) {
      this.#stream = this.#streamOf(answer);
      return null;
    }
    const bytes = await this.#partOf(answer, start, end);
    for (let at = 0; at < bytes.length; at += blockBytes) {
      const block = bytes.slice(at, at + blockBytes);
      const index = (start + at) / blockBytes;
      this.#compare(index, block);
      this.#setting.cache.set(this.#file.path, index, block);
    }
    this.#end = end;
    return bytes.subarray(0, blockBytes);
  }

  /** Not every server has tags by which it would tell that the file is another one now. */
  #compare(index: number, block: Uint8Array): void {
    if (this.#seen === null) return;
    const seen = this.#seen.subarray(index * markBytes, (index + 1) * markBytes);
    const mark = markOf(block);
    if (seen.every((byte) => byte === 0)) mark.copy(seen);
    else if (!seen.equals(mark)) throw this.#lie('gives other bytes than before: it changed while it was read');
  }

  #lie(what: string, isTransient = false): FetchError {
    return new FetchError('unreachable', `${nameOf(this.#file.url)} ${what}`, isTransient);
  }

  async #ask(headers: Record<string, string>): Promise<Answer> {
    const { traffic, signal } = this.#setting;
    const { url, authorize } = this.#file;
    if (this.#shortcut) {
      // It is another host's: nobody's credentials go there.
      const anonymous = (request: { headers: Record<string, string> }) => Promise.resolve(request.headers);
      try {
        return await exchange({ url: this.#shortcut, authorize: anonymous, headers }, traffic, signal);
      } catch {
        this.#shortcut = null;
      }
    }
    const answer = await exchange({ url, authorize, headers, accepts: [416] }, traffic, signal);
    if (answer.url.origin !== url.origin) this.#shortcut = answer.url;
    return answer;
  }

  async #partOf(answer: Answer, start: number, end: number): Promise<Uint8Array> {
    const lie: Lie = (what, isTransient) => {
      answer.cancel();
      return this.#lie(what, isTransient);
    };
    const { status, headers, chunks } = answer;
    if (status !== 206) throw lie(`answers a request for a part of the file with status ${status}`);
    this.#checkTag(headers, lie);
    const range = headers.get('content-range') ?? '';
    const [, from, to, total] = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/.exec(range) ?? [];
    if (Number(from) !== start || Number(to) !== end - 1)
      throw lie(
        `was asked for bytes ${start} to ${end - 1} and sends others (Content-Range: ${range.slice(0, 80) || 'none'})`,
      );
    if (total !== '*' && Number(total) !== this.#file.size)
      throw lie(`says that the file has ${total} bytes, where it had ${this.#file.size} before`);
    const bytes = new Uint8Array(end - start);
    let got = 0;
    for (let part = await chunks.next(); !part.done; part = await chunks.next()) {
      if (got + part.value.length > bytes.length) throw lie('sends more bytes than it was asked for');
      bytes.set(part.value, got);
      got += part.value.length;
    }
    if (got < bytes.length) throw lie(`ends after ${got} of ${bytes.length} bytes`, true);
    return bytes;
  }

  #checkTag(headers: Headers, lie: Lie): void {
    const encoding = headers.get('content-encoding');
    if (encoding !== null && encoding !== 'identity')
      throw lie('sends the file compressed, which moves every position');
    const tag = headers.get('etag');
    // A weak tag says that two answers mean the same, not that they are the same bytes.
    const isStrong = tag !== null && !tag.startsWith('W/');
    const listed = this.#file.tag;
    if (listed !== undefined && tag !== listed)
      throw lie(
        isStrong
          ? 'gives another file than was listed: it has changed since'
          : 'does not tell any more which file it gives',
      );
    const modified = headers.get('last-modified');
    if (this.#modified !== null && modified !== null && !isStrong && modified !== this.#modified)
      throw lie('gives another file than before: it changed while it was read');
    this.#modified = modified;
    if (!isStrong) {
      if (this.#tag !== null) throw lie('does not tell any more which file it gives');
      return;
    }
    if (this.#tag !== null && this.#tag !== tag)
      throw lie('gives another file than before: it changed while it was read');
    this.#tag = tag;
  }

  async #streamOf(answer: Answer): Promise<WholeStream> {
    const lie: Lie = (what, isTransient) => {
      answer.cancel();
      return this.#lie(what, isTransient);
    };
    this.#checkTag(answer.headers, lie);
    const length = answer.headers.get('content-length');
    if (length !== null && Number(length) !== this.#file.size)
      throw lie(`sends ${length} bytes, where the file had ${this.#file.size} before`);
    return new WholeStream(answer, this.#file, await open(this.#setting.local, 'r+'), lie);
  }

  async #streamed(position: number, length: number): Promise<Uint8Array> {
    const stream = await this.#stream;
    return stream?.read(position, length) ?? new Uint8Array(0);
  }

  /**
   * Fetches the whole file into its place on this machine.
   * @throws {WeighbridgeError} as `read`; `refused` where it is not what the source promises.
   */
  async pour(onBytes: (count: number) => void = () => undefined): Promise<void> {
    const { local } = this.#setting;
    const { sha256 } = this.#file;
    const hash = sha256 === undefined ? null : createHash('sha256');
    const handle = this.#stream ? null : await open(local, 'r+');
    try {
      for (let at = 0; at < this.#file.size;) {
        const bytes = await this.read(at, furthestAhead);
        if (handle && !this.#stream) await handle.write(bytes, 0, bytes.length, at);
        hash?.update(bytes);
        at += bytes.length;
        onBytes(bytes.length);
      }
      if (hash && hash.digest('hex') !== sha256)
        throw new FetchError('refused', `${nameOf(this.#file.url)} sends other bytes than its digest promises`);
      // From the block on at which the server stopped to give parts, the stream has written all of them.
    } finally {
      await handle?.close();
    }
  }

  /**
   * SHA-256 of the file, in hexadecimal; its bytes are not kept. What is read of it afterwards is compared with what was hashed.
   * @throws {FetchError} as `pour`.
   */
  async digest(onBytes: (done: number) => void): Promise<string> {
    const { size, sha256 } = this.#file;
    this.#seen ??= Buffer.alloc(markBytes * Math.ceil(size / blockBytes));
    const hash = createHash('sha256');
    for (let at = 0; at < size;) {
      const bytes = await this.read(at, furthestAhead);
      if (bytes.length === 0) throw this.#lie(`ends after ${at} of ${size} bytes`, true);
      hash.update(bytes);
      at += bytes.length;
      onBytes(at);
    }
    const digest = hash.digest('hex');
    if (sha256 === undefined || sha256 === digest) return digest;
    throw new FetchError('refused', `${nameOf(this.#file.url)} sends other bytes than its digest promises`);
  }

  async close(): Promise<void> {
    await (await this.#stream?.catch(() => null))?.close();
  }
}

type Lie = (what: string, isTransient?: boolean) => FetchError;

const markOf = (block: Uint8Array): Buffer => createHash('sha256').update(block).digest().subarray(0, markBytes);

/** The answer of a server that gives no parts of files: read on as far as is needed, and written where it belongs. */
class WholeStream {
  readonly #answer: Answer;
  readonly #file: RemoteFile;
  readonly #local: FileHandle;
  readonly #lie: Lie;
  #written = 0;
  #failure: Error | null = null;

  constructor(answer: Answer, file: RemoteFile, local: FileHandle, lie: Lie) {
    this.#answer = answer;
    this.#file = file;
    this.#local = local;
    this.#lie = lie;
  }

  async read(position: number, length: number): Promise<Uint8Array> {
    await this.#advance(position + length);
    const bytes = new Uint8Array(length);
    const { bytesRead } = await this.#local.read(bytes, 0, length, position);
    return bytes.subarray(0, bytesRead);
  }

  async #advance(to: number): Promise<void> {
    if (this.#failure) throw this.#failure;
    try {
      if (to > longestWhole)
        throw this.#lie(`gives no parts of files, and of a whole one ${longestWhole} bytes are fetched at most`);
      while (this.#written < to) {
        const part = await this.#answer.chunks.next();
        if (part.done) throw this.#lie(`ends after ${this.#written} of ${this.#file.size} bytes`, true);
        if (this.#written + part.value.length > this.#file.size)
          throw this.#lie(`sends more than the ${this.#file.size} bytes that the file has`);
        await this.#local.write(part.value, 0, part.value.length, this.#written);
        this.#written += part.value.length;
      }
    } catch (cause) {
      this.#failure = cause as Error;
      throw cause;
    }
  }

  async close(): Promise<void> {
    this.#answer.cancel();
    await this.#local.close();
  }
}
