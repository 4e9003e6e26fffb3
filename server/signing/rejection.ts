import type { VerificationFailure } from './contract.ts';

/** Why a signature or a model does not pass; a verdict, and no error of the program. */
export class Rejection extends Error {
  readonly failure: VerificationFailure;

  /** @param message one sentence for a person. */
  constructor(failure: VerificationFailure, message: string) {
    super(message);
    this.name = 'Rejection';
    this.failure = failure;
  }
}
