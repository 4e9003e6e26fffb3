// Sign-in in a browser on the same machine: RFC 8252 (loopback redirection) with PKCE (RFC 7636).
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WeighbridgeError } from '../../errors.ts';
import { IdentityToken } from './identityToken.ts';
import { clean, discover, newProofKey, randomText, requestToken, type SignIn } from './openIdProvider.ts';

export interface BrowserSignIn extends SignIn {
  /** Opens the page where the person signs in; also the place to show the URL, for a browser that does not open. */
  openBrowser: (url: string) => void | Promise<void>;
  /** In milliseconds; five minutes unless told. */
  timeoutMs?: number;
}

const callbackPath = '/auth/callback';

/**
 * Waits until the person has signed in.
 * @throws {WeighbridgeError} `cancelled`; `refused` by the person, the provider or after the time; `unreachable`; `bad-input`.
 */
export async function signInWithBrowser(options: BrowserSignIn): Promise<IdentityToken> {
  const provider = await discover(options);
  const { verifier, challenge } = newProofKey();
  const state = randomText();
  const nonce = randomText();
  const server = createServer();
  const done = new AbortController();
  try {
    const port = await listen(server);
    // By name, not by number: the public provider takes nothing but `http://localhost`.
    const redirect = `http://localhost:${port}${callbackPath}`;
    const url = new URL(provider.authorizationEndpoint);
    const query = {
      response_type: 'code',
      client_id: options.clientId,
      redirect_uri: redirect,
      scope: 'openid email',
      state,
      nonce,
      code_challenge: challenge,
      code_challenge_method: 'S256',
    };
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const answered = codeFrom(server, state, { ...options, done: done.signal });
    // It may end before anybody waits for it: that must not become an unhandled rejection.
    answered.catch(() => undefined);
    await options.openBrowser(url.href);
    const answer = await requestToken(
      provider,
      {
        grant_type: 'authorization_code',
        code: await answered,
        redirect_uri: redirect,
        client_id: options.clientId,
        code_verifier: verifier,
      },
      options.signal,
    );
    if ('error' in answer) {
      throw new WeighbridgeError('refused', `The OpenID provider gave no identity token: ${answer.explanation}.`);
    }
    return IdentityToken.parse(answer.token, 'of the sign-in', {
      audience: options.clientId,
      issuer: provider.issuer,
      nonce,
    });
  } finally {
    done.abort();
    server.close();
    server.closeAllConnections();
  }
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new WeighbridgeError('refused', `Cannot wait for the browser on this machine: ${cause.message}.`, { cause }),
      ),
    );
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

/** The code that the browser brings back. Requests that do not know the state are turned away, and the wait goes on. */
function codeFrom(
  server: Server,
  state: string,
  { signal, timeoutMs = 300_000, done }: BrowserSignIn & { done: AbortSignal },
): Promise<string> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(new WeighbridgeError('cancelled', 'Signing in was cancelled.'));
    const timer = setTimeout(() => {
      const minutes = Math.max(1, Math.round(timeoutMs / 60_000));
      reject(new WeighbridgeError('refused', `Nobody signed in within ${minutes} min; sign again when ready.`));
    }, timeoutMs);
    done.addEventListener('abort', () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    });
    signal?.addEventListener('abort', onAbort, { once: true });
    if (signal?.aborted) onAbort();

    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      // Anybody on this machine can send anything here, such as a target that is no URL.
      const target = `http://localhost${request.url ?? ''}`;
      const url = new URL(URL.canParse(target) ? target : 'http://localhost');
      if (request.method !== 'GET' || url.pathname !== callbackPath)
        return page(response, 404, 'There is nothing here.');
      if (url.searchParams.get('state') !== state) {
        return page(response, 400, 'This sign-in was not asked for, or is over. Nothing was signed.');
      }
      const code = url.searchParams.get('code');
      if (code) {
        page(response, 200, 'Signed in. You can close this window and go back to Weighbridge.');
        return resolve(code);
      }
      page(response, 400, 'The sign-in was refused. You can close this window; Weighbridge tells more.');
      const error = clean(
        url.searchParams.get('error_description') ?? url.searchParams.get('error') ?? 'no reason given',
      );
      return reject(new WeighbridgeError('refused', `The OpenID provider refused the sign-in: ${error}.`));
    });
  });
}

/** Nothing of the request is repeated on the page. */
function page(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'",
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    connection: 'close',
  });
  response.end(`<!doctype html><html lang="en"><meta charset="utf-8"><title>Weighbridge</title><p>${text}</p></html>`);
}
