/** Masks of the x86 filter. Source: xz embedded, xz_dec_bcj.c (public domain), whose names these are. */
const allowed = [true, true, true, false, true, false, false, false];
const bitNumber = [0, 1, 2, 2, 3, 3, 3, 3];
const extreme = (byte: number): boolean => byte === 0 || byte === 0xff;

/** Undoes the filter that turns the targets of x86 calls and jumps into absolute ones, in place. */
export function undoX86(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let previous = -1;
  let mask = 0;
  for (let at = 0; at + 4 < bytes.length; at++) {
    if (((bytes[at] as number) & 0xfe) !== 0xe8) continue;
    const distance = at - previous;
    previous = at;
    if (distance > 3) mask = 0;
    else {
      mask = (mask << (distance - 1)) & 7;
      if (mask !== 0 && (!allowed[mask] || extreme(bytes[at + 4 - (bitNumber[mask] as number)] as number))) {
        mask = (mask << 1) | 1;
        continue;
      }
    }
    if (!extreme(bytes[at + 4] as number)) {
      mask = (mask << 1) | 1;
      continue;
    }
    let source = view.getUint32(at + 1, true);
    let target: number;
    for (;;) {
      target = (source - (at + 5)) >>> 0;
      if (mask === 0) break;
      const shift = (bitNumber[mask] as number) * 8;
      if (!extreme((target >>> (24 - shift)) & 0xff)) break;
      source = (target ^ (2 ** (32 - shift) - 1)) >>> 0;
    }
    target &= 0x01ffffff;
    target |= 0 - (target & 0x01000000);
    view.setUint32(at + 1, target >>> 0, true);
    at += 4;
    mask = 0;
  }
}
