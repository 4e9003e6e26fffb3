/**
 * A set of SHA-256 digests by their first 128 bits: who writes new rows must not be able to make one that passes for an old one. 16 bytes
 * a slot, at most 60 % full.
 */
export class DigestSet {
  #words = new Uint32Array(4 << 12);
  #count = 0;

  get size(): number {
    return this.#count;
  }

  add(digest: Buffer): void {
    if ((this.#count + 1) * 4 > this.#words.length * 0.6) this.#grow();
    if (place(this.#words, keyOf(digest))) this.#count++;
  }

  has(digest: Buffer): boolean {
    const key = keyOf(digest);
    const slots = this.#words.length / 4;
    for (let slot = key[0] % slots; ; slot = (slot + 1) % slots) {
      if (isFree(this.#words, slot)) return false;
      if (holds(this.#words, slot, key)) return true;
    }
  }

  #grow(): void {
    const words = new Uint32Array(this.#words.length * 2);
    for (let slot = 0; slot < this.#words.length / 4; slot++) {
      if (!isFree(this.#words, slot)) place(words, keyAt(this.#words, slot));
    }
    this.#words = words;
  }
}

type Key = [number, number, number, number];

function keyOf(digest: Buffer): Key {
  // Zero means a free slot.
  return [digest.readUInt32LE(0), digest.readUInt32LE(4), digest.readUInt32LE(8), digest.readUInt32LE(12) || 1];
}

function keyAt(words: Uint32Array, slot: number): Key {
  const at = slot * 4;
  return [words[at] ?? 0, words[at + 1] ?? 0, words[at + 2] ?? 0, words[at + 3] ?? 0];
}

function isFree(words: Uint32Array, slot: number): boolean {
  return words[slot * 4 + 3] === 0;
}

function holds(words: Uint32Array, slot: number, key: Key): boolean {
  const at = slot * 4;
  return words[at] === key[0] && words[at + 1] === key[1] && words[at + 2] === key[2] && words[at + 3] === key[3];
}

/** False when it was there already. */
function place(words: Uint32Array, key: Key): boolean {
  const slots = words.length / 4;
  for (let slot = key[0] % slots; ; slot = (slot + 1) % slots) {
    if (holds(words, slot, key)) return false;
    if (isFree(words, slot)) {
      words.set(key, slot * 4);
      return true;
    }
  }
}
