/** What can go wrong in a way that a person can act on. Closed: the command line and the server tell them apart. */
export type ErrorCode =
  | 'not-found'
  | 'unreadable'
  | 'unwritable'
  | 'exists'
  | 'bad-config'
  | 'bad-usage'
  | 'bad-input'
  | 'refused'
  | 'unreachable'
  | 'verification-failed'
  | 'cancelled'
  | 'worker-lost';

/**
 * An error that a user can meet. The message is one sentence that says what happened, where, and what to do; it is
 * shown without a stack. Errors that only a developer can meet are plain `Error`s and keep theirs.
 */
export class WeighbridgeError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'WeighbridgeError';
    this.code = code;
  }
}

/** Whether an error is one that a user can act on: programs that are bundled apart have a class of their own each. */
export function isWeighbridgeError(error: unknown): error is WeighbridgeError {
  return error instanceof Error && error.name === 'WeighbridgeError';
}
