import type { Colours } from '../report/colour.ts';
import { count, printable } from '../report/printable.ts';
import type { VerificationResult } from '../signing/contract.ts';
import type { VerifiedProvenance } from '../signing/provenance/verifyProvenance.ts';

const words = { changed: 'changed   ', missing: 'missing   ', extra: 'not signed' } as const;

/** What a person is told: the verdict, then by whom, by what trust, over what, and what is not covered. */
export function verificationText(
  result: VerificationResult,
  model: string,
  colours: Colours,
  provenance: VerifiedProvenance | null,
): string {
  const { verified, reason, coverage, differences, warnings } = result;
  const verdict = verified ? `verified: ${printable(model)}` : `NOT VERIFIED: ${printable(model)}`;
  const lines = [verified ? colours.strong(verdict) : colours.severity('error', verdict)];
  if (reason !== null) lines.push(`  ${printable(reason)}`);
  for (const { path, kind } of differences) lines.push(`    ${words[kind]}  ${printable(path)}`);
  if (result.signatureHolds) lines.push(...signerLines(result), ...coverageLines(result));
  else if (result.claimedSigner !== null) {
    lines.push(`  claimed    ${printable(result.claimedSigner)} (nothing of this is verified)`);
  }
  const open = coverage.ignored.length + coverage.unsigned.length;
  if (verified && open > 0)
    lines.push(colours.severity('warning', `  Not covered: ${count(open, 'path')}, see above.`));
  if (provenance !== null) lines.push(...provenanceLines(provenance, colours));
  for (const warning of warnings) lines.push(`  ${colours.severity('warning', 'warning')}: ${printable(warning)}`);
  return `${lines.join('\n')}\n`;
}

function signerLines({ signer, issuer, trust, signedAt, certificate }: VerificationResult): string[] {
  const lines = [`  signer     ${printable(signer ?? '')}`];
  if (issuer !== null) lines.push(`  issuer     ${printable(issuer)}`);
  if (trust !== null) lines.push(`  trusted by ${printable(trust)}`);
  lines.push(
    `  signed at  ${signedAt ? `${moment(signedAt.time, signedAt)} (${signedAt.source.replace('-', ' ')})` : 'not known: no log or timestamp'}`,
  );
  if (certificate) {
    const { validFrom, validTo, expired } = certificate;
    // That a keyless certificate lived for minutes is as it should be: what counts is that it did when it signed.
    const ended = signedAt ? ', and when it signed' : expired ? ', expired' : '';
    lines.push(`  valid      ${moment(validFrom, signedAt)} to ${moment(validTo, signedAt)}${ended}`);
  }
  return lines;
}

/** The day; to the second where that shows that a signature was made in time. */
function moment(time: string, signedAt: VerificationResult['signedAt']): string {
  return signedAt ? time.replace('.000Z', 'Z') : time.slice(0, 10);
}

/** Enough to see what kind of paths they are; differences are listed one by one, and JSON has all. */
const named = 50;

function listed(paths: readonly string[]): string {
  const more =
    paths.length > named ? ` and ${count(paths.length - named, 'more path')} (all of them: --format json)` : '';
  return `${paths.slice(0, named).map(printable).join(', ')}${more}`;
}

function coverageLines({ coverage, hashedBy, rootDigest, predicate }: VerificationResult): string[] {
  const { files, ignored, unsigned, signedIgnorePaths } = coverage;
  const lines = [
    `  covers     ${count(files.length, 'file')}${rootDigest === null ? '' : `, digest sha256:${rootDigest}`}`,
  ];
  if (predicate) lines.push(`  version    ${printable(predicate.type)}`);
  if (ignored.length > 0) lines.push(`  ignored    ${listed(ignored)}`);
  if (signedIgnorePaths.length > 0) lines.push(`  may change ${listed(signedIgnorePaths)} (ignored by the signature)`);
  if (unsigned.length > 0) lines.push(`  not signed ${listed(unsigned)}`);
  const cached = hashedBy.cache > 0 ? `, ${count(hashedBy.cache, 'file')} by the cache (--no-cache hashes them)` : '';
  lines.push(`  hashed     ${count(hashedBy.full, 'file')} now${cached}`);
  return lines;
}

/** What the model was made of, as far as somebody who is trusted said so. */
function provenanceLines(provenance: VerifiedProvenance, colours: Colours): string[] {
  const { verified, reason, signer, builder, dependencies } = provenance;
  if (!verified) return [`  ${colours.severity('warning', 'warning')}: provenance: ${printable(reason ?? '')}`];
  return [
    `  provenance by ${printable(signer ?? '')}, made by ${printable(builder ?? 'nobody named')}`,
    ...dependencies.map(
      ({ role, name, uri }) => `    ${printable(role ?? '').padEnd(10)} ${printable(uri ?? name ?? '')}`,
    ),
  ];
}
