import { WeighbridgeError, type ErrorCode } from '../../errors.ts';

/** What a server would not give. */
export class FetchError extends WeighbridgeError {
  /** Whether the same question may be answered later: a connection that broke, a server that is busy. */
  readonly isTransient: boolean;

  constructor(code: ErrorCode, message: string, isTransient = false, options?: { cause?: unknown }) {
    super(code, message, options);
    this.isTransient = isTransient;
  }
}
