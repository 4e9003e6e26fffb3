import type { PickleViolation } from '../facts.ts';

/** A breach of the pickle rules after which nothing can be read. */
export class StreamError extends Error {
  readonly violation: PickleViolation;

  constructor(code: PickleViolation['code'], offset: number, message: string) {
    super(message);
    this.violation = { code, offset, message };
  }
}
