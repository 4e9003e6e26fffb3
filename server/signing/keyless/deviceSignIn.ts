// Sign-in with a code on any device, for windows whose browser is not on this machine: RFC 8628.
import { setTimeout as delay } from 'node:timers/promises';
import { WeighbridgeError } from '../../errors.ts';
import { IdentityToken } from './identityToken.ts';
import { requestJson, secureUrl } from './jsonRequest.ts';
import { clean, discover, newProofKey, requestToken, type OpenIdProvider, type SignIn } from './openIdProvider.ts';

/** What the person is shown. */
export interface DeviceCode {
  userCode: string;
  /** Where the code is typed. */
  page: string;
  /** The same with the code filled in, where the provider has it. */
  pageWithCode: string | null;
  expiresInSeconds: number;
}

export interface DeviceSignIn extends SignIn {
  showCode: (code: DeviceCode) => void | Promise<void>;
  /** Waits between two questions; a timer unless told. */
  wait?: (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>;
  /** In milliseconds since 1970; the clock unless told. */
  now?: () => number;
}

const grantType = 'urn:ietf:params:oauth:grant-type:device_code';

/**
 * Shows a code, and waits until the person has typed it in.
 * @throws {WeighbridgeError} `cancelled`; `refused` by the person, the provider or after the time; `unreachable`; `bad-input`.
 */
export async function signInWithCode(options: DeviceSignIn): Promise<IdentityToken> {
  const provider = await discover(options);
  const { verifier, challenge } = newProofKey();
  const grant = await requestCode(provider, options, challenge);
  await options.showCode(grant.code);
  const form = {
    grant_type: grantType,
    device_code: grant.deviceCode,
    // The public provider wants the client id here as well, which RFC 8628 leaves to public clients.
    client_id: options.clientId,
    code_verifier: verifier,
  };
  const token = await poll(provider, form, grant, options);
  return IdentityToken.parse(token, 'of the sign-in', { audience: options.clientId, issuer: provider.issuer });
}

interface DeviceGrant {
  deviceCode: string;
  intervalSeconds: number;
  code: DeviceCode;
}

async function requestCode(provider: OpenIdProvider, options: DeviceSignIn, challenge: string): Promise<DeviceGrant> {
  if (provider.deviceEndpoint === null) {
    throw new WeighbridgeError(
      'refused',
      `${provider.issuer} has no sign-in by code: sign on a machine with a browser, or give an identity token.`,
    );
  }
  const service = 'the OpenID provider';
  const form = {
    client_id: options.clientId,
    scope: 'openid email',
    code_challenge: challenge,
    code_challenge_method: 'S256',
  };
  const { status, body } = await requestJson(provider.deviceEndpoint, { form, service, signal: options.signal });
  const deviceCode = body['device_code'];
  const userCode = body['user_code'];
  // Google's spelling came before the RFC's.
  const page = body['verification_uri'] ?? body['verification_url'];
  if (status !== 200 || typeof deviceCode !== 'string' || typeof userCode !== 'string' || typeof page !== 'string') {
    const error = typeof body['error'] === 'string' ? clean(body['error']) : `HTTP ${status}`;
    throw new WeighbridgeError('refused', `The OpenID provider gave no code to sign in with: ${error}.`);
  }
  if (!/^[\x21-\x7e](?:[\x20-\x7e]{0,62}[\x21-\x7e])?$/.test(userCode)) {
    throw new WeighbridgeError('refused', 'The OpenID provider gave a code that cannot be shown.');
  }
  const complete = body['verification_uri_complete'];
  return {
    deviceCode,
    intervalSeconds: within(body['interval'], 1, 60, 5),
    code: {
      userCode,
      page: secureUrl(page, service).href,
      pageWithCode: typeof complete === 'string' ? secureUrl(complete, service).href : null,
      expiresInSeconds: within(body['expires_in'], 1, 1800, 300),
    },
  };
}

/** Section 3.5: the wait grows when the provider says so or cannot be reached, and ends with the code. */
async function poll(
  provider: OpenIdProvider,
  form: Record<string, string>,
  { intervalSeconds, code }: DeviceGrant,
  { signal, wait = timer, now = Date.now }: DeviceSignIn,
): Promise<string> {
  const deadline = now() + code.expiresInSeconds * 1000;
  let seconds = intervalSeconds;
  while (now() < deadline) {
    await wait(seconds * 1000, signal).catch(() => undefined);
    if (signal?.aborted) throw new WeighbridgeError('cancelled', 'Signing in was cancelled.');
    const answer = await requestToken(provider, form, signal).catch((error: unknown) => {
      if (error instanceof WeighbridgeError && error.code === 'unreachable') return null;
      throw error;
    });
    if (answer === null) seconds *= 2;
    else if ('token' in answer) return answer.token;
    else if (answer.error === 'slow_down') seconds += 5;
    else if (answer.error === 'expired_token') break;
    else if (answer.error === 'access_denied') {
      throw new WeighbridgeError('refused', 'The sign-in was refused in the browser.');
    } else if (answer.error !== 'authorization_pending') {
      throw new WeighbridgeError('refused', `The OpenID provider gave no identity token: ${answer.explanation}.`);
    }
  }
  throw new WeighbridgeError('refused', 'The code was not used in time; sign again to get a new one.');
}

async function timer(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  await delay(milliseconds, undefined, signal === undefined ? {} : { signal });
}

function within(value: unknown, least: number, most: number, otherwise: number): number {
  return typeof value === 'number' && Number.isFinite(value) ? Math.min(most, Math.max(least, value)) : otherwise;
}
