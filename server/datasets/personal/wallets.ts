import { createHash } from 'node:crypto';
import { keccak256 } from './keccak.ts';

const base58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const bech32 = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';

/** Base58Check with a version of Bitcoin, Litecoin or Dogecoin, main network: 25 bytes, the last four a checksum. */
export function isBase58Address(text: string): boolean {
  let value = 0n;
  for (const character of text) {
    const digit = base58.indexOf(character);
    if (digit < 0) return false;
    value = value * 58n + BigInt(digit);
  }
  const hex = value.toString(16);
  if (hex.length > 50) return false;
  const bytes = Buffer.from(hex.padStart(50, '0'), 'hex');
  // Each leading 1 is a zero byte.
  const zeros = bytes.findIndex((byte) => byte !== 0);
  if (zeros !== /^1*/.exec(text)![0].length) return false;
  const sum = sha256(sha256(bytes.subarray(0, 21))).subarray(0, 4);
  return [0x00, 0x05, 0x30, 0x32, 0x1e].includes(bytes[0] ?? -1) && sum.equals(bytes.subarray(21));
}

/** A segregated-witness address (BIP 173, BIP 350): all of one case, a BCH checksum. */
export function isBech32Address(text: string): boolean {
  const lower = text.toLowerCase();
  if (text !== lower && text !== text.toUpperCase()) return false;
  const split = lower.lastIndexOf('1');
  const prefix = lower.slice(0, split);
  const values = [...lower.slice(split + 1)].map((character) => bech32.indexOf(character));
  if (!['bc', 'ltc'].includes(prefix) || values.includes(-1) || values.length < 8) return false;
  const expanded = [
    ...[...prefix].map((each) => each.charCodeAt(0) >> 5),
    0,
    ...[...prefix].map((each) => each.charCodeAt(0) & 31),
  ];
  let check = 1;
  for (const value of [...expanded, ...values]) {
    const top = check >>> 25;
    check = ((check & 0x1ffffff) << 5) ^ value;
    for (const [bit, generator] of [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3].entries()) {
      if ((top >>> bit) & 1) check ^= generator;
    }
  }
  return check === (values[0] === 0 ? 1 : 0x2bc830a3);
}

/** An Ethereum address whose letters' cases are the checksum (EIP-55). One of a single case has none. */
export function isEthereumAddress(text: string): 'checked' | 'unchecked' | 'wrong' {
  const digits = text.slice(2);
  if (digits === digits.toLowerCase() || digits === digits.toUpperCase()) return 'unchecked';
  const hash = keccak256(Buffer.from(digits.toLowerCase(), 'ascii'));
  for (let at = 0; at < digits.length; at++) {
    const character = digits[at]!;
    if (/[0-9]/.test(character)) continue;
    const upper = parseInt(hash[at]!, 16) >= 8;
    if ((character === character.toUpperCase()) !== upper) return 'wrong';
  }
  return 'checked';
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
