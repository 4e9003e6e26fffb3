import type { Signer } from '@sigstore/verify';
import { childrenOf, readDer } from '../der.ts';

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
    issuer: issuer && issuerBytes && isIssuer(issuerBytes, issuer) ? issuer : null,
  };
}

/** SEQUENCE { GeneralName }, with one name and nothing else. */
function isOnlyName(der: Buffer, name: string): boolean {
  const names = childrenOf(readDer(der));
  return names.length === 1 && isText(names[0]?.content, name);
}

/** The provider's URL: a UTF8String, or bare in the extension that came first. */
function isIssuer(value: Buffer, issuer: string): boolean {
  return isText(value, issuer) || isText(readDer(value).content, issuer);
}

function isText(bytes: Buffer | undefined, text: string): boolean {
  return bytes?.equals(Buffer.from(text, 'utf8')) ?? false;
}
