import { createHash } from 'node:crypto';
import type { Hasher } from './hasher.ts';

/** DVC reads that much at a time, and decides for each piece whether it is text (dvc_data/hashfile/hash.py). */
const chunkSize = 1 << 20;
/** The bytes that it decides by (dvc_data/hashfile/istextfile.py). */
const headSize = 512;

const textCharacters = new Uint8Array(256);
for (const code of [8, 9, 10, 12, 13]) textCharacters[code] = 1;
for (let code = 32; code < 127; code++) textCharacters[code] = 1;

/**
 * MD5 as DVC before 3.0 computes it: each chunk of 1 MiB is taken for text, and its CRLF for LF, when its first 512 bytes
 * hold no NUL and at most 30 % other bytes.
 */
export class UnixLinesMd5 implements Hasher {
  readonly #hash = createHash('md5');
  /** Bytes of the current chunk so far. */
  #at = 0;
  /** The head of the chunk while it is shorter than what is needed to decide. */
  #head: Buffer | null = Buffer.alloc(0);
  #isText = false;
  #heldReturn = false;

  update(bytes: Uint8Array): void {
    for (let from = 0; from < bytes.length;) {
      const length = Math.min(bytes.length - from, chunkSize - this.#at);
      this.#add(bytes.subarray(from, from + length));
      from += length;
      this.#at += length;
      if (this.#at === chunkSize) this.#endChunk();
    }
  }

  digest(): string {
    this.#endChunk();
    return this.#hash.digest('hex');
  }

  #add(bytes: Uint8Array): void {
    if (this.#head === null) return this.#take(bytes);
    const head = Buffer.concat([this.#head, bytes]);
    if (head.length < headSize) {
      this.#head = head;
      return;
    }
    this.#decide(head);
  }

  #decide(head: Buffer): void {
    this.#head = null;
    const seen = head.subarray(0, headSize);
    let strange = 0;
    for (const byte of seen) strange += textCharacters[byte] ? 0 : 1;
    this.#isText = !seen.includes(0) && strange <= seen.length * 0.3;
    this.#take(head);
  }

  #take(bytes: Uint8Array): void {
    if (!this.#isText) {
      this.#hash.update(bytes);
      return;
    }
    const kept = new Uint8Array(bytes.length + 1);
    let length = 0;
    if (this.#heldReturn && bytes[0] !== 10) kept[length++] = 13;
    this.#heldReturn = false;
    for (let index = 0; index < bytes.length; index++) {
      const byte = bytes[index] ?? 0;
      if (byte === 13) {
        if (index === bytes.length - 1) {
          this.#heldReturn = true;
          break;
        }
        if (bytes[index + 1] === 10) continue;
      }
      kept[length++] = byte;
    }
    this.#hash.update(kept.subarray(0, length));
  }

  #endChunk(): void {
    if (this.#head !== null && this.#head.length > 0) this.#decide(this.#head);
    if (this.#heldReturn) this.#hash.update(Uint8Array.of(13));
    this.#heldReturn = false;
    this.#head = Buffer.alloc(0);
    this.#at = 0;
  }
}
