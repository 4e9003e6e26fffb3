import { disassemble } from '../formats/pickle/disassemble.ts';
import type { ByteSource } from '../formats/source.ts';
import type { DisassembleResult } from './protocol.ts';

/** Opcodes that are walked in order to show what precedes one in the middle; beyond, the page starts at the opcode. */
const walkedAtMost = 200_000;
/** Opcodes shown before the one that is asked for. */
const lead = 20;
const stride = 1000;

/** Where in an entry opcodes start, every `stride` of them, as far as it was walked: a listing only goes forward. */
export interface Listing {
  starts: number[];
}

/** The page of a listing that holds the opcode at `wanted`, with some of what precedes it. */
export function pageAround(source: ByteSource, listing: Listing, wanted: number, count: number): DisassembleResult {
  const at = offsetBefore(source, listing, wanted, lead);
  const { rows, next } = disassemble(source, at ?? wanted, count);
  const previous = at === null || at === 0 ? null : offsetBefore(source, listing, at, count);
  return { rows, next, previous };
}

/**
 * Offset of the opcode `back` places before the one at `wanted`, or of the first one.
 * @returns null when `wanted` is too far in, or is the offset of no opcode.
 */
function offsetBefore(source: ByteSource, listing: Listing, wanted: number, back: number): number | null {
  walkTo(source, listing, wanted);
  let index = listing.starts.findLastIndex((start) => start <= wanted);
  let rows: number[] = [];
  // From the stride before, too, so that `back` opcodes precede even the first opcode of a stride.
  const strides = Math.ceil(back / stride);
  index = Math.max(0, index - strides);
  const from = listing.starts[index] ?? 0;
  rows = disassemble(source, from, (strides + 1) * stride).rows.map((row) => row.offset);
  const found = rows.indexOf(wanted);
  if (found === -1) return null;
  return rows[Math.max(0, found - back)] ?? null;
}

function walkTo(source: ByteSource, listing: Listing, wanted: number): void {
  for (;;) {
    const last = listing.starts.at(-1) ?? 0;
    if (last > wanted || listing.starts.length * stride > walkedAtMost) return;
    const { rows, next } = disassemble(source, last, stride);
    if (rows.length < stride || next === null) return;
    listing.starts.push(next);
  }
}
