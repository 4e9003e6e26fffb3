import type { Io } from '../io.ts';
import type { OptionValues } from '../options.ts';
import { policyTrust } from '../policyTrust.ts';
import { trustOf } from '../verify.ts';
import { verifyModel } from '../../signing/verifyModel.ts';
import { WeighbridgeError } from '../../errors.ts';

/** How the signature over a record stands, for a person who looks at it. */
export interface RecordSignature {
  verified: boolean;
  signer: string | null;
  /** By whom, or why not. */
  text: string;
}

/**
 * The signature over a `provenance.json`, by whom the options or weighbridge.yaml trust.
 * @param file absolute.
 */
export async function signatureOfRecord(file: string, values: OptionValues, io: Io): Promise<RecordSignature> {
  const named = ['key', 'certificate-chain', 'identity', 'identity-provider'].some((name) => name in values);
  try {
    const trust = named ? await trustOf(values, io) : await policyTrust(values, io, file);
    const { verified, signer, reason } = await verifyModel({ model: file, trust, signal: io.signal });
    return {
      verified,
      signer,
      text: verified ? `by ${signer ?? 'somebody who is trusted'}` : (reason ?? 'not verified'),
    };
  } catch (error) {
    // Nobody is trusted for it: the options name nobody, and weighbridge.yaml does not either.
    if (named || !(error instanceof WeighbridgeError)) throw error;
    return { verified: false, signer: null, text: error.message };
  }
}
