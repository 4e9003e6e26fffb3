import {
  createHash,
  createPrivateKey,
  createPublicKey,
  sign as signBytes,
  verify as verifyBytes,
  type KeyObject,
} from 'node:crypto';
import { WeighbridgeError } from '../errors.ts';

/** How a key signs. The digest is always named: without one, BoringSSL (VS Code's runtime) fails for elliptic curves. */
export interface KeyAlgorithm {
  /** As Node names it; null for Ed25519, which takes the message whole. */
  digest: 'sha256' | 'sha384' | 'sha512' | null;
  /** For a person. */
  name: string;
  /** Specified for model signatures, so that other clients verify it. */
  portable: boolean;
}

/** The hash follows the curve. Source: OpenSSF Model Signing specification 1.0, registry of algorithms. */
const curves: Record<string, KeyAlgorithm> = {
  prime256v1: { digest: 'sha256', name: 'ECDSA P-256', portable: true },
  secp384r1: { digest: 'sha384', name: 'ECDSA P-384', portable: true },
  secp521r1: { digest: 'sha512', name: 'ECDSA P-521', portable: true },
};

/** In bits; what is shorter has been out of use since 2013 (NIST SP 800-131A). */
const shortestRsa = 2048;

/** @returns null for a kind of key that signs no models. */
export function algorithmOf(key: KeyObject): KeyAlgorithm | null {
  const { namedCurve, modulusLength } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === 'ec') return curves[namedCurve ?? ''] ?? null;
  if (key.asymmetricKeyType === 'ed25519') return { digest: null, name: 'Ed25519', portable: false };
  if (key.asymmetricKeyType === 'rsa' && (modulusLength ?? 0) >= shortestRsa) {
    return { digest: 'sha256', name: `RSA ${modulusLength}`, portable: false };
  }
  return null;
}

export const keysThatSign = 'P-256, P-384 or P-521; RSA from 2048 bits and Ed25519 as an extension';

export function notPortable({ name }: KeyAlgorithm): string {
  return `${name} keys are an extension: the reference client (model-signing) refuses them. Use an elliptic-curve key where others verify.`;
}

/**
 * Reads a public key from PEM; from a certificate or a private key its public key.
 * @param name of the file, for the message.
 * @throws {WeighbridgeError} `bad-input`.
 */
export function readPublicKey(pem: string, name: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPublicKey(pem);
  } catch (cause) {
    throw new WeighbridgeError('bad-input', `${name} holds no public key in PEM: name the signer's public key.`, {
      cause,
    });
  }
  if (algorithmOf(key) === null) throw unsupported(name);
  return key;
}

/** Whether a private key cannot be read without its passphrase. */
export function isEncrypted(pem: string): boolean {
  return /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: *4,ENCRYPTED/m.test(pem);
}

/**
 * Reads a private key from PEM.
 * @throws {WeighbridgeError} `bad-input`; the message never holds anything of the key.
 */
export function readPrivateKey(pem: string, name: string, passphrase?: string): KeyObject {
  if (isEncrypted(pem) && passphrase === undefined) {
    throw new WeighbridgeError('bad-input', `${name} is encrypted: its passphrase is needed.`);
  }
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: pem, ...(passphrase === undefined ? {} : { passphrase }) });
  } catch {
    // Without the cause: OpenSSL's words help nobody, and should not carry what it has read.
    const why = isEncrypted(pem) ? 'cannot be opened with this passphrase' : 'holds no private key in PEM';
    throw new WeighbridgeError('bad-input', `${name} ${why}.`);
  }
  if (algorithmOf(key) === null) throw unsupported(name);
  return key;
}

/**
 * The name that model signatures know a public key by: SHA-256 over its PEM text, encoded anew, hexadecimal.
 * Source: `_get_verification_material` in model_signing/_signing/sign_ec_key.py.
 */
export function keyHint(key: KeyObject): string {
  const text = publicHalf(key).export({ type: 'spki', format: 'pem' });
  return createHash('sha256').update(text).digest('hex');
}

/** SHA-256 over the SubjectPublicKeyInfo (DER), hexadecimal: what certificates are pinned by. */
export function publicKeySha256(key: KeyObject): string {
  const der = publicHalf(key).export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(der).digest('hex');
}

export function publicHalf(key: KeyObject): KeyObject {
  return key.type === 'private' ? createPublicKey(key) : key;
}

/** @param digest another one than the key's own, which only signatures of version 0.2 have. */
export function signatureHolds(
  key: KeyObject,
  data: Buffer,
  signature: Buffer,
  digest: KeyAlgorithm['digest'] = algorithmOf(key)?.digest ?? null,
): boolean {
  try {
    return verifyBytes(digest, data, key, signature);
  } catch {
    return false; // Bytes that are no signature of this kind at all.
  }
}

export function signWith(key: KeyObject, data: Buffer): Buffer {
  return signBytes(algorithmOf(key)?.digest ?? null, data, key);
}

const unsupported = (name: string): WeighbridgeError =>
  new WeighbridgeError('bad-input', `${name} is a kind of key that signs no models: use ${keysThatSign}.`);
