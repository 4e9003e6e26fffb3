import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { instanceOf, publicInstance } from './instance.ts';
import { publicLogNotice } from './publicLogNotice.ts';

const now = new Date('2026-06-01T00:00:00Z');
const service = (url: string, more: object = {}): object => ({ url, majorApiVersion: 1, operator: 'a', ...more });

function config(more: object = {}): object {
  return {
    signingConfig: {
      mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json',
      caUrls: [service('https://fulcio.example.com/')],
      rekorTlogUrls: [service('https://rekor.example.com')],
      ...more,
    },
  };
}

describe('a private instance', () => {
  it('is what the trust configuration says', () => {
    const full = config({
      oidcUrls: [service('https://id.example.com/auth')],
      tsaUrls: [service('https://tsa.example.com/api/v1/timestamp')],
    });
    assert.deepEqual(instanceOf(full, { now, clientId: 'models' }), {
      name: 'the Sigstore instance of the trust configuration',
      certificateAuthority: 'https://fulcio.example.com',
      transparencyLog: 'https://rekor.example.com',
      logVersion: 1,
      timestampAuthority: 'https://tsa.example.com/api/v1/timestamp',
      openIdIssuer: 'https://id.example.com/auth',
      clientId: 'models',
    });
  });

  it('needs neither a timestamp authority nor an OpenID provider', () => {
    const { timestampAuthority, openIdIssuer } = instanceOf(config(), { now });
    assert.deepEqual([timestampAuthority, openIdIssuer], [null, null]);
  });

  it('takes the newest service that is in use', () => {
    const { transparencyLog } = instanceOf(
      config({
        rekorTlogUrls: [
          service('https://old.example.com', { validFor: { start: '2020-01-01T00:00:00Z' } }),
          service('https://gone.example.com', {
            validFor: { start: '2024-01-01T00:00:00Z', end: '2025-01-01T00:00:00Z' },
          }),
          service('https://next.example.com', { validFor: { start: '2027-01-01T00:00:00Z' } }),
          service('https://now.example.com', { validFor: { start: '2025-01-01T00:00:00Z' } }),
          service('https://two.example.com', { majorApiVersion: 2 }),
        ],
      }),
      { now },
    );
    assert.equal(transparencyLog, 'https://now.example.com');
  });

  it('is refused where it does not say where to sign', () => {
    for (const wrong of [null, [], {}, { signingConfig: null }]) {
      assert.throws(() => instanceOf(wrong), { code: 'bad-input', message: /no "signingConfig"/ });
    }
    for (const urls of [[], [null], ['text'], [{}], [service('https://three.example.com', { majorApiVersion: 3 })]]) {
      assert.throws(() => instanceOf(config({ rekorTlogUrls: urls }), { now }), {
        code: 'bad-input',
        message: /no transparency log of version 1 or 2/,
      });
    }
  });

  it('takes a log of version 2 where there is no other, with a timestamp authority', () => {
    const rekorTlogUrls = [service('https://two.example.com', { majorApiVersion: 2 })];
    assert.throws(() => instanceOf(config({ rekorTlogUrls }), { now }), {
      code: 'bad-input',
      message: /no timestamp authority .* which a log of version 2 needs/,
    });
    const tsaUrls = [service('https://tsa.example.com')];
    const { transparencyLog, logVersion } = instanceOf(config({ rekorTlogUrls, tsaUrls }), { now });
    assert.deepEqual([transparencyLog, logVersion], ['https://two.example.com', 2]);
  });

  it('is refused where a token could be read on its way', () => {
    assert.throws(() => instanceOf(config({ caUrls: [service('http://fulcio.example.com')] }), { now }), {
      code: 'refused',
      message: /certificate authority is not encrypted/,
    });
    assert.throws(() => instanceOf(config({ caUrls: [service('file:///etc/passwd')] }), { now }), { code: 'refused' });
  });
});

describe('the notice', () => {
  it('names the log, the identity and who vouches for it', () => {
    const notice = publicLogNotice(publicInstance, {
      identity: 'ada@example.com',
      issuer: 'https://accounts.example.com',
    });
    assert.match(notice, /rekor\.sigstore\.dev, which is kept for ever and cannot be deleted/);
    assert.match(notice, /will see: ada@example\.com \(vouched for by https:\/\/accounts\.example\.com\);/);
  });

  it('tells of a workflow that its run becomes known', () => {
    const identity = 'https://github.com/ada/models/.github/workflows/train.yml@refs/heads/main';
    assert.match(
      publicLogNotice(publicInstance, { identity, issuer: 'https://x' }),
      /repository, workflow, commit and run/,
    );
  });
});
