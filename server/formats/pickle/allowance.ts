import type { Budget } from '../limits.ts';
import type { ReadProblem } from '../facts.ts';

/** Calls that are worked out for one file beyond those in its opcodes: of `map`, `reduce` and partials of partials. */
const mostCalls = 20_000;
/** Characters and bytes of arguments and results for one file, all together: some tenths of a second of work. */
const mostBytes = 8 << 20;

export type Limit = Omit<ReadProblem, 'entry' | 'incomplete'>;

/** What working out calls may cost: a few opcodes can ask for any amount of memory and time. */
export class Allowance {
  readonly budget: Budget;
  readonly #tell: (limit: Limit) => void;
  #calls = mostCalls;
  #bytes: number;
  #told = false;

  constructor(budget: Budget, tell: (limit: Limit) => void, bytes = mostBytes) {
    this.#bytes = bytes;
    this.budget = budget;
    this.#tell = tell;
  }

  /** Characters or bytes that the next value may have. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether one more call may be worked out. */
  takeCall(): boolean {
    return this.#calls > 0 && this.#calls-- > 0;
  }

  takeBytes(count: number, offset: number): boolean {
    if (count > this.#bytes) {
      const message = `values that it computes take more than ${mostBytes} bytes, and were not followed`;
      this.tell({ code: 'limit-expanded-bytes', offset, message });
      return false;
    }
    this.#bytes -= count;
    return true;
  }

  /** Tells of a limit, the first one only. */
  tell(limit: Limit): void {
    if (this.#told) return;
    this.#told = true;
    this.#tell(limit);
  }
}
