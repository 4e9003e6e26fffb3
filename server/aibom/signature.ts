import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { WeighbridgeError } from '../errors.ts';
import { canonicalJson } from './canonicalJson.ts';
import { isObject, type JsonObject, text } from './validate/document.ts';

/** How a signature inside a document stands. */
export interface BomVerification {
  verified: boolean;
  algorithm: string | null;
  /**
   * `jsf`: everything but the signature's value is signed, as JSON Signature Format 0.82 has it. `cdxgen`: only what stands
   * outside of `signature` is, so that algorithm and key could be exchanged unseen.
   */
  dialect: 'jsf' | 'cdxgen' | null;
  /** Why it is not verified. */
  reason: string | null;
}

type Algorithm = 'Ed25519' | 'ES256' | 'ES384' | 'ES512' | RsaAlgorithm;
/** What an RSA key can verify; documents are signed with the first. */
const rsaAlgorithms = ['RS256', 'RS384', 'RS512'] as const;
type RsaAlgorithm = (typeof rsaAlgorithms)[number];

/**
 * Signs a bill of materials in place (JSON Signature Format 0.82, as CycloneDX has it). An older signature is replaced.
 * @param pem a private key: Ed25519, NIST P-256, P-384 or P-521, or RSA.
 * @returns the document with its signature.
 * @throws {WeighbridgeError} `bad-input` when the key cannot be used.
 */
export function signBom(root: JsonObject, pem: string): JsonObject {
  const key = privateKey(pem);
  const algorithm = algorithmOf(key);
  const signature: JsonObject = { algorithm, publicKey: publicJwk(key) };
  const unsigned: JsonObject = { ...root, signature };
  const value = sign(digestName(algorithm), Buffer.from(canonicalJson(unsigned)), options(key, algorithm));
  return { ...root, signature: { ...signature, value: value.toString('base64url') } };
}

/** Verifies the signature inside a document with a public key (PEM) that is trusted; the key inside the document is not. */
export function verifyBom(root: JsonObject, pem: string): BomVerification {
  const failed = (reason: string, algorithm: string | null = null): BomVerification => ({
    verified: false,
    algorithm,
    dialect: null,
    reason,
  });
  const signature = root['signature'];
  if (!isObject(signature)) return failed('the document carries no signature');
  const value = text(signature['value']);
  const algorithm = text(signature['algorithm']) ?? null;
  if (value === undefined || algorithm === null)
    return failed('the signature has no single value and algorithm', algorithm);
  const key = publicKey(pem);
  let expected: Algorithm;
  try {
    expected = rsaAlgorithms.find((each) => each === algorithm && key.asymmetricKeyType === 'rsa') ?? algorithmOf(key);
  } catch {
    return failed('the key is of a kind that documents are not signed with', algorithm);
  }
  if (expected !== algorithm)
    return failed(`the document is signed with ${algorithm}, and the key is for ${expected}`, algorithm);
  const bytes = Buffer.from(value, 'base64url');
  const withoutValue = Object.fromEntries(Object.entries(signature).filter(([name]) => name !== 'value'));
  const outside = Object.fromEntries(Object.entries(root).filter(([name]) => name !== 'signature'));
  for (const [dialect, signed] of [
    ['jsf', { ...root, signature: withoutValue }],
    ['cdxgen', outside],
  ] as const) {
    if (verify(digestName(expected), Buffer.from(canonicalJson(signed)), options(key, expected), bytes))
      return { verified: true, algorithm, dialect, reason: null };
  }
  return failed('the signature does not fit: the document was changed, or another key signed it', algorithm);
}

function privateKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    throw new WeighbridgeError('bad-input', 'the key is no private key in PEM form without a passphrase', { cause });
  }
}

function publicKey(pem: string): KeyObject {
  try {
    return createPublicKey(pem);
  } catch (cause) {
    throw new WeighbridgeError('bad-input', 'the key is no public key or certificate in PEM form', { cause });
  }
}

function algorithmOf(key: KeyObject): Algorithm {
  if (key.asymmetricKeyType === 'ed25519') return 'Ed25519';
  if (key.asymmetricKeyType === 'rsa') return 'RS256';
  const curve = key.asymmetricKeyDetails?.namedCurve;
  if (curve === 'prime256v1') return 'ES256';
  if (curve === 'secp384r1') return 'ES384';
  if (curve === 'secp521r1') return 'ES512';
  throw new WeighbridgeError('bad-input', 'the key must be Ed25519, NIST P-256, P-384, P-521 or RSA');
}

function publicJwk(key: KeyObject): JsonObject {
  const { kty, crv, x, y, n, e } = createPublicKey(key).export({ format: 'jwk' });
  return Object.fromEntries(Object.entries({ kty, crv, x, y, n, e }).filter(([, member]) => member !== undefined));
}

function digestName(algorithm: Algorithm): string | null {
  return algorithm === 'Ed25519' ? null : `sha${algorithm.slice(2)}`;
}

/** JSF has ECDSA signatures as JWS does: both numbers at full length (RFC 7518, section 3.4). */
function options(key: KeyObject, algorithm: Algorithm): Parameters<typeof verify>[2] & { key: KeyObject } {
  if (algorithm.startsWith('ES')) return { key, dsaEncoding: 'ieee-p1363' };
  return { key };
}
