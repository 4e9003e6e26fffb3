// Both interactive sign-ins against an OpenID provider on this machine.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { inspect } from 'node:util';
import { ambientToken } from '../../server/signing/keyless/ambientToken.ts';
import { signInWithBrowser, type BrowserSignIn } from '../../server/signing/keyless/browserSignIn.ts';
import { signInWithCode, type DeviceCode, type DeviceSignIn } from '../../server/signing/keyless/deviceSignIn.ts';
import type { IdentityToken } from '../../server/signing/keyless/identityToken.ts';
import { startProvider, type LocalProvider } from './localOpenIdProvider.ts';

let provider: LocalProvider;
beforeEach(async () => (provider = await startProvider()));
afterEach(() => provider.close());

describe('sign-in with a browser', () => {
  const signIn = (options: Partial<BrowserSignIn> = {}): Promise<IdentityToken> =>
    signInWithBrowser({
      issuer: provider.issuer,
      clientId: 'sigstore',
      openBrowser: async (url) => void (await provider.agree(url)),
      ...options,
    });

  it('gives the token of who signed in', async () => {
    const token = await signIn();
    assert.equal(token.identity, 'ada@example.com');
    assert.equal(token.issuer, provider.issuer);
    assert.equal(token.reveal(), provider.tokens[0]);
  });

  it('asks as the public provider wants it: loopback by name, proof key, state, nonce, no secret', async () => {
    let asked = new URL('http://unset');
    await signIn({
      openBrowser: async (url) => {
        asked = new URL(url);
        await provider.agree(url);
      },
    });
    const query = asked.searchParams;
    assert.match(query.get('redirect_uri') ?? '', /^http:\/\/localhost:\d+\/auth\/callback$/);
    assert.equal(query.get('code_challenge_method'), 'S256');
    assert.equal(query.get('scope'), 'openid email');
    for (const name of ['code_challenge', 'state', 'nonce']) assert.equal(query.get(name)?.length, 43, name);
    assert.equal(provider.tokenRequests[0]?.get('client_secret'), null);
    assert.equal(provider.tokenRequests[0].get('code_verifier')?.length, 43);
  });

  it('shows a page that repeats nothing, and waits on when a page with another state comes by', async () => {
    const statuses: number[] = [];
    const token = await signIn({
      openBrowser: async (url) => {
        const redirect = new URL(url).searchParams.get('redirect_uri') ?? '';
        const forged = await fetch(`${redirect}?code=stolen&state=%3Cscript%3E`);
        assert.doesNotMatch(await forged.text(), /script|stolen/);
        statuses.push(forged.status, (await fetch(new URL('/', redirect))).status);
        statuses.push((await fetch(redirect, { method: 'POST' })).status, await provider.agree(url));
      },
    });
    assert.deepEqual(statuses, [400, 404, 404, 200]);
    assert.equal(token.identity, 'ada@example.com');
  });

  it('is not disturbed by requests that make no sense', async () => {
    const token = await signIn({
      openBrowser: async (url) => {
        const { port } = new URL(new URL(url).searchParams.get('redirect_uri') ?? '');
        for (const target of [
          '//',
          '//[',
          '*',
          '/%',
          'http://[/',
          '/auth/callback?state[]=1',
          `/${'a'.repeat(9000)}`,
        ]) {
          assert.ok(
            (await rawRequest(Number(port), `GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`)).startsWith('HTTP/1.1 4'),
            target,
          );
        }
        await rawRequest(Number(port), '\u0016\u0003\u0001 this is TLS');
        await provider.agree(url);
      },
    });
    assert.equal(token.identity, 'ada@example.com');
  });

  it('tells why the provider refused', async () => {
    const refuse = async (url: string): Promise<void> => {
      const query = new URL(url).searchParams;
      const target = new URL(query.get('redirect_uri') ?? '');
      target.searchParams.set('state', query.get('state') ?? '');
      target.searchParams.set('error', 'access_denied');
      await fetch(target);
    };
    await assert.rejects(signIn({ openBrowser: refuse }), { code: 'refused', message: /access_denied/ });
  });

  for (const [what, claims, message] of [
    ['made for another sign-in', { nonce: 'other' }, /not made for this sign-in/],
    ['of another issuer', { iss: 'https://evil.example' }, /issued by https:\/\/evil\.example and not by/],
    ['for another audience', { aud: 'other' }, /is for "other": request it for the audience "sigstore"/],
    ['with an address that nobody verified', { email_verified: false }, /not verified/],
    ['that has expired', { exp: 1_000_000 }, /expired \d+ min ago/],
  ] as const) {
    it(`refuses a token ${what}, and does not show it`, async () => {
      provider.claims = claims;
      await assert.rejects(signIn(), (error: Error & { code: string }) => {
        assert.equal(error.code, 'bad-input');
        assert.match(error.message, message);
        assert.ok(!inspect(error, { depth: 9 }).includes(provider.tokens[0]?.split('.')[1] ?? '?'));
        return true;
      });
    });
  }

  it('can be cancelled, and closes its port', async () => {
    const abort = new AbortController();
    let redirect = '';
    const opened = (url: string): void => {
      redirect = new URL(url).searchParams.get('redirect_uri') ?? '';
      abort.abort();
    };
    await assert.rejects(signIn({ openBrowser: opened, signal: abort.signal }), { code: 'cancelled' });
    await assert.rejects(fetch(redirect), TypeError);
  });

  it('ends when nobody signs in', async () => {
    await assert.rejects(signIn({ openBrowser: () => undefined, timeoutMs: 1 }), {
      code: 'refused',
      message: /Nobody signed in/,
    });
  });

  it('ends when the browser cannot be opened', async () => {
    const opened = (): never => {
      throw new Error('no browser');
    };
    await assert.rejects(signIn({ openBrowser: opened }), { message: 'no browser' });
  });
});

