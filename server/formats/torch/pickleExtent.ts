import { opcodeByByte } from '../pickle/opcodes.ts';
import { ByteWindow } from '../pickle/byteWindow.ts';
import type { ByteSource } from '../source.ts';
import { Refusal } from './refusal.ts';

/** Where one pickle ends, and which memo slots it reads again. */
export interface PickleExtent {
  /** Offset past STOP. */
  end: number;
  opcodes: number;
  /**
   * The slots that a GET reads. PyTorch's pickler memoises every tuple, and reads back almost none: keeping only
   * these is what lets a checkpoint of a million tensors fit.
   */
  fetched: Set<number>;
}

/** More slots than any checkpoint reads back; 8 million of them are about 300 MB. */
const mostFetched = 8_000_000;

/**
 * Walks over one pickle from `start` by the lengths of its opcodes, without a stack.
 * @throws {Refusal} when there is no such opcode, the source ends before STOP, or a limit is reached.
 */
export function measurePickle(
  source: ByteSource,
  start: number,
  limits: { opcodes: number; timeIsUp?: () => boolean },
): PickleExtent {
  const window = new ByteWindow(source, start);
  const fetched = new Set<number>();
  let at = start;
  const truncated = (): Refusal => new Refusal('the pickle ends inside an opcode', at);
  const little = (bytes: number): number => {
    if (window.position + bytes > window.limit) throw truncated();
    let value = 0;
    for (let index = bytes - 1; index >= 0; index--) value = value * 256 + window.buffer[window.position + index]!;
    window.position += bytes;
    return value;
  };
  const skip = (bytes: number): void => {
    if (!window.skip(bytes)) throw truncated();
  };
  for (let count = 1; ; count++) {
    at = window.offset;
    if (count > limits.opcodes) throw new Refusal(`the pickle has more than ${limits.opcodes} opcodes`, at);
    if ((count & 0xffff) === 0 && limits.timeIsUp?.()) throw new Refusal('the time limit was reached', at);
    // The opcode and any argument of fixed length take at most nine bytes.
    if (!window.require(9) && !window.require(1)) throw new Refusal('the pickle ends without STOP', at);
    const code = window.buffer[window.position]!;
    const opcode = opcodeByByte[code];
    if (!opcode) throw new Refusal(`0x${code.toString(16).padStart(2, '0')} is no pickle opcode`, at);
    window.position++;
    switch (opcode.argument) {
      case 'none':
        if (opcode.name === 'STOP') return { end: window.offset, opcodes: count, fetched };
        break;
      case 'uint1':
      case 'uint2':
      case 'uint4':
      case 'int4': {
        const value = little(opcode.argument === 'uint1' ? 1 : opcode.argument === 'uint2' ? 2 : 4);
        if (opcode.name === 'BINGET' || opcode.name === 'LONG_BINGET') fetched.add(value);
        if (fetched.size > mostFetched) throw new Refusal('the pickle reads back too many memo slots', at);
        break;
      }
      case 'uint8':
      case 'float8be':
        skip(8);
        break;
      case 'bytes1':
        skip(little(1));
        break;
      case 'bytes4':
        skip(little(4));
        break;
      case 'bytes4signed': {
        const length = little(4);
        if (length > 0x7fffffff) throw new Refusal('a length is negative', at);
        skip(length);
        break;
      }
      case 'bytes8':
        skip(little(8));
        break;
      case 'line':
      case 'line2':
        if (!window.skipLine()) throw truncated();
        if (opcode.argument === 'line2' && !window.skipLine()) throw truncated();
        break;
    }
  }
}
