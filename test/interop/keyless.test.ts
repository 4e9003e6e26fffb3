// Keyless signing from end to end, without a network: the services of test/interop/localSigstore.ts on this machine.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { inspect } from 'node:util';
import { IdentityToken } from '../../server/signing/keyless/identityToken.ts';
import { instanceOf, type SigstoreInstance } from '../../server/signing/keyless/instance.ts';
import { keylessSigner, signKeyless } from '../../server/signing/keyless/sign.ts';
import { verifyKeyless } from '../../server/signing/keyless/verify.ts';
import { startSigstore, type LocalSigstore } from './localSigstore.ts';

interface Bundle {
  mediaType: string;
  verificationMaterial: {
    certificate: { rawBytes: string };
    tlogEntries: Record<string, unknown>[];
    timestampVerificationData: { rfc3161Timestamps: { signedTimestamp: string }[] };
  };
  dsseEnvelope: { payload: string; payloadType: string; signatures: { sig: string }[] };
}

const payloadType = 'application/vnd.in-toto+json';
const payload = Buffer.from('{"_type":"https://in-toto.io/Statement/v1"}');
const identity = 'ada@example.com';

describe('keyless signing on a local Sigstore instance', () => {
  let sigstore: LocalSigstore;
  let other: LocalSigstore;
  let instance: SigstoreInstance;
  let bundle: Bundle;

  const tokenOf = (claims: Record<string, unknown> = {}): IdentityToken =>
    IdentityToken.parse(sigstore.provider.token(claims), 'test', { audience: 'sigstore' });
  const sign = async (options: Partial<Parameters<typeof signKeyless>[2]> = {}): Promise<Bundle> =>
    (await signKeyless(payload, payloadType, { instance, token: tokenOf(), ...options })) as Bundle;
  const verify = (
    json: unknown,
    trust: Partial<Parameters<typeof verifyKeyless>[1]> = {},
  ): ReturnType<typeof verifyKeyless> =>
    verifyKeyless(json, { identity, issuer: sigstore.provider.issuer, trustedRoot: sigstore.trustedRoot, ...trust });
  /** The bundle after a change, as an attacker would store it. */
  const changed = (change: (copy: Bundle) => void): Bundle => {
    const copy = structuredClone(bundle);
    change(copy);
    return copy;
  };

  before(async () => {
    [sigstore, other] = await Promise.all([startSigstore(), startSigstore()]);
    instance = instanceOf(sigstore.trustConfig);
    bundle = await sign();
  });
  after(() => Promise.all([sigstore.close(), other.close()]));

  it('verifies what it signed: who, vouched for by whom, when, by which trust', async () => {
    const result = await verify(bundle);
    assert.equal(result.identity, identity);
    assert.equal(result.issuer, sigstore.provider.issuer);
    assert.equal(result.signedAt?.source, 'timestamp-authority');
    assert.equal(result.trustRoot, 'the trusted root that was given');
    assert.deepEqual(result.warnings, []);
  });

  it('verifies by a trust configuration as well', async () => {
    const result = await verify(bundle, { trustedRoot: undefined, trustConfig: sigstore.trustConfig });
    assert.equal(result.trustRoot, 'the trust configuration that was given');
  });

  it('writes the form that other clients take: version 0.3, one certificate, one log entry with its proof', () => {
    assert.equal(bundle.mediaType, 'application/vnd.dev.sigstore.bundle.v0.3+json');
    assert.equal(bundle.dsseEnvelope.signatures.length, 1);
    assert.equal(bundle.verificationMaterial.tlogEntries.length, 1);
    const [entry] = bundle.verificationMaterial.tlogEntries;
    assert.deepEqual(entry?.['kindVersion'], { kind: 'dsse', version: '0.0.1' });
    assert.ok(entry['inclusionPromise'] && entry['inclusionProof']);
    assert.equal(bundle.verificationMaterial.timestampVerificationData.rfc3161Timestamps.length, 1);
  });

  it('takes the time of the log where there is no timestamp authority', async () => {
    const result = await verify(await sign({ instance: { ...instance, timestampAuthority: null } }));
    assert.equal(result.signedAt?.source, 'transparency-log');
  });

  it('signs to a log of version 2 the hash of what is signed, which vouches for no time', async () => {
    const second = await sign({ instance: { ...instance, logVersion: 2 } });
    const [entry] = second.verificationMaterial.tlogEntries;
    assert.deepEqual(entry?.['kindVersion'], { kind: 'hashedrekord', version: '0.0.2' });
    assert.equal((await verify(second)).signedAt?.source, 'timestamp-authority');
    second.verificationMaterial.timestampVerificationData.rfc3161Timestamps = [];
    await assert.rejects(verify(second), { failure: 'invalid-signature', message: /time of signing/ });
  });

  it('names the provider behind the provider, as certificates do', () => {
    const token = tokenOf({ federated_claims: { connector_id: 'https://accounts.example.com' } });
    assert.equal(token.issuer, 'https://accounts.example.com');
  });

  describe('refuses, although the cryptography holds,', () => {
    for (const [what, trust] of [
      ['another identity', { identity: 'eve@example.com' }],
      ['a part of the identity', { identity: 'a@example.com' }],
      ['the beginning of the identity', { identity: 'ada@example' }],
      ['a pattern that matches the identity', { identity: '.*' }],
      ['the identity with a dot that is any letter', { identity: 'ada@example.co.' }],
      ['another spelling', { identity: 'Ada@example.com' }],
      ['another issuer', { issuer: 'https://accounts.example.com' }],
      ['the issuer with a slash', { issuer: 'http://localhost/' }],
    ] as const) {
      it(what, () => assert.rejects(verify(bundle, trust), { name: 'Rejection', failure: 'untrusted' }));
    }

    it('an identity without its issuer, and the reverse', async () => {
      await assert.rejects(verify(bundle, { issuer: '' }), { code: 'bad-usage' });
      await assert.rejects(verify(bundle, { identity: '' }), { code: 'bad-usage' });
    });

    it('a certificate of another instance', async () => {
      await assert.rejects(verify(bundle, { trustedRoot: other.trustedRoot }), { name: 'Rejection' });
    });

    it('a certificate of a private instance, by the root of the public one, and says what to give', async () => {
      await assert.rejects(verify(bundle, { trustedRoot: undefined }), {
        name: 'Rejection',
        message: /give the trusted root of that one; if on the public one, refresh yours\.$/,
      });
    });

    it('a certificate of another authority in the same log', async () => {
      const mixed = { ...sigstore.trustedRoot, certificateAuthorities: other.trustedRoot['certificateAuthorities'] };
      await assert.rejects(verify(bundle, { trustedRoot: mixed }), { name: 'Rejection', failure: 'untrusted' });
    });

    it('a certificate that stands in no log that is trusted', async () => {
      const mixed = { ...sigstore.trustedRoot, ctlogs: other.trustedRoot['ctlogs'] };
      await assert.rejects(verify(bundle, { trustedRoot: mixed }), { name: 'Rejection', failure: 'untrusted' });
    });
  });

  describe('refuses a bundle in which', () => {
    const flip = (base64: string): string => {
      const bytes = Buffer.from(base64, 'base64');
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
      return bytes.toString('base64');
    };
    const cases: [string, 'malformed' | 'invalid-signature' | 'untrusted', (copy: Bundle) => void][] = [
      [
        'the payload was changed',
        'invalid-signature',
        ({ dsseEnvelope }) => (dsseEnvelope.payload = flip(dsseEnvelope.payload)),
      ],
      [
        'the type of the payload was changed',
        'invalid-signature',
        ({ dsseEnvelope }) => (dsseEnvelope.payloadType = 'text/plain'),
      ],
      [
        'the signature was changed',
        'invalid-signature',
        ({ dsseEnvelope }) => (dsseEnvelope.signatures[0]!.sig = flip(dsseEnvelope.signatures[0]!.sig)),
      ],
      [
        'a second signature was added',
        'malformed',
        ({ dsseEnvelope }) => dsseEnvelope.signatures.push({ sig: 'AAAA' }),
      ],
      [
        'the log entry is gone',
        'invalid-signature',
        ({ verificationMaterial }) => (verificationMaterial.tlogEntries = []),
      ],
      [
        'the log entry stands twice',
        'invalid-signature',
        ({ verificationMaterial: { tlogEntries } }) => tlogEntries.push(tlogEntries[0]!),
      ],
      [
        'the time of the log was moved',
        'invalid-signature',
        ({ verificationMaterial: { tlogEntries } }) => {
          const entry = tlogEntries[0]!;
          entry['integratedTime'] = String(Number(entry['integratedTime']) + 1);
        },
      ],
      [
        'the entry is about another signature',
        'invalid-signature',
        ({ verificationMaterial: { tlogEntries } }) => {
          const body = Buffer.from(String(tlogEntries[0]!['canonicalizedBody']), 'base64')
            .toString()
            .replace(/"signature":"M../, '"signature":"MAA');
          tlogEntries[0]!['canonicalizedBody'] = Buffer.from(body).toString('base64');
        },
      ],
      [
        'the certificate was changed',
        'untrusted',
        ({ verificationMaterial: { certificate } }) => (certificate.rawBytes = flip(certificate.rawBytes)),
      ],
      [
        'the certificate is none',
        'invalid-signature',
        ({ verificationMaterial: { certificate } }) => (certificate.rawBytes = 'AAAA'),
      ],
      [
        'the timestamp is none',
        'invalid-signature',
        ({ verificationMaterial }) =>
          (verificationMaterial.timestampVerificationData.rfc3161Timestamps[0]!.signedTimestamp = 'MAA='),
      ],
      [
        'the version is another',
        'malformed',
        (copy) => (copy.mediaType = 'application/vnd.dev.sigstore.bundle+json;version=0.2'),
      ],
      [
        'there is a key in place of the certificate',
        'malformed',
        (copy) => Object.assign(copy, { verificationMaterial: { publicKey: { hint: 'x' }, tlogEntries: [] } }),
      ],
    ];
    for (const [what, failure, change] of cases) {
      it(what, () => assert.rejects(verify(changed(change)), { name: 'Rejection', failure }));
    }

    it('another certificate of the same authority stands', async () => {
      const second = await sign({ token: tokenOf({ email: 'eve@example.com' }) });
      const swapped = changed(
        (copy) => (copy.verificationMaterial.certificate = second.verificationMaterial.certificate),
      );
      await assert.rejects(verify(swapped, { identity: 'eve@example.com' }), { name: 'Rejection' });
    });

    it('a log entry or a timestamp stands ten thousand times, at once', async () => {
      const many = <T>(each: T): T[] => Array<T>(10_000).fill(each);
      const entries = {
        ...bundle,
        verificationMaterial: {
          ...bundle.verificationMaterial,
          tlogEntries: many(bundle.verificationMaterial.tlogEntries[0]),
        },
      };
      await assert.rejects(verify(entries), { failure: 'malformed' });
      const { timestampVerificationData: stamps } = bundle.verificationMaterial;
      const rfc3161Timestamps = many(stamps.rfc3161Timestamps[0]);
      const material = { ...bundle.verificationMaterial, timestampVerificationData: { rfc3161Timestamps } };
      await assert.rejects(verify({ ...bundle, verificationMaterial: material }), { failure: 'malformed' });
    });

    it('anything is something else: it is refused, or the signer stays who it was, and no error is ours', async () => {
      let refused = 0;
      for (const at of placesIn(bundle)) {
        for (const strange of [null, 1e30, 'AAAA', []]) {
          const copy = structuredClone(bundle);
          put(copy, at, strange);
          const result = await verify(copy).catch((error: Error) => {
            assert.equal(error.name, 'Rejection', `${at.join('.')} = ${JSON.stringify(strange)}: ${error.stack}`);
            refused++;
            return null;
          });
          if (result) assert.equal(result.identity, identity, at.join('.'));
        }
      }
      assert.ok(refused > 100, String(refused));
    });

    it('there is no log entry, and a timestamp alone', async () => {
      const copy = changed(({ verificationMaterial }) => (verificationMaterial.tlogEntries = []));
      await assert.rejects(verify(copy), { failure: 'invalid-signature', message: /stands in no transparency log/ });
    });

    it('the entry or the timestamp is that of another signature', async () => {
      const another = await sign();
      for (const field of ['tlogEntries', 'timestampVerificationData'] as const) {
        const copy = changed(({ verificationMaterial }) => {
          Object.assign(verificationMaterial, { [field]: another.verificationMaterial[field] });
        });
        await assert.rejects(verify(copy), { failure: 'invalid-signature' }, field);
      }
    });

    it('there is no bundle at all', async () => {
      for (const json of [null, [], 'text', 7, {}, { mediaType: 5 }, { dsseEnvelope: null }]) {
        await assert.rejects(verify(json), { name: 'Rejection', failure: 'malformed' });
      }
    });
  });

  describe('says what a service answered, and never the token:', () => {
    /** Every form in which a program could print the error. */
    const printed = (error: unknown): string =>
      [
        inspect(error, { depth: 20, showHidden: true }),
        String(error),
        (error as Error).stack,
        JSON.stringify(error),
      ].join('\n');
    const failing = async (
      disturb: LocalSigstore['disturb'],
      expected: { code: string; message: RegExp },
    ): Promise<void> => {
      const token = tokenOf();
      sigstore.disturb = disturb;
      try {
        await assert.rejects(sign({ token }), (error: Error & { code: string }) => {
          assert.equal(error.code, expected.code);
          assert.match(error.message, expected.message);
          for (const part of token.reveal().split('.')) assert.ok(!printed(error).includes(part), 'the token leaks');
          return true;
        });
      } finally {
        sigstore.disturb = null;
      }
    };

    it('an authority that refuses the token and repeats it', () =>
      failing(
        (service, body) =>
          service === 'authority' ? { status: 400, body: JSON.stringify({ message: `bad token in ${body}` }) } : null,
        { code: 'refused', message: /^The certificate authority localhost:\d+ refused to take part: .*bad token/ },
      ));

    it('a log that fails', () =>
      failing((service) => (service === 'log' ? { status: 400, body: '{"message":"no such kind"}' } : null), {
        code: 'refused',
        message: /^The transparency log .*no such kind/,
      }));

    it('an authority that answers nonsense', () =>
      failing((service) => (service === 'authority' ? { status: 201, body: '<html>' } : null), {
        code: 'unreachable',
        message: /^The certificate authority .* did not answer properly, so nothing was signed/,
      }));

    it('a log that gives another entry: the signature does not verify', async () => {
      sigstore.disturb = (service) => (service === 'log' ? { status: 201, body: '{}' } : null);
      try {
        await assert.rejects(sign(), { code: 'unreachable' });
      } finally {
        sigstore.disturb = null;
      }
    });
  });

  it('refuses a token that expired since it was given', async () => {
    const token = IdentityToken.parse(sigstore.provider.token({ exp: 1000 }), 'test', { audience: 'sigstore', now: 0 });
    await assert.rejects(sign({ token }), { code: 'bad-input', message: /expired/ });
  });

  it('signs in again when the token ran out while a large model was hashed, and only as the same person', async () => {
    const token = tokenOf({ exp: Math.floor(Date.now() / 1000) + 2 });
    let renewals = 0;
    const signer = keylessSigner({ instance, token, renew: () => Promise.resolve(tokenOf({ jti: ++renewals })) });
    await verify(await signer.sign(payload, payloadType));
    await verify(await signer.sign(payload, payloadType));
    assert.equal(renewals, 1);
    const renew = (): Promise<IdentityToken> => Promise.resolve(tokenOf({ email: 'eve@example.com' }));
    const other = keylessSigner({ instance, token, renew });
    await assert.rejects(other.sign(payload, payloadType), { code: 'refused', message: /as eve@example\.com/ });
  });

  it('stops when it is cancelled', async () => {
    const abort = new AbortController();
    sigstore.disturb = () => {
      abort.abort();
      return null;
    };
    try {
      await assert.rejects(sign({ signal: abort.signal }), { code: 'cancelled' });
    } finally {
      sigstore.disturb = null;
    }
  });

  it('sends the token to the certificate authority alone, and no file list to anybody', () => {
    for (const { service, body } of sigstore.received) {
      const holdsToken = sigstore.provider.tokens.some((token) => body.includes(token));
      assert.equal(holdsToken, service === 'authority', service);
    }
  });
});

/** The place of every value in a JSON value. */
function placesIn(value: unknown, at: (string | number)[] = []): (string | number)[][] {
  if (typeof value !== 'object' || value === null) return [at];
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [...(at.length > 0 ? [at] : []), ...entries.flatMap(([key, each]) => placesIn(each, [...at, key]))];
}

function put(root: unknown, at: (string | number)[], value: unknown): void {
  let holder = root as Record<string | number, unknown>;
  for (const key of at.slice(0, -1)) holder = holder[key] as Record<string | number, unknown>;
  holder[at.at(-1) ?? ''] = value;
}
