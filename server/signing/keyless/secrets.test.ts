import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { IdentityToken } from './identityToken.ts';
import { reasonOf, withoutSecrets } from './secrets.ts';

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const claims = { iss: 'https://id.example.com', aud: ['sigstore', 'x'], sub: 'ada', exp: 4_000_000_000 };
const token = `${part({ alg: 'none' })}.${part(claims)}.c2lnbmF0dXJl`;

describe('texts without secrets', () => {
  it('hold neither what is named nor what looks like a token', () => {
    const text = withoutSecrets(`invalid identity token: ${token}; Bearer runner-secret`, ['runner-secret']);
    assert.equal(text, 'invalid identity token: [identity token]; Bearer [secret]');
  });

  it('hide a token that was cut off', () => {
    assert.equal(withoutSecrets(`{"token":"${token.slice(0, 60)}`), '{"token":"[identity token]');
  });

  it('are one line of a bearable length', () => {
    assert.equal(withoutSecrets('a\n\u001b[31mb\r\nc'), 'a [31mb c');
    assert.equal(withoutSecrets('x'.repeat(1000)).length, 303);
  });

  it('tell what lies below an error', () => {
    const below = new Error('connect ECONNREFUSED');
    assert.equal(reasonOf(new TypeError('fetch failed', { cause: below })), 'fetch failed: connect ECONNREFUSED');
    assert.equal(
      reasonOf(new Error(`no: ${token}`, { cause: 'CI: no tokens' })),
      'no: [identity token]: CI: no tokens',
    );
    const circle = new Error('circle');
    circle.cause = circle;
    assert.equal(reasonOf(circle), 'circle');
  });
});

describe('an identity token', () => {
  const parse = (text: string, more: object = {}): IdentityToken =>
    IdentityToken.parse(text, 'test', { audience: 'sigstore', ...more });

  it('is shown by no means of printing', () => {
    const parsed = parse(` ${token}\n`);
    assert.equal(parsed.reveal(), token);
    for (const text of [inspect(parsed, { showHidden: true, depth: 9 }), JSON.stringify({ parsed }), String(parsed)]) {
      assert.doesNotMatch(text, /eyJ/);
    }
    assert.doesNotMatch(inspect({ deep: { er: parsed } }), /eyJ/);
  });

  it('is refused where it is none, however large or strange', () => {
    const wrong = [
      '',
      'a.b',
      'a.b.c',
      `${token}.x`,
      `e.${part([])}.x`,
      `e.${part(null)}.x`,
      'x'.repeat(100_000),
      '\0.\0.\0',
    ];
    for (const text of wrong) assert.throws(() => parse(text), { code: 'bad-input', message: /not a JSON Web Token/ });
  });

  it('is refused for what the authority would refuse it for', () => {
    const of = (more: object): string => `e.${part({ ...claims, ...more })}.x`;
    for (const [text, message] of [
      [of({ iss: undefined }), /names no issuer/],
      [of({ exp: 'soon' }), /no time of expiry/],
      [of({ aud: undefined }), /is for no audience/],
      [of({ aud: 'other' }), /is for "other"/],
      [of({ sub: undefined }), /neither an e-mail address nor a subject/],
      [of({ email: 'a@b.c' }), /has not verified/],
    ] as const) {
      assert.throws(() => parse(text), { code: 'bad-input', message });
    }
    assert.throws(() => parse(token, { now: 4_000_000_060_000 }), { message: /expired 1 min ago/ });
    assert.throws(() => parse(token, { issuer: 'https://other' }), { message: /issued by https:\/\/id\.example\.com/ });
  });

  it('names whom the certificate will name', () => {
    assert.equal(parse(token).identity, 'ada');
    const pipeline = `e.${part({ ...claims, ci_config_ref_uri: 'gitlab.com/a/b//.gitlab-ci.yml@refs/heads/main' })}.x`;
    assert.equal(parse(pipeline).identity, 'https://gitlab.com/a/b//.gitlab-ci.yml@refs/heads/main');
    assert.equal(parse(`e.${part({ ...claims, email: 'a@b.c', email_verified: 'true' })}.x`).identity, 'a@b.c');
  });
});
