// Makes `crypto.verify` give the same verdict in every runtime. Importing this module is what installs it; every program
// that verifies signatures imports it first.
//
// The Sigstore libraries (@sigstore/core, @tufjs/models) call `crypto.verify(undefined, data, key, signature)`: they leave
// the digest to the key. OpenSSL, below Node, then takes SHA-256. BoringSSL, below Electron and so below VS Code, throws
// instead; the libraries take that for a signature that does not hold, and every keyless signature is "invalid".
// Here the digest is named where the caller names none, by the rule that Sigstore and Model Signing share: the hash
// follows the curve, RSA takes SHA-256, and Ed25519 has its own.
// https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_common.proto (PublicKeyDetails)
import crypto, { createPublicKey, KeyObject, type KeyLike } from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';

type VerifyKey = Parameters<typeof crypto.verify>[2];

const original = crypto.verify;

const digestOfCurve: Record<string, string> = {
  prime256v1: 'sha256',
  'P-256': 'sha256',
  secp384r1: 'sha384',
  'P-384': 'sha384',
  secp521r1: 'sha512',
  'P-521': 'sha512',
};

/** @returns null where the key leaves no choice (Ed25519), or where it is of a kind that nothing here signs with. */
function digestFor(key: VerifyKey): string | null {
  const { asymmetricKeyType, asymmetricKeyDetails } = publicKeyOf(key);
  if (asymmetricKeyType === 'ec') return digestOfCurve[asymmetricKeyDetails?.namedCurve ?? ''] ?? null;
  return asymmetricKeyType === 'rsa' ? 'sha256' : null;
}

function publicKeyOf(key: VerifyKey): KeyObject {
  if (key instanceof KeyObject) return key;
  const inner = typeof key === 'object' && 'key' in key ? key.key : null;
  if (inner instanceof KeyObject) return inner;
  return createPublicKey(key as KeyLike);
}

const verify: typeof original = (
  algorithm: string | null | undefined,
  data: NodeJS.ArrayBufferView,
  key: VerifyKey,
  signature: NodeJS.ArrayBufferView,
  ...callback: ((error: Error | null, result: boolean) => void)[]
) => Reflect.apply(original, crypto, [algorithm ?? digestFor(key), data, key, signature, ...callback]) as never;

crypto.verify = verify;
syncBuiltinESMExports();
