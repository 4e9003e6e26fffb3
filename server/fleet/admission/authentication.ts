import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { createLocalJWKSet, createRemoteJWKSet, jwtVerify, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { WeighbridgeError } from '../../errors.ts';

/** Who may ask. */
export interface Authentication {
  /** Whether certificates of clients are taken; they are checked against the authorities that the server was given. */
  certificates: boolean;
  /** Names (common name, DNS, URI or e-mail of the subject) that certificates may have; null for any that the authority signed. */
  certificateNames: ReadonlySet<string> | null;
  tokens: TokenCheck | null;
}

export interface TokenCheck {
  issuer: string;
  audience: string;
  /** Subjects that may ask; null for all. */
  subjects: ReadonlySet<string> | null;
  keys: JWTVerifyGetKey;
}

/** What a client is called, or why it is nobody: the reason is for the log, and not for the client. */
export type Identity = { client: string } | { refused: string; isMissing: boolean };

/** Signatures by shared secrets are none that an issuer would publish the key of. */
const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];

/** A certificate or a token: one that holds is enough. */
export async function identify(
  request: IncomingMessage,
  { certificates, certificateNames, tokens }: Authentication,
): Promise<Identity> {
  const { authorization } = request.headers;
  if (authorization !== undefined && tokens) {
    const token = /^Bearer ([\w.~+/=-]+)$/i.exec(authorization)?.[1];
    return token === undefined
      ? { refused: 'the credentials are no bearer token', isMissing: false }
      : identifyToken(token, tokens);
  }
  if (!certificates) return { refused: 'no token', isMissing: true };
  const socket = request.socket as TLSSocket;
  const certificate = socket.getPeerCertificate();
  if (Object.keys(certificate).length === 0) return { refused: 'neither a certificate nor a token', isMissing: true };
  if (!socket.authorized)
    return { refused: `the certificate is refused: ${String(socket.authorizationError)}`, isMissing: false };
  const names = namesOf(certificate);
  const name = certificateNames
    ? names.find((each) => certificateNames.has(each))
    : (names[0] ?? certificate.fingerprint256);
  return name === undefined
    ? { refused: `the certificate is of ${names.join(', ')}, which may not ask`, isMissing: false }
    : { client: `certificate ${name}` };
}

async function identifyToken(token: string, { issuer, audience, subjects, keys }: TokenCheck): Promise<Identity> {
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer,
      audience,
      algorithms,
      clockTolerance: 30,
      requiredClaims: ['exp', 'sub'],
    });
    const subject = payload.sub ?? '';
    if (subjects && !subjects.has(subject)) return { refused: `${subject} may not ask`, isMissing: false };
    return { client: `token ${subject}` };
  } catch (cause) {
    return { refused: `the token is refused: ${(cause as Error).message}`, isMissing: false };
  }
}

function namesOf({ subject, subjectaltname }: ReturnType<TLSSocket['getPeerCertificate']>): string[] {
  const alternatives = alternativesOf(subjectaltname ?? '');
  const common = (subject as { CN?: string | string[] } | undefined)?.CN ?? [];
  return [...(Array.isArray(common) ? common : [common]), ...alternatives];
}

/**
 * The names in what Node makes of a certificate's alternative names (`DNS:a.example, URI:spiffe://b`). A value in which a comma or a
 * quote stands is a JSON text there: split at commas, one name could hold another.
 */
export function alternativesOf(text: string): string[] {
  const entry = /([^:,"]+):("(?:[^"\\]|\\.)*"|[^",]*)(?:, |$)/y;
  const names: string[] = [];
  for (let found = entry.exec(text); found && found[0] !== ''; found = entry.exec(text)) {
    const [, kind = '', value = ''] = found;
    if (!['DNS', 'URI', 'email'].includes(kind) || value === '') continue;
    try {
      names.push(value.startsWith('"') ? (JSON.parse(value) as string) : value);
    } catch {
      // It is nobody's name.
    }
  }
  return names;
}

/**
 * The keys that an issuer publishes (OpenID Connect Discovery 1.0, section 4); they are fetched again when an unknown one is named.
 * @throws {WeighbridgeError} `bad-usage`, `unreachable`.
 */
export async function publishedKeys(issuer: string, signal: AbortSignal): Promise<JWTVerifyGetKey> {
  const address = `${issuer.replace(/\/+$/, '')}/.well-known/openid-configuration`;
  requireHttps(address);
  let found: { issuer?: unknown; jwks_uri?: unknown };
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(10_000)]);
    const response = await fetch(address, { signal: limit, redirect: 'error' });
    if (!response.ok) throw new Error(`it answers ${response.status}`);
    found = (await response.json()) as typeof found;
  } catch (cause) {
    throw new WeighbridgeError('unreachable', `${address} cannot be read: ${(cause as Error).message}`, { cause });
  }
  if (found.issuer !== issuer || typeof found.jwks_uri !== 'string') {
    throw new WeighbridgeError('bad-input', `${address} does not describe the issuer ${issuer}`);
  }
  requireHttps(found.jwks_uri);
  return createRemoteJWKSet(new URL(found.jwks_uri), { timeoutDuration: 5_000 });
}

export function givenKeys(keys: unknown): JWTVerifyGetKey {
  try {
    return createLocalJWKSet(keys as JSONWebKeySet);
  } catch (cause) {
    throw new WeighbridgeError('bad-input', '--oidc-keys is no set of keys (JWKS)', { cause });
  }
}

function requireHttps(address: string): void {
  if (!URL.canParse(address))
    throw new WeighbridgeError(
      'bad-usage',
      `"${address.slice(0, 200)}" is no address of an issuer: write https://HOST`,
    );
  const { protocol, hostname } = new URL(address);
  const isLocal = ['127.0.0.1', '[::1]', 'localhost'].includes(hostname);
  if (protocol === 'https:' || (protocol === 'http:' && isLocal)) return;
  throw new WeighbridgeError('bad-usage', `${address} must be https: whoever sits between could put other keys in`);
}