/** What a server answers to these bytes. */
function rawRequest(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.end(bytes));
    socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
    socket.on('close', () => resolve(answer)).on('error', reject);
  });
}

describe('sign-in with a code', () => {
  /** Time passes by waiting alone. */
  const signIn = (
    options: Partial<DeviceSignIn> = {},
  ): { token: Promise<IdentityToken>; waits: number[]; shown: DeviceCode[] } => {
    const waits: number[] = [];
    const shown: DeviceCode[] = [];
    let clock = 0;
    const token = signInWithCode({
      issuer: provider.issuer,
      clientId: 'sigstore',
      showCode: (code) => void shown.push(code),
      wait: (milliseconds) => {
        waits.push(milliseconds / 1000);
        clock += milliseconds;
        return Promise.resolve();
      },
      now: () => clock,
      ...options,
    });
    return { token, waits, shown };
  };

  it('shows the code and gives the token once it was typed in', async () => {
    provider.deviceAnswers.push('authorization_pending', 'authorization_pending');
    const { token, waits, shown } = signIn();
    assert.equal((await token).identity, 'ada@example.com');
    assert.deepEqual(waits, [5, 5, 5]);
    assert.deepEqual(shown, [
      {
        userCode: 'WDJB-MJHT',
        page: `${provider.issuer}/enter`,
        pageWithCode: `${provider.issuer}/enter?user_code=WDJB-MJHT`,
        expiresInSeconds: 600,
      },
    ]);
    assert.equal(provider.tokenRequests[0]?.get('client_id'), 'sigstore');
  });

  it('asks less often when the provider says so', async () => {
    provider.deviceAnswers.push('slow_down', 'authorization_pending', 'slow_down');
    const { token, waits } = signIn();
    await token;
    assert.deepEqual(waits, [5, 10, 10, 15]);
  });

  it('ends with the code', async () => {
    provider.deviceAnswers.push(...Array<string>(200).fill('authorization_pending'));
    const { token, waits } = signIn();
    await assert.rejects(token, { code: 'refused', message: /not used in time/ });
    assert.equal(waits.length, 120);
  });

  for (const [error, message] of [
    ['expired_token', /not used in time/],
    ['access_denied', /refused in the browser/],
    ['invalid_client', /no identity token: invalid_client/],
  ] as const) {
    it(`ends on ${error}`, async () => {
      provider.deviceAnswers.push(error);
      await assert.rejects(signIn().token, { code: 'refused', message });
    });
  }

  it('survives that the provider is away for a while, and asks less often', async () => {
    const answers = [true, true, false];
    const original = globalThis.fetch;
    globalThis.fetch = (...request) => {
      const isPoll = request[0] instanceof URL && request[0].pathname === '/token';
      return isPoll && answers.shift() ? Promise.reject(new TypeError('fetch failed')) : original(...request);
    };
    try {
      const { token, waits } = signIn();
      await token;
      assert.deepEqual(waits, [5, 10, 20]);
    } finally {
      globalThis.fetch = original;
    }
  });

  it('can be cancelled while it waits', async () => {
    const abort = new AbortController();
    const wait = (): Promise<void> => {
      abort.abort();
      return Promise.reject(new Error('aborted'));
    };
    await assert.rejects(signIn({ wait, signal: abort.signal }).token, { code: 'cancelled' });
    assert.equal(provider.tokenRequests.length, 0);
  });
});

describe('tokens of continuous integration', () => {
  const audience = 'sigstore';

  it('are taken from SIGSTORE_ID_TOKEN', async () => {
    const token = await ambientToken({ environment: { SIGSTORE_ID_TOKEN: provider.token() }, audience });
    assert.equal(token?.identity, 'ada@example.com');
  });

  it('are requested from GitHub Actions for the audience', async () => {
    const issued = provider.token({
      iss: 'https://token.actions.githubusercontent.com',
      email: undefined,
      sub: 'repo:ada/models:ref:refs/heads/main',
      job_workflow_ref: 'ada/models/.github/workflows/train.yml@refs/heads/main',
    });
    const seen: string[] = [];
    const server = createServer((request, response) => {
      seen.push(request.url ?? '', request.headers.authorization ?? '');
      response.end(JSON.stringify({ value: issued }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const environment = {
        ACTIONS_ID_TOKEN_REQUEST_URL: `http://localhost:${(server.address() as AddressInfo).port}/token?api-version=2`,
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'runner-secret',
      };
      const token = await ambientToken({ environment, audience });
      assert.equal(token?.identity, 'https://github.com/ada/models/.github/workflows/train.yml@refs/heads/main');
      assert.deepEqual(seen, ['/token?api-version=2&audience=sigstore', 'Bearer runner-secret']);
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });

  it('are not sent for over a connection that anybody can read', async () => {
    const environment = {
      ACTIONS_ID_TOKEN_REQUEST_URL: 'http://runner.example/token',
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'runner-secret',
    };
    await assert.rejects(ambientToken({ environment, audience }), { code: 'refused', message: /not encrypted/ });
  });

  it('are none on a desktop', async () => {
    assert.equal(await ambientToken({ environment: {}, audience }), null);
  });
});
