const mask = (1n << 64n) - 1n;
const rate = 136;

/** Rotations of the rho step, by lane x + 5 y, and the constants of iota (FIPS 202, 3.2). */
const rotations = [0, 1, 62, 28, 27, 36, 44, 6, 55, 20, 3, 10, 43, 25, 39, 41, 45, 15, 21, 8, 18, 2, 61, 56, 14];
const constants = [
  0x0000000000000001n,
  0x0000000000008082n,
  0x800000000000808an,
  0x8000000080008000n,
  0x000000000000808bn,
  0x0000000080000001n,
  0x8000000080008081n,
  0x8000000000008009n,
  0x000000000000008an,
  0x0000000000000088n,
  0x0000000080008009n,
  0x000000008000000an,
  0x000000008000808bn,
  0x800000000000008bn,
  0x8000000000008089n,
  0x8000000000008003n,
  0x8000000000008002n,
  0x8000000000000080n,
  0x000000000000800an,
  0x800000008000000an,
  0x8000000080008081n,
  0x8000000000008080n,
  0x0000000080000001n,
  0x8000000080008008n,
];

/** Keccak-256 as Ethereum has it, with the padding of the submission and not of SHA-3, which OpenSSL does not offer. For one block. */
export function keccak256(bytes: Uint8Array): string {
  if (bytes.length >= rate) throw new RangeError('one block only');
  const block = new Uint8Array(rate);
  block.set(bytes);
  block[bytes.length] = 1;
  block[rate - 1]! |= 0x80;
  const state = new Array<bigint>(25).fill(0n);
  const view = new DataView(block.buffer);
  for (let lane = 0; lane < rate / 8; lane++) state[lane] = view.getBigUint64(lane * 8, true);
  for (const constant of constants) round(state, constant);
  const digest = Buffer.alloc(32);
  for (let lane = 0; lane < 4; lane++) digest.writeBigUInt64LE(state[lane]!, lane * 8);
  return digest.toString('hex');
}

function round(a: bigint[], constant: bigint): void {
  const c = Array.from({ length: 5 }, (_, x) => a[x]! ^ a[x + 5]! ^ a[x + 10]! ^ a[x + 15]! ^ a[x + 20]!);
  for (let lane = 0; lane < 25; lane++) a[lane]! ^= c[(lane + 4) % 5]! ^ rotated(c[(lane + 1) % 5]!, 1);
  const b = new Array<bigint>(25).fill(0n);
  for (let x = 0; x < 5; x++) {
    for (let y = 0; y < 5; y++) b[y + 5 * ((2 * x + 3 * y) % 5)] = rotated(a[x + 5 * y]!, rotations[x + 5 * y]!);
  }
  for (let y = 0; y < 25; y += 5) {
    for (let x = 0; x < 5; x++) a[y + x] = b[y + x]! ^ (~b[y + ((x + 1) % 5)]! & mask & b[y + ((x + 2) % 5)]!);
  }
  a[0]! ^= constant;
}

function rotated(value: bigint, by: number): bigint {
  return ((value << BigInt(by)) | (value >> BigInt(64 - by))) & mask;
}
