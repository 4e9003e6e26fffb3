import type { Budget } from '../limits.ts';
import { Allowance } from './allowance.ts';
import { ImportLog } from './importLog.ts';
import type { MachineLog } from './machineLog.ts';

/** A log that keeps imports alone: for a look at a stream whose facts are not wanted. */
export class SilentLog implements MachineLog {
  readonly imports = new ImportLog();
  readonly allowance: Allowance;

  /** @param bytes what worked-out values may have, all together; none of them is worked out by default. */
  constructor(budget: Budget, bytes = 0) {
    this.allowance = new Allowance(budget, () => {}, bytes);
  }

  violation(): void {}
  persistentId(): void {}
  bytesValue(): void {}
  encodedText(): void {}
  workedUp(): void {}
  bytesArgument(): void {}
  protocol(): void {}
  alternative(): null {
    return null;
  }
}
