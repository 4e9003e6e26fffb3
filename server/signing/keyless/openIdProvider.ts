import { createHash, randomBytes } from 'node:crypto';
import { WeighbridgeError } from '../../errors.ts';
import { requestJson, secureUrl } from './jsonRequest.ts';
import { withoutSecrets } from './secrets.ts';

/** What a sign-in needs to know; the same for both interactive flows. */
export interface SignIn {
  /** URL of the OpenID provider. */
  issuer: string;
  clientId: string;
  signal?: AbortSignal | undefined;
}

export interface OpenIdProvider {
  issuer: string;
  authorizationEndpoint: string;
  tokenEndpoint: string;
  /** Null where the provider has no sign-in by code (RFC 8628). */
  deviceEndpoint: string | null;
}

const service = 'the OpenID provider';

/** OpenID Connect Discovery 1.0. @throws {WeighbridgeError} `unreachable`, `refused`, `cancelled` */
export async function discover({ issuer, signal }: SignIn): Promise<OpenIdProvider> {
  const base = issuer.replace(/\/$/, '');
  const { status, body } = await requestJson(`${base}/.well-known/openid-configuration`, { service, signal });
  if (status !== 200) throw new WeighbridgeError('unreachable', `${issuer} is no OpenID provider (HTTP ${status}).`);
  // Section 4.3: an answer that names another issuer could be another provider's, who would then learn the code.
  if (typeof body['issuer'] !== 'string' || body['issuer'].replace(/\/$/, '') !== base) {
    throw new WeighbridgeError('refused', `The OpenID provider at ${issuer} calls itself ${clean(body['issuer'])}.`);
  }
  return {
    issuer: body['issuer'],
    authorizationEndpoint: endpoint(body, 'authorization_endpoint', issuer),
    tokenEndpoint: endpoint(body, 'token_endpoint', issuer),
    deviceEndpoint:
      body['device_authorization_endpoint'] === undefined
        ? null
        : endpoint(body, 'device_authorization_endpoint', issuer),
  };
}

function endpoint(body: Record<string, unknown>, name: string, issuer: string): string {
  const url = body[name];
  if (typeof url === 'string') return secureUrl(url, service).href;
  throw new WeighbridgeError('unreachable', `The OpenID provider ${issuer} names no ${name}.`);
}

/** Proof Key for Code Exchange, RFC 7636: who catches the code in between cannot use it. */
export function newProofKey(): { verifier: string; challenge: string } {
  const verifier = randomText();
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

/** 256 random bits in base64url. */
export function randomText(): string {
  return randomBytes(32).toString('base64url');
}

/** What the token endpoint answers: a token, or the code of an error (RFC 6749 section 5.2) and its explanation. */
export type TokenAnswer = { token: string } | { error: string; explanation: string };

/** @throws {WeighbridgeError} `unreachable`, `cancelled` */
export async function requestToken(
  provider: OpenIdProvider,
  form: Record<string, string>,
  signal: AbortSignal | undefined,
): Promise<TokenAnswer> {
  const { status, body } = await requestJson(provider.tokenEndpoint, { form, service, signal });
  if (status === 200 && typeof body['id_token'] === 'string') return { token: body['id_token'] };
  if (status === 200)
    return { error: 'no_id_token', explanation: 'it gave no identity token (is the scope "openid" allowed?)' };
  const error = typeof body['error'] === 'string' ? clean(body['error']) : `HTTP ${status}`;
  const description = body['error_description'];
  return { error, explanation: typeof description === 'string' ? `${error}: ${clean(description)}` : error };
}

/** Text of a service, for a message. */
export function clean(text: unknown): string {
  return withoutSecrets(String(text)).slice(0, 200);
}
