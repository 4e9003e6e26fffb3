import type { PickleViolation } from '../facts.ts';

/** A breach of the pickle rules after which nothing can be read. */
export class StreamError extends Error {
  readonly violation: PickleViolation;

  constructor(code: PickleViolation['code'], offset: number, message: string) {
    // It never leaves the machine: the stack of calls would take longer to write down than a broken stream to read.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(message);
    Error.stackTraceLimit = stackTraceLimit;
    this.violation = { code, offset, message };
  }
}
