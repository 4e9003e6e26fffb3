import { Budget, defaultLimits } from '../limits.ts';
import type { ByteSource } from '../source.ts';
import type { DisassemblyRow } from './disassemble.ts';
import { PickleMachine } from './machine.ts';
import { SilentLog } from './silentLog.ts';

/** How far a stream is followed to show what is on its stack: some tenths of a second. */
const followed = { opcodes: 2_000_000, timeMs: 2_000, bytes: 1 << 20 };

/**
 * The rows of a listing with what each opcode leaves on the stack. Rows that lie further in than is followed, behind a
 * breach of the rules, or that no unpickler would execute, come back without.
 */
export function withStack(source: ByteSource, rows: readonly DisassemblyRow[]): DisassemblyRow[] {
  const last = rows.at(-1)?.offset ?? -1;
  const wanted = new Map(rows.map((row) => [row.offset, { ...row }]));
  const budget = new Budget({ ...defaultLimits, opcodes: followed.opcodes, timeMs: followed.timeMs });
  const machine = new PickleMachine(source, new SilentLog(budget, followed.bytes), budget, { context: 'plain' });
  for (let start = 0; start <= last;) {
    const run = machine.run(start, (offset, stack) => {
      const row = wanted.get(offset);
      if (row !== undefined) row.stack = stack();
      return offset < last;
    });
    if (run.how !== 'stop') break;
    start = run.end;
  }
  return [...wanted.values()];
}
