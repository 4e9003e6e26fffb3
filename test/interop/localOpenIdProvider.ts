// An OpenID provider on this machine, for both interactive sign-ins: authorization code with PKCE, and device code.
import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface LocalProvider {
  issuer: string;
  /** Answers of the device flow's token endpoint before the token is given; taken from the front. */
  deviceAnswers: string[];
  /** Seconds between two questions, which the device flow is told. */
  interval: number;
  /** Claims that replace those of a proper token. */
  claims: Record<string, unknown>;
  /** What the token endpoint was asked, form by form. */
  tokenRequests: URLSearchParams[];
  /** Tokens that were given out: none may be in a message. */
  tokens: string[];
  /** Plays the person in the browser, who agrees. @returns the status of the page that the browser ends on. */
  agree(authorizationUrl: string): Promise<number>;
  /** A token as continuous integration gives it. */
  token(claims?: Record<string, unknown>): string;
  close(): Promise<void>;
}

export async function startProvider(email = 'ada@example.com'): Promise<LocalProvider> {
  const codes = new Map<string, { challenge: string; redirect: string; nonce: string | null }>();
  const deviceChallenges = new Map<string, string>();
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://localhost:${(server.address() as AddressInfo).port}`;

  const provider: LocalProvider = {
    issuer,
    deviceAnswers: [],
    interval: 5,
    claims: {},
    tokenRequests: [],
    tokens: [],
    async agree(authorizationUrl) {
      const { headers } = await fetch(authorizationUrl, { redirect: 'manual' });
      return (await fetch(headers.get('location') ?? '')).status;
    },
    token(claims = {}) {
      const now = Math.floor(Date.now() / 1000);
      const body = {
        iss: issuer,
        aud: 'sigstore',
        sub: 'user-1',
        email,
        email_verified: true,
        iat: now,
        nbf: now,
        exp: now + 300,
        ...claims,
      };
      const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
      const token = `${part({ alg: 'ES256' })}.${part(body)}.${randomBytes(64).toString('base64url')}`;
      provider.tokens.push(token);
      return token;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', issuer);
    const form = new URLSearchParams(await text(request));
    const json = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (url.pathname === '/.well-known/openid-configuration') {
      return json(200, {
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        device_authorization_endpoint: `${issuer}/device`,
      });
    }
    if (url.pathname === '/authorize') {
      const query = url.searchParams;
      const code = randomBytes(16).toString('hex');
      const redirect = query.get('redirect_uri') ?? '';
      codes.set(code, { challenge: query.get('code_challenge') ?? '', redirect, nonce: query.get('nonce') });
      const target = new URL(redirect);
      target.searchParams.set('code', code);
      target.searchParams.set('state', query.get('state') ?? '');
      return void response.writeHead(302, { location: target.href }).end();
    }
    if (url.pathname === '/device') {
      const code = randomBytes(16).toString('hex');
      deviceChallenges.set(code, form.get('code_challenge') ?? '');
      const page = `${issuer}/enter`;
      return json(200, {
        device_code: code,
        user_code: 'WDJB-MJHT',
        verification_uri: page,
        verification_uri_complete: `${page}?user_code=WDJB-MJHT`,
        expires_in: 600,
        interval: provider.interval,
      });
    }
    if (url.pathname !== '/token') return json(404, { error: 'not_found' });
    provider.tokenRequests.push(form);
    const proof = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    if (form.get('grant_type') === 'authorization_code') {
      const code = form.get('code') ?? '';
      const grant = codes.get(code);
      codes.delete(code);
      const fits = grant?.challenge === proof && grant.redirect === form.get('redirect_uri');
      if (!fits) return json(400, { error: 'invalid_grant', error_description: 'the code does not fit' });
      return json(200, { id_token: provider.token({ nonce: grant.nonce, ...provider.claims }) });
    }
    const pending = provider.deviceAnswers.shift();
    if (pending !== undefined) return json(400, { error: pending });
    if (deviceChallenges.get(form.get('device_code') ?? '') !== proof) return json(400, { error: 'invalid_grant' });
    json(200, { id_token: provider.token(provider.claims) });
  }

  return provider;
}

async function text(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
