import { X509Certificate } from 'node:crypto';
import { percentEncoded } from '../../files/diskPath.ts';
import type { Draft } from '../draft.ts';
import { type ModelFolder, textOf } from '../folder.ts';
import type { Origin } from '../record.ts';
import { at, jsonValue, listAt, textAt, type Value } from '../values.ts';

/** What the bundles beside the model say of themselves. Nothing is verified here: `weighbridge verify` does that. */
export function readSignatures(folder: ModelFolder, draft: Draft): void {
  for (const path of folder.papers.filter((each) => /(?:\.sig|\.sigstore(?:\.json)?)$/i.test(each))) {
    const origin: Origin = { file: path, at: 'verificationMaterial', technique: 'attestation' };
    draft.reference({
      type: 'digital-signature',
      url: percentEncoded(path),
      comment: commentOf(bundleOf(folder, path)),
      origin,
    });
  }
}

function bundleOf(folder: ModelFolder, path: string): Value | undefined {
  const text = textOf(folder.absolute(path));
  return text === undefined ? undefined : jsonValue(text);
}

function commentOf(bundle: Value | undefined): string {
  const material = at(bundle, 'verificationMaterial');
  if (material === undefined) return 'Detached signature';
  const hint = textAt(material, 'publicKey', 'hint');
  const certificates = listAt(material, 'x509CertificateChain', 'certificates').length;
  const keyless = at(material, 'certificate') !== undefined || listAt(material, 'tlogEntries').length > 0;
  const identity = identityIn(textAt(material, 'certificate', 'rawBytes'));
  const how = keyless
    ? `by a Sigstore identity${identity === undefined ? '' : ` (${identity})`}`
    : certificates > 0
      ? 'with a certificate'
      : `with a key${hint === undefined ? '' : ` (hint ${hint.slice(0, 100)})`}`;
  return `OpenSSF Model Signing bundle, signed ${how}; not verified here`;
}

/** The identity that a keyless certificate was issued to: an address or the workflow of continuous integration. */
function identityIn(base64: string | undefined): string | undefined {
  if (base64 === undefined || base64.length > 20_000) return undefined;
  try {
    return new X509Certificate(Buffer.from(base64, 'base64')).subjectAltName?.slice(0, 500);
  } catch {
    return undefined;
  }
}
