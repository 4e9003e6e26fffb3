import type { PickleViolation } from '../facts.ts';
import type { Budget } from '../limits.ts';
import type { Allowance } from './allowance.ts';
import type { ImportLog } from './importLog.ts';
import type { Bytes, Global } from './values.ts';

/** What the machine tells of beside imports. */
export interface MachineLog {
  imports: ImportLog;
  /** What working out calls may cost. */
  readonly allowance: Allowance;
  violation(violation: PickleViolation): void;
  persistentId(offset: number, describe: () => string, foreign: boolean): void;
  bytesValue(value: Bytes): void;
  /** A text that may be bytes in base64 or hexadecimal digits, by its first two characters: where it stands. */
  encodedText(opcode: number, offset: number, length: number): void;
  /** Bytes, or a text by its opcode, out of which a call made something else: that is what counts. */
  workedUp(value: Bytes | number): void;
  /** Bytes that a call is given. */
  bytesArgument(value: Bytes, callee: Global): void;
  protocol(version: number): void;
  /**
   * A log for what another unpickler would read instead from some place on, and what that may cost; null when enough has been tried.
   * @param constantOnly names of which a half is not known are of no interest.
   */
  alternative(constantOnly: boolean): Alternative | null;
}

export interface Alternative {
  log: MachineLog;
  budget: Budget;
}
