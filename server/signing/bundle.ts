import type { SigningMethod } from './contract.ts';
import { canonicalJson } from './canonicalJson.ts';
import { Rejection } from './rejection.ts';

/** The only media type of model signatures, since version 0.2 of the reference and for all methods. */
export const bundleMediaType = 'application/vnd.dev.sigstore.bundle.v0.3+json';

/** A longer signature file is neither written nor read, in bytes: two hundred thousand files need some 60 MB. */
export const longestBundle = 64 << 20;

/** More certificates than any chain has. */
const mostCertificates = 32;

/** What the bundle brings along to verify it with. Nothing of it is trusted for being there. */
export type VerificationMaterial =
  | { method: 'key'; hint: string | null }
  | { method: 'certificate'; certificates: Buffer[] }
  | { method: 'sigstore'; certificate: Buffer };

/** A signature file, taken apart; nothing in it is verified yet. */
export interface SignatureBundle {
  /** The whole bundle, as parsed. */
  json: unknown;
  material: VerificationMaterial;
  payloadType: string;
  payload: Buffer;
  /** The one signature: ASN.1 DER for elliptic curves. */
  signature: Buffer;
  /** It holds time stamps (RFC 3161), whatever they are worth. */
  hasTimestamps: boolean;
}

/**
 * Takes a signature file apart: a Sigstore bundle with a DSSE envelope.
 * Source: OpenSSF Model Signing specification 1.0; sigstore_bundle.proto of sigstore/protobuf-specs.
 * @throws {Rejection} `malformed`.
 */
export function parseBundle(text: string): SignatureBundle {
  const json = recordOf(parseJson(text), 'it is no JSON object');
  if (json['mediaType'] !== bundleMediaType) throw malformed(`its media type is not ${bundleMediaType}`);
  const envelope = recordOf(json['dsseEnvelope'], 'it has no DSSE envelope');
  const { payloadType, signatures } = envelope;
  if (typeof payloadType !== 'string') throw malformed('its envelope has no payload type');
  if (!Array.isArray(signatures) || signatures.length !== 1) throw malformed('it must hold exactly one signature');
  const payload = bytesOf(envelope['payload'], 'its payload');
  const signature = bytesOf(recordOf(signatures[0], 'its signature is no object')['sig'], 'its signature');
  if (signature.length === 0) throw malformed('its signature is empty');
  return { json, material: materialOf(json), payloadType, payload, signature, hasTimestamps: hasTimestamps(json) };
}

/** The text of a key or certificate bundle. Nothing may be in it beyond this: the reference refuses unknown fields. */
export function bundleOf(
  material: Record<string, unknown>,
  payloadType: string,
  payload: Buffer,
  signature: Buffer,
): unknown {
  return {
    mediaType: bundleMediaType,
    verificationMaterial: { ...material, tlogEntries: [] },
    dsseEnvelope: {
      payload: payload.toString('base64'),
      payloadType,
      signatures: [{ keyid: '', sig: signature.toString('base64') }],
    },
  };
}

/** What is written to the signature file. */
export function bundleText(bundle: unknown): string {
  return `${canonicalJson(bundle)}\n`;
}

function materialOf(json: Record<string, unknown>): VerificationMaterial {
  const material = recordOf(json['verificationMaterial'], 'it has no verification material');
  const given = (['publicKey', 'x509CertificateChain', 'certificate'] as const).filter((name) => name in material);
  const [kind] = given;
  if (kind === undefined || given.length > 1) {
    throw malformed('it must hold exactly one of a key hint, a certificate chain and a certificate');
  }
  const log = material['tlogEntries'];
  if (log !== undefined && !Array.isArray(log)) throw malformed('its log entries are no list');
  const value = recordOf(material[kind], `its ${kind} is no object`);
  if (kind === 'publicKey') return { method: 'key', hint: hintOf(value['hint']) };
  if (kind === 'certificate') {
    if (log === undefined) throw malformed('it has a keyless certificate and no log entries');
    return { method: 'sigstore', certificate: bytesOf(value['rawBytes'], 'its certificate') };
  }
  const list: unknown = value['certificates'];
  if (!Array.isArray(list) || list.length === 0) throw malformed('its certificate chain is empty');
  if (list.length > mostCertificates) throw malformed(`its chain has more than ${mostCertificates} certificates`);
  const certificates = list.map((each) =>
    bytesOf(recordOf(each, 'a certificate is no object')['rawBytes'], 'a certificate'),
  );
  return { method: 'certificate', certificates };
}

function hasTimestamps(json: Record<string, unknown>): boolean {
  const { timestampVerificationData: data } = json['verificationMaterial'] as Record<string, unknown>;
  const { rfc3161Timestamps: stamps } = Object(data) as { rfc3161Timestamps?: unknown };
  return Array.isArray(stamps) && stamps.length > 0;
}

function hintOf(hint: unknown): string | null {
  if (hint === undefined || hint === null || hint === '') return null;
  if (typeof hint === 'string') return hint;
  throw malformed('its key hint is no text');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw malformed('it is no JSON');
  }
}

function recordOf(value: unknown, complaint: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw malformed(complaint);
}

/** Standard base64 with its padding; `Buffer.from` alone would skip what it does not know. */
function bytesOf(value: unknown, what: string): Buffer {
  if (typeof value !== 'string') throw malformed(`${what} is missing`);
  const bytes = Buffer.from(value, 'base64');
  if (bytes.toString('base64') !== value) throw malformed(`${what} is no base64`);
  return bytes;
}

const malformed = (why: string): Rejection =>
  new Rejection('malformed', `The signature file is not a model signature: ${why}.`);

/** What a person calls the methods. */
export const methodNames: Record<SigningMethod, string> = {
  key: 'a key',
  certificate: 'a certificate',
  sigstore: 'Sigstore (keyless)',
};
