import { Budget, defaultLimits } from '../limits.ts';
import type { ByteSource } from '../source.ts';
import { ByteWindow } from './byteWindow.ts';
import { PickleMachine } from './machine.ts';
import { SilentLog } from './silentLog.ts';

/** How far a probe reads at first, and then: most bytes that are no pickle show it at once, and a few very late. */
const probeOpcodes = [2_000, 2_000_000];

/** What the bytes at an offset look like when they are taken for a pickle. */
export interface PickleProbe {
  /** They declare a protocol of 2 or later: `80 02` to `80 05`. */
  prefixed: boolean;
  stopped: boolean;
  /** Nothing is wrong with them for millions of opcodes. */
  endless: boolean;
  opcodes: number;
  /** Names that are looked up. */
  imports: number;
  calls: number;
}

/** Opcodes that need nothing on the stack: one of them begins a pickle. */
const firstBytes = new Set([
  ...[...'(]})ciIJKLMNSTUVXFGPBC'].map((c) => c.charCodeAt(0)),
  ...[0x80, 0x82, 0x83, 0x84, 0x88, 0x89, 0x8a, 0x8b, 0x8c, 0x8d, 0x8e, 0x8f, 0x95, 0x96, 0x97],
]);

/**
 * Reads a little of the bytes at `offset` as a pickle; null when even the first byte rules it out.
 * @param window of the source, for who probes it at thousands of places: its block is then read once.
 */
export function probePickle(source: ByteSource, offset = 0, window?: ByteWindow): PickleProbe | null {
  const head = window === undefined ? source.read(offset, 2) : window.ahead(offset, 2);
  const first = head[0];
  if (first === undefined) return null;
  const prefixed = isPrefix(first, head[1]);
  if (!prefixed && !firstBytes.has(first)) return null;
  const within = window ?? new ByteWindow(source);
  let probe = runProbe(within, offset, prefixed, probeOpcodes[0] as number);
  if (probe.endless) probe = runProbe(within, offset, prefixed, probeOpcodes[1] as number);
  return probe;
}

/** Whether two bytes declare a protocol. */
export function isPrefix(first: number | undefined, second: number | undefined): boolean {
  return first === 0x80 && second !== undefined && second <= 5;
}

function runProbe(window: ByteWindow, offset: number, prefixed: boolean, opcodes: number): PickleProbe {
  const budget = new Budget({ ...defaultLimits, opcodes, timeMs: 2_000 });
  const log = new SilentLog(budget);
  const { imports } = log.imports;
  const run = new PickleMachine(window, log, budget, { context: 'plain' }).run(offset);
  return {
    prefixed,
    stopped: run.how === 'stop',
    endless: run.how !== 'stop' && run.how !== 'violation',
    opcodes: run.opcodes,
    // An extension code is one byte, which numbers have by chance, and no name.
    imports: imports.filter(({ state }) => state !== 'malformed' && state !== 'extension').length,
    calls: imports.filter((entry) => entry.called && entry.opcode !== 'REDUCE').length,
  };
}

/**
 * Whether bytes of which nothing is known are a pickle. A declared protocol needs a stream that makes sense; without
 * one (protocols 0 and 1 have no magic number, and many a text begins with an opcode) it takes a name that is looked
 * up, in a stream that calls it or comes to its STOP: anything less can do nothing to its loader.
 */
export function isPickle(probe: PickleProbe | null): boolean {
  if (probe === null) return false;
  if (probe.endless) return true;
  if (probe.prefixed) return probe.stopped || probe.imports > 0 || probe.opcodes > 8;
  return probe.imports > 0 && (probe.stopped || probe.calls > 0);
}
