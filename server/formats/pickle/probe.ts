import { Budget, defaultLimits } from '../limits.ts';
import type { ByteSource } from '../source.ts';
import { ImportLog } from './importLog.ts';
import { PickleMachine } from './machine.ts';

/** How far a probe reads: a stream that is one shows itself long before. */
const probeOpcodes = 2_000;

/** What the bytes at an offset look like when they are taken for a pickle. */
export interface PickleProbe {
  /** They declare a protocol of 2 or later: `80 02` to `80 05`. */
  prefixed: boolean;
  stopped: boolean;
  opcodes: number;
  imports: number;
  calls: number;
}

/** Bytes that can begin a pickle of protocol 0 or 1. */
const firstBytes = new Set([...'(]})ciILSVNFPKJMXUTG'].map((c) => c.charCodeAt(0)));

/** Reads a little of the bytes at `offset` as a pickle; null when even the first byte rules it out. */
export function probePickle(source: ByteSource, offset = 0): PickleProbe | null {
  const head = source.read(offset, 2);
  const first = head[0];
  if (first === undefined) return null;
  const prefixed = first === 0x80 && head[1] !== undefined && head[1] <= 5;
  if (!prefixed && !firstBytes.has(first)) return null;
  const imports = new ImportLog();
  const log = { imports, violation() {}, persistentId() {}, bytesValue() {}, protocol() {}, alternative() {} };
  const budget = new Budget({ ...defaultLimits, opcodes: probeOpcodes, timeMs: 1_000 });
  const run = new PickleMachine(source, log, budget, { context: 'plain' }).run(offset);
  return {
    prefixed,
    stopped: run.how === 'stop',
    opcodes: run.opcodes,
    imports: imports.imports.filter((entry) => entry.state !== 'malformed').length,
    calls: imports.imports.filter((entry) => entry.called).length,
  };
}

/**
 * Whether bytes of which nothing is known are a pickle. A declared protocol needs a stream that makes sense; without
 * one (protocols 0 and 1 have no magic number, and many a text begins with an opcode) it takes a name that is looked
 * up, in a stream that calls it or comes to its STOP: anything less can do nothing to its loader.
 */
export function isPickle(probe: PickleProbe | null): boolean {
  if (probe === null) return false;
  if (probe.prefixed) return probe.stopped || probe.imports > 0 || probe.opcodes > 8;
  return probe.imports > 0 && (probe.stopped || probe.calls > 0);
}
