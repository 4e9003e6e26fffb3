import type { Signer } from '@sigstore/verify';

/** Object identifiers: RFC 5280 section 4.2.1.6; https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md */
const subjectAlternativeName = '2.5.29.17';
const issuerExtensions = ['1.3.6.1.4.1.57264.1.8', '1.3.6.1.4.1.57264.1.1'];

/**
 * Whom a verified certificate names, and the provider that vouched for them.
 * The library decodes both as ASCII by dropping the eighth bit, by which other letters turn into these; and of several
 * names it takes the first. So what it says only counts when the certificate's bytes are exactly that, and alone.
 * @returns null for what is absent or in doubt.
 */
export function signerOf({ identity }: Signer): { identity: string | null; issuer: string | null } {
  const extension = (oid: string): Buffer | undefined =>
    identity?.oids?.find(({ oid: found }) => found?.id.join('.') === oid)?.value;
  const name = identity?.subjectAlternativeName;
  const issuer = identity?.extensions?.issuer;
  const names = extension(subjectAlternativeName);
  const issuerBytes = issuerExtensions.map(extension).find((value) => value !== undefined);
  return {
    identity: name && names && isOnlyName(names, name) ? name : null,
    issuer: issuer && issuerBytes && endsWith(issuerBytes, issuer) ? issuer : null,
  };
}

/** SEQUENCE { GeneralName }, with one name that reaches to the end. */
function isOnlyName(der: Buffer, name: string): boolean {
  const sequence = contentOf(der);
  const only = sequence && contentOf(sequence);
  return only !== null && only !== undefined && endsWith(only, name);
}

/** What is inside the one DER element that these bytes are; null where they are not exactly one. */
function contentOf(der: Buffer): Buffer | null {
  const first = der[1];
  if (first === undefined) return null;
  const extra = first < 0x80 ? 0 : first & 0x7f;
  if (extra > 4 || der.length < 2 + extra) return null;
  const length = extra === 0 ? first : der.readUIntBE(2, extra);
  const content = der.subarray(2 + extra);
  return content.length === length ? content : null;
}

function endsWith(bytes: Buffer, text: string): boolean {
  const wanted = Buffer.from(text, 'utf8');
  return wanted.length === text.length && bytes.subarray(-wanted.length).equals(wanted);
}
