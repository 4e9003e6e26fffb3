import { basename, posix } from 'node:path';
import type { CheckedSignature } from '../../rules/directory.ts';
import type { SignatureReport } from '../protocol.ts';
import { standingOf } from './standing.ts';

/** Rows that a page can show; the counts are those before the cut. */
const shown = 2000;

/** What surrounds a signature, beside what verifying it came to. */
interface Surroundings {
  uriOf: (relative: string) => string;
  /** Name of the workspace folder, for a signature over all of it. */
  folder: string;
  trustedBy: SignatureReport['trustedBy'];
  mayWrite: boolean;
}

export function signatureReport(signature: CheckedSignature, around: Surroundings): SignatureReport {
  const { result, model, file } = signature;
  const { coverage, differences } = result;
  const notCovered = [
    ...coverage.unsigned.map((path) => ({ path, why: 'unsigned' as const })),
    ...coverage.ignored.map((path) => ({ path, why: 'ignored' as const })),
  ];
  return {
    ...standingOf(signature),
    uri: around.uriOf(model),
    name: model === '.' ? around.folder : posix.basename(model),
    signatureUri: around.uriOf(file),
    signatureName: basename(file),
    reason: result.reason,
    method: result.method,
    signer: result.signer ?? result.claimedSigner,
    signerIsClaim: result.signer === null,
    issuer: result.issuer,
    trust: result.trust,
    trustedBy: around.trustedBy,
    stance: signature.stance,
    signedAt: result.signedAt,
    certificate: result.certificate,
    files: coverage.files.slice(0, shown).map(({ path, digest }) => ({ path, digest })),
    fileCount: coverage.files.length,
    differences: differences.slice(0, shown),
    differenceCount: differences.length,
    notCovered: notCovered.slice(0, shown),
    notCoveredCount: notCovered.length,
    leftOut: coverage.signedIgnorePaths.slice(0, shown),
    newer: signature.newer.slice(0, shown),
    hashedBy: result.hashedBy,
    rootDigest: result.rootDigest,
    predicate: result.predicate?.type ?? null,
    warnings: [...result.warnings, ...signature.unreadable],
    mayWrite: around.mayWrite,
  };
}
