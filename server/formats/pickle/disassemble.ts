import type { ByteSource } from '../source.ts';
import { ByteWindow } from './byteWindow.ts';
import { opcodeByByte } from './opcodes.ts';
import type { Opcode } from './opcodes.ts';
import { latin1Text, quote } from './textReader.ts';

/** One opcode of a listing. */
export interface DisassemblyRow {
  /** Of the opcode, from the start of the source. */
  offset: number;
  /** As Python's pickletools names it, or the byte in hexadecimal where no opcode stands. */
  opcode: string;
  /** The argument in words: a number, a quoted text cut short, `os system`, or `<12 bytes>`. */
  argument: string;
  /** The top of the stack when it has been executed, the topmost value last and `(` for a MARK; see `withStack`. */
  stack?: string;
}

export interface Disassembly {
  rows: DisassemblyRow[];
  /** Where the listing can go on, or null at the end of the source or where no opcode stands. */
  next: number | null;
  /** Why it cannot go on, when it ended before the end of the source. */
  problem?: string;
}

const longestShown = 80;

/**
 * Lists opcodes without interpreting them, at most `count` from `from` on, which must be the offset of an opcode. It
 * goes on over STOP, into the next pickle of the file. Payloads are skipped, so a listing costs what it shows.
 */
export function disassemble(source: ByteSource, from: number, count: number): Disassembly {
  const window = new ByteWindow(source);
  window.seek(from);
  const rows: DisassemblyRow[] = [];
  while (rows.length < count) {
    if (!window.require(1)) return { rows, next: null };
    const offset = window.offset;
    const byte = window.buffer[window.position] as number;
    const opcode = opcodeByByte[byte];
    if (opcode === undefined) {
      return {
        rows,
        next: null,
        problem: `0x${byte.toString(16).padStart(2, '0')} at byte ${offset} is no pickle opcode`,
      };
    }
    window.position++;
    const argument = readArgument(window, opcode);
    if (argument === null)
      return { rows, next: null, problem: `the stream ends inside ${opcode.name} at byte ${offset}` };
    rows.push({ offset, opcode: opcode.name, argument });
  }
  return { rows, next: window.remaining > 0 ? window.offset : null };
}

/** The argument in words, with the window behind it; null when the source ends before. */
function readArgument(window: ByteWindow, opcode: Opcode): string | null {
  switch (opcode.argument) {
    case 'none':
      return '';
    case 'line':
      return lineArgument(window);
    case 'line2': {
      const first = lineArgument(window);
      const second = first === null ? null : lineArgument(window);
      return second === null ? null : `${first} ${second}`;
    }
    case 'uint1':
      return numberArgument(window, 1, (view) => view.getUint8(0));
    case 'uint2':
      return numberArgument(window, 2, (view) => view.getUint16(0, true));
    case 'int4':
      return numberArgument(window, 4, (view) => view.getInt32(0, true));
    case 'uint4':
      return numberArgument(window, 4, (view) => view.getUint32(0, true));
    case 'uint8':
      return numberArgument(window, 8, (view) => view.getBigUint64(0, true));
    case 'float8be':
      return numberArgument(window, 8, (view) => view.getFloat64(0, false));
    case 'bytes1':
      return payloadArgument(window, opcode, 1, (view) => view.getUint8(0));
    case 'bytes4':
      return payloadArgument(window, opcode, 4, (view) => view.getUint32(0, true));
    case 'bytes4signed':
      return payloadArgument(window, opcode, 4, (view) => view.getInt32(0, true));
    case 'bytes8':
      return payloadArgument(window, opcode, 8, (view) => Number(view.getBigUint64(0, true)));
  }
}

function viewOf(window: ByteWindow, length: number): DataView | null {
  if (!window.require(length)) return null;
  const view = new DataView(window.buffer.buffer, window.buffer.byteOffset + window.position, length);
  window.position += length;
  return view;
}

function numberArgument(window: ByteWindow, length: number, read: (view: DataView) => number | bigint): string | null {
  const view = viewOf(window, length);
  return view === null ? null : String(read(view));
}

function payloadArgument(
  window: ByteWindow,
  opcode: Opcode,
  width: number,
  read: (view: DataView) => number,
): string | null {
  const view = viewOf(window, width);
  if (view === null) return null;
  const length = read(view);
  const start = window.offset;
  if (length < 0 || length > window.remaining) return null;
  const shown = window.peek(start, Math.min(length, longestShown)).slice();
  window.skip(length);
  if (opcode.name.startsWith('LONG')) return String(littleEndian(shown, length));
  if (!opcode.name.includes('UNICODE') && !opcode.name.includes('STRING')) return `<${length} bytes>`;
  const text = opcode.name.includes('UNICODE')
    ? new TextDecoder().decode(shown, { stream: length > shown.length })
    : latin1Text(shown);
  return length > shown.length ? `${quote(text)} (${length} bytes)` : quote(text);
}

/** A signed number of up to 80 bytes; longer ones are told by their length. */
function littleEndian(bytes: Uint8Array, length: number): string | bigint {
  if (length > bytes.length) return `<${length}-byte integer>`;
  let value = 0n;
  for (let index = bytes.length - 1; index >= 0; index--) value = value * 256n + BigInt(bytes[index] as number);
  return bytes.length > 0 && (bytes[bytes.length - 1] as number) >= 0x80
    ? value - (1n << BigInt(8 * bytes.length))
    : value;
}

function lineArgument(window: ByteWindow): string | null {
  const line = window.skipLine();
  if (line === null) return null;
  const shown = latin1Text(window.peek(line.start, Math.min(line.length, longestShown)).slice());
  const safe = quote(shown).slice(1, -1).replaceAll("\\'", "'").replaceAll('\\\\', '\\');
  return line.length > longestShown ? `${safe}… (${line.length} bytes)` : safe;
}
