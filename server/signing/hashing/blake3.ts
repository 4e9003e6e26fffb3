// BLAKE3 in its unkeyed mode with 32 bytes of output, which few signatures use: written to be small.
// Source: https://github.com/BLAKE3-team/BLAKE3-specs/blob/master/blake3.pdf, and its reference implementation.

/** The initialisation vector of SHA-256. */
const iv = [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19] as const;

const permutation = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8] as const;

/** Indices of the message words in each of the seven rounds. */
const schedule = Array.from({ length: 7 }, (_, round) => {
  let words: number[] = [...Array(16).keys()];
  for (let step = 0; step < round; step++) words = permutation.map((at) => words[at] ?? 0);
  return words;
});

/** Words of the state that each of the eight mixings of a round takes: columns, then diagonals. */
const mixings = [
  [0, 4, 8, 12],
  [1, 5, 9, 13],
  [2, 6, 10, 14],
  [3, 7, 11, 15],
  [0, 5, 10, 15],
  [1, 6, 11, 12],
  [2, 7, 8, 13],
  [3, 4, 9, 14],
] as const;

const blockLength = 64;
const chunkLength = 1024;
const flag = { chunkStart: 1, chunkEnd: 2, parent: 4, root: 8 } as const;

const state = new Uint32Array(16);

function rotated(value: number, bits: number): number {
  return (value >>> bits) | (value << (32 - bits));
}

/** The compression function; the first eight words of its result. */
function compress(
  chaining: Uint32Array,
  block: Uint32Array,
  counter: number,
  length: number,
  flags: number,
): Uint32Array {
  state.set(chaining, 0);
  for (let word = 0; word < 4; word++) state[8 + word] = iv[word] ?? 0;
  state[12] = counter % 0x1_0000_0000;
  state[13] = Math.floor(counter / 0x1_0000_0000);
  state[14] = length;
  state[15] = flags;
  for (const words of schedule) {
    for (let mixing = 0; mixing < 8; mixing++) {
      const [a, b, c, d] = mixings[mixing] as (typeof mixings)[number];
      const x = block[words[2 * mixing] as number] as number;
      const y = block[words[2 * mixing + 1] as number] as number;
      let va = state[a] as number;
      let vb = state[b] as number;
      let vc = state[c] as number;
      let vd = state[d] as number;
      va = (va + vb + x) | 0;
      vd = rotated(vd ^ va, 16);
      vc = (vc + vd) | 0;
      vb = rotated(vb ^ vc, 12);
      va = (va + vb + y) | 0;
      vd = rotated(vd ^ va, 8);
      vc = (vc + vd) | 0;
      vb = rotated(vb ^ vc, 7);
      state[a] = va;
      state[b] = vb;
      state[c] = vc;
      state[d] = vd;
    }
  }
  const result = new Uint32Array(8);
  for (let word = 0; word < 8; word++) result[word] = (state[word] as number) ^ (state[word + 8] as number);
  return result;
}

function parentOf(left: Uint32Array, right: Uint32Array, flags: number): Uint32Array {
  const block = new Uint32Array(16);
  block.set(left, 0);
  block.set(right, 8);
  return compress(Uint32Array.from(iv), block, 0, blockLength, flag.parent | flags);
}

export class Blake3 {
  readonly #block = new Uint8Array(blockLength);
  readonly #words = new Uint32Array(16);
  readonly #view = new DataView(this.#block.buffer);
  /** Bytes in the block. */
  #filled = 0;
  /** Bytes of the chunk in the blocks before. */
  #inChunk = 0;
  #chunks = 0;
  #chaining: Uint32Array = Uint32Array.from(iv);
  /** Roots of the complete subtrees to the left, the largest first. */
  readonly #stack: Uint32Array[] = [];

  update(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      // A full block waits for the next byte: the last one of all is compressed with other flags.
      if (this.#filled === blockLength) this.#endBlock();
      const count = Math.min(blockLength - this.#filled, bytes.length - at);
      this.#block.set(bytes.subarray(at, at + count), this.#filled);
      this.#filled += count;
      at += count;
    }
  }

  digest(): string {
    const flags = this.#startFlag() | flag.chunkEnd;
    let node = this.#compressBlock(flags | (this.#stack.length === 0 ? flag.root : 0));
    for (let index = this.#stack.length - 1; index >= 0; index--) {
      node = parentOf(this.#stack[index] as Uint32Array, node, index === 0 ? flag.root : 0);
    }
    const bytes = Buffer.alloc(32);
    for (const [index, word] of node.entries()) bytes.writeUInt32LE(word, index * 4);
    return bytes.toString('hex');
  }

  #endBlock(): void {
    const isLast = this.#inChunk + blockLength === chunkLength;
    this.#chaining = this.#compressBlock(this.#startFlag() | (isLast ? flag.chunkEnd : 0));
    this.#filled = 0;
    this.#inChunk += blockLength;
    if (isLast) this.#endChunk();
  }

  #endChunk(): void {
    let node = this.#chaining;
    // As many subtrees are complete as the number of chunks has trailing zero bits.
    for (let chunks = ++this.#chunks; chunks % 2 === 0; chunks /= 2) {
      node = parentOf(this.#stack.pop() as Uint32Array, node, 0);
    }
    this.#stack.push(node);
    this.#chaining = Uint32Array.from(iv);
    this.#inChunk = 0;
  }

  #startFlag(): number {
    return this.#inChunk === 0 ? flag.chunkStart : 0;
  }

  #compressBlock(flags: number): Uint32Array {
    this.#block.fill(0, this.#filled);
    for (let word = 0; word < 16; word++) this.#words[word] = this.#view.getUint32(word * 4, true);
    return compress(this.#chaining, this.#words, this.#chunks, this.#filled, flags);
  }
}
