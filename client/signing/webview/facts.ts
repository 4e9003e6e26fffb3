import { number } from '../../inspector/webview/elements.ts';
import type { SignatureReport } from '../messages.ts';

const methods = {
  key: 'a key pair',
  certificate: 'a certificate chain',
  sigstore: 'Sigstore: an identity, with an entry in a transparency log',
};

const sources = {
  'transparency-log': 'as the transparency log has it',
  'timestamp-authority': 'as a timestamp authority has it',
};

/** What is known of a signature, a line each: who, by what trust, when, over what, and how it was looked at. */
export function facts(report: SignatureReport): [name: string, value: string][] {
  const { certificate, signedAt, hashedBy } = report;
  const rows: [string, string | null][] = [
    ['Signer', signer(report)],
    ['Vouched for by', report.issuer],
    ['Trusted by', trust(report)],
    ['Method', report.method && methods[report.method]],
    ['Signed at', signedAt ? `${moment(signedAt.time)}, ${sources[signedAt.source]}` : 'nothing proves the time'],
    [
      'Certificate',
      certificate && `${certificate.subject || certificate.subjectAlternativeName}, of ${certificate.issuer}`,
    ],
    ['Certificate valid', certificate && validity(certificate, signedAt !== null)],
    ['Looked at', looked(report)],
    ['Hashed', report.fileCount === 0 ? null : hashed(hashedBy)],
    ['Root digest', report.rootDigest],
    ['Statement', report.predicate],
    ['Why not verified', report.reason],
  ];
  return rows.flatMap(([name, value]): [string, string][] => (value === null ? [] : [[name, value]]));
}

function signer({ signer: name, signerIsClaim, method }: SignatureReport): string {
  if (name === null) return 'unknown';
  const what = method === 'key' ? `the key with the SHA-256 ${name}` : name;
  return signerIsClaim ? `${what} (so says the signature; not verified)` : what;
}

function trust({ trust: by, trustedBy, stance }: SignatureReport): string {
  if (by !== null)
    return trustedBy === 'given' ? `${by}, which you named for this once` : `${by}, named in weighbridge.yaml`;
  if (trustedBy === 'given') return 'nobody: not by what you named';
  return stance === 'none'
    ? 'nobody: weighbridge.yaml names nobody who may sign this model'
    : 'nobody: weighbridge.yaml names others for this model';
}

/** @param proven that the signature was made in that time: then it is nothing that the certificate has ended since. */
function validity(
  { validFrom, validTo, expired }: NonNullable<SignatureReport['certificate']>,
  proven: boolean,
): string {
  const note = proven ? ', and when it signed' : expired ? ' (expired since)' : '';
  return `${moment(validFrom)} to ${moment(validTo)}${note}`;
}

function looked({ fileCount, notCoveredCount, differenceCount }: SignatureReport): string | null {
  if (fileCount === 0) return null;
  const files = fileCount === 1 ? '1 signed file' : `${number(fileCount)} signed files`;
  const differences = differenceCount === 1 ? '1 difference' : `${number(differenceCount)} differences`;
  return `${files}, ${differences}, ${number(notCoveredCount)} not covered`;
}

function hashed({ full, cache }: SignatureReport['hashedBy']): string {
  if (cache === 0) return `every byte of ${full === 1 ? '1 file' : `${number(full)} files`}`;
  const known = cache === 1 ? '1 file looks unchanged and was' : `${number(cache)} files look unchanged and were`;
  return `${number(full)} now; ${known} not read again ("Verify again" reads every byte)`;
}

/** `2026-03-04 10:20 UTC` */
function moment(time: string): string {
  return `${time.slice(0, 10)} ${time.slice(11, 16)} UTC`;
}
