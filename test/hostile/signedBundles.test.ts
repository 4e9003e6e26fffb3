// Signature files that are wrong in who signed and how, with cryptography that holds for somebody or something else.
import assert from 'node:assert/strict';
import { constants, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { bundleOf } from '../../server/signing/bundle.ts';
import {
  codeSigning,
  issue,
  issueChain,
  newKeys,
  serverAuthentication,
  type TestCertificate,
} from '../../server/signing/certificates.fixture.ts';
import type { Trust, VerificationFailure, VerificationResult } from '../../server/signing/contract.ts';
import { legacyEncoding, preAuthenticationEncoding } from '../../server/signing/envelope.ts';
import { keyHint } from '../../server/signing/keys.ts';
import { folderOf, statementAbout } from '../../server/signing/signedModel.fixture.ts';
import { verifyModel } from '../../server/signing/verifyModel.ts';

const content = { weights: 'w' };
const type = 'application/vnd.in-toto+json';
const payload = Buffer.from(JSON.stringify(statementAbout(content)));
const toSign = preAuthenticationEncoding(type, payload);

async function verify(context: TestContext, bundle: unknown, trust: Trust): Promise<VerificationResult> {
  const model = folderOf(context, content);
  writeFileSync(join(model, 'model.sig'), JSON.stringify(bundle));
  return verifyModel({ model, trust });
}

function refused(result: VerificationResult, failure: VerificationFailure, reason: RegExp): void {
  assert.equal(result.failure, failure, result.reason ?? 'verified');
  assert.match(result.reason ?? '', reason);
  assert.deepEqual([result.signer, result.signatureHolds, result.coverage.files], [null, false, []]);
}

interface Bundle {
  verificationMaterial: object;
  dsseEnvelope: { payload: string; signatures: object[] };
}

const pemOf = (key: KeyObject): string => key.export({ type: 'spki', format: 'pem' }).toString();

describe('a signature by a key is refused', () => {
  const trusted = newKeys('P-384');
  const stranger = newKeys('P-384');
  const trust: Trust = { method: 'key', publicKey: pemOf(trusted.publicKey) };
  const hint = keyHint(trusted.publicKey);
  const byKey = (signature: Buffer, publicKey: object = { hint }): unknown =>
    bundleOf({ publicKey }, type, payload, signature);
  const holds = (data: Buffer): Buffer => sign('sha384', data, trusted.privateKey);

  it('but for the one that is proper', async (context) => {
    const result = await verify(context, byKey(holds(toSign)), trust);
    assert.equal(result.verified, true, result.reason ?? '');
  });

  const raw = { key: trusted.privateKey, dsaEncoding: 'ieee-p1363' } as const;
  const cases: [string, unknown, VerificationFailure, RegExp][] = [
    [
      'whose key travels with it, as old versions have it',
      byKey(sign('sha384', toSign, stranger.privateKey), {
        rawBytes: Buffer.from(pemOf(stranger.publicKey)).toString('base64'),
        keyDetails: 'PKIX_ECDSA_P384_SHA_256',
      }),
      'invalid-signature',
      /does not hold/,
    ],
    [
      'that a stranger made under the hint of the trusted key',
      byKey(sign('sha384', toSign, stranger.privateKey)),
      'invalid-signature',
      /does not hold/,
    ],
    [
      'whose hint is that of a stranger',
      byKey(holds(toSign), { hint: keyHint(stranger.publicKey) }),
      'untrusted',
      /Another key/,
    ],
    ['whose hint is in capitals', byKey(holds(toSign), { hint: hint.toUpperCase() }), 'untrusted', /Another key/],
    ['whose hint is a number', byKey(holds(toSign), { hint: 7 }), 'malformed', /hint is no text/],
    [
      'with a weaker hash than the curve asks for',
      byKey(sign('sha256', toSign, trusted.privateKey)),
      'invalid-signature',
      /does not hold/,
    ],
    ['as two numbers and not in DER', byKey(sign('sha384', toSign, raw)), 'invalid-signature', /does not hold/],
    ['over the payload alone', byKey(holds(payload)), 'invalid-signature', /does not hold/],
    [
      'over another type of payload',
      byKey(holds(preAuthenticationEncoding('text/plain', payload))),
      'invalid-signature',
      /does not hold/,
    ],
    [
      'over a payload with blanks that its text has not',
      byKey(holds(preAuthenticationEncoding(type, Buffer.from(JSON.stringify(statementAbout(content), null, 1))))),
      'invalid-signature',
      /does not hold/,
    ],
    [
      'by the hash of what should be signed',
      byKey(holds(Buffer.from(toSign.toString('hex'), 'latin1'))),
      'invalid-signature',
      /does not hold/,
    ],
  ];
  for (const [what, bundle, failure, reason] of cases) {
    it(what, async (context) => refused(await verify(context, bundle, trust), failure, reason));
  }

  it('over the wrong encoding of version 0.2, with what only later versions say', async (context) => {
    const result = await verify(context, byKey(holds(legacyEncoding(type, payload))), trust);
    assert.equal(result.failure, 'invalid-statement');
    assert.match(result.reason ?? '', /only version 0\.2/);
  });

  it('by RSA with another padding than other clients take', async (context) => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pss = sign('sha256', toSign, { key: privateKey, padding: constants.RSA_PKCS1_PSS_PADDING });
    const bundle = bundleOf({ publicKey: { hint: keyHint(publicKey) } }, type, payload, pss);
    refused(await verify(context, bundle, { method: 'key', publicKey: pemOf(publicKey) }), 'invalid-signature', /hold/);
  });
});

describe('a signature with a certificate is refused', () => {
  const { root, intermediate, leaf } = issueChain();
  const trust: Trust = { method: 'certificate', roots: [root.pem] };

  function bundle(chain: Pick<TestCertificate, 'der'>[], by: TestCertificate): unknown {
    const certificates = chain.map(({ der }) => ({ rawBytes: der.toString('base64') }));
    const signature = sign('sha256', toSign, by.privateKey);
    return bundleOf({ x509CertificateChain: { certificates } }, type, payload, signature);
  }

  it('but for the one that is proper', async (context) => {
    const result = await verify(context, bundle([leaf, intermediate], leaf), trust);
    assert.equal(result.verified, true, result.reason ?? '');
  });

  const usage: ['digitalSignature'] = ['digitalSignature'];
  const authority = { ca: true, usage: ['keyCertSign' as const] };
  const below = (request: object): TestCertificate => issue({ subject: 'signer', issuer: intermediate, ...request });
  const above = (request: object): TestCertificate[] => {
    const middle = issue({ subject: 'middle', issuer: root, ...request });
    return [issue({ subject: 'signer', issuer: middle, usage }), middle];
  };
  const ownRoot = issue({ subject: 'root', ...authority });
  const [byOwnRoot, throughOwnRoot] = [issue({ subject: 'signer', issuer: ownRoot, usage }), ownRoot];
  const sub = issue({
    subject: 'sub',
    issuer: issue({ subject: 'narrow', issuer: root, ...authority, pathLength: 0 }),
    ...authority,
  });

  const cases: [string, TestCertificate[], RegExp][] = [
    ['whose certificate has no usage at all', [below({}), intermediate], /not for signing/],
    [
      'whose certificate is for web servers',
      [below({ extendedUsage: [serverAuthentication] }), intermediate],
      /not for signing/,
    ],
    ['whose certificate is for encryption', [below({ usage: ['keyEncipherment'] }), intermediate], /not for signing/],
    ['that an authority made itself', [intermediate], /not for signing/],
    ['whose issuer is no authority', above({ usage }), /no authority/],
    ['whose issuer says that it is none', above({ ca: false, usage: ['keyCertSign'] }), /no authority/],
    ['whose issuer may not sign certificates', above({ ca: true, usage }), /no authority/],
    [
      'whose issuer is a signer like itself',
      [issue({ subject: 'other', issuer: leaf, usage }), leaf, intermediate],
      /no authority/,
    ],
    [
      'below an authority that may have none below',
      [issue({ subject: 'signer', issuer: sub, usage }), sub],
      /issued by none|further below/,
    ],
    ['whose root only bears the name of the trusted one', [byOwnRoot, throughOwnRoot], /issued by none/],
    ['whose root of the same name travels with the trusted one', [byOwnRoot, throughOwnRoot, root], /issued by none/],
    ['without the certificate between', [leaf], /issued by none/],
    ['that is its own root', [issue({ subject: 'root', usage })], /issued by none/],
    [
      'whose issuer had ended before it began',
      above({ ...authority, notAfter: '2019-01-01', notBefore: '2018-01-01' }),
      /middle is valid from 2018-01-01 to 2019-01-01/,
    ],
    [
      'whose issuer began after it',
      above({ ...authority, notBefore: '2024-01-01' }),
      /middle is valid from 2024-01-01/,
    ],
    [
      'that ended before it began',
      [below({ usage, notBefore: '2024-01-01', notAfter: '2023-01-01' }), intermediate],
      /not valid at the time/,
    ],
    [
      'with an extension that is critical and unknown',
      [below({ usage, strangeExtension: true }), intermediate],
      /not understood/,
    ],
  ];
  for (const [what, chain, reason] of cases) {
    it(what, async (context) => {
      const [signer] = chain;
      assert.ok(signer);
      refused(await verify(context, bundle(chain, signer), trust), 'untrusted', reason);
    });
  }

  it('that another key than that of the certificate made', async (context) => {
    const result = await verify(context, bundle([leaf, intermediate], issue({ subject: 'signer', usage })), trust);
    refused(result, 'invalid-signature', /does not hold/);
  });

  it('when the certificate of the signer stands second', async (context) => {
    refused(await verify(context, bundle([intermediate, leaf], leaf), trust), 'untrusted', /not for signing/);
  });

  it('when a trusted certificate stands first, and a stranger signed', async (context) => {
    const stranger = issue({ subject: 'signer', usage });
    refused(
      await verify(context, bundle([leaf, intermediate, stranger], stranger), trust),
      'invalid-signature',
      /hold/,
    );
  });

  it('with bytes after a certificate, or with more of them than any chain has', async (context) => {
    const longer = { der: Buffer.concat([leaf.der, Buffer.alloc(20)]) };
    refused(await verify(context, bundle([longer, intermediate], leaf), trust), 'malformed', /cannot be read/);
    const many = Array.from({ length: 33 }, () => intermediate);
    refused(await verify(context, bundle([leaf, ...many], leaf), trust), 'malformed', /more than 32/);
  });

  it('by no other trust than the roots that are named: not its own, not one of the public web', async (context) => {
    const { rootCertificates } = await import('node:tls');
    const web: Trust = { method: 'certificate', roots: rootCertificates.slice(0, 20) };
    refused(await verify(context, bundle([leaf, intermediate, root], leaf), web), 'untrusted', /issued by none/);
    const nobody: Trust = { method: 'certificate', roots: [] };
    refused(await verify(context, bundle([leaf, intermediate, root], leaf), nobody), 'untrusted', /issued by none/);
  });

  it('not for a usage beside signing, and not for one of the two usages alone', async (context) => {
    for (const request of [{ usage }, { extendedUsage: [codeSigning, serverAuthentication] }]) {
      const signer = below(request);
      const result = await verify(context, bundle([signer, intermediate], signer), trust);
      assert.equal(result.verified, true, result.reason ?? '');
    }
  });

  it('proves no time by a time stamp that nobody is trusted for, and says so', async (context) => {
    const stamped = bundle([leaf, intermediate], leaf) as Bundle;
    const timestampVerificationData = { rfc3161Timestamps: [{ signedTimestamp: 'MAA=' }] };
    Object.assign(stamped.verificationMaterial, { timestampVerificationData });
    const result = await verify(context, stamped, trust);
    assert.equal(result.verified, true, result.reason ?? '');
    assert.equal(result.signedAt, null);
    assert.match(result.warnings.join('\n'), /time stamp, which was not verified/);
  });

  it('tells of one that is not valid yet', async (context) => {
    const signer = below({ usage, notBefore: '2090-01-01' });
    const result = await verify(context, bundle([signer, intermediate], signer), trust);
    assert.match(result.warnings.join('\n'), /is not valid before 2090-01-01/);
    const now = await verify(context, bundle([signer, intermediate], signer), { ...trust, at: 'now' });
    refused(now, 'untrusted', /not valid at the time/);
  });
});

describe('a signature file is refused', () => {
  const keys = newKeys();
  const trust: Trust = { method: 'key', publicKey: pemOf(keys.publicKey) };
  const signature = sign('sha256', toSign, keys.privateKey);
  const good = (): Bundle =>
    bundleOf({ publicKey: { hint: keyHint(keys.publicKey) } }, type, payload, signature) as Bundle;
  const cases: [string, (bundle: Bundle) => unknown, RegExp][] = [
    [
      'of another version',
      (b) => ({ ...b, mediaType: 'application/vnd.dev.sigstore.bundle+json;version=0.3' }),
      /media type/,
    ],
    ['of a later version', (b) => ({ ...b, mediaType: 'application/vnd.dev.sigstore.bundle.v0.4+json' }), /media type/],
    ['with no signature', (b) => envelope(b, { signatures: [] }), /exactly one signature/],
    [
      'with a second signature, even the same',
      (b) => envelope(b, { signatures: [b.dsseEnvelope.signatures[0], b.dsseEnvelope.signatures[0]] }),
      /exactly one/,
    ],
    ['with a signature that is empty', (b) => envelope(b, { signatures: [{ sig: '' }] }), /signature is empty/],
    ['with a signature that is nothing', (b) => envelope(b, { signatures: [null] }), /signature is no object/],
    [
      'with blanks in its base64',
      (b) => envelope(b, { payload: `${b.dsseEnvelope.payload}\n` }),
      /payload is no base64/,
    ],
    ['with base64 of the other alphabet', (b) => envelope(b, { payload: '_-8=' }), /payload is no base64/],
    ['with base64 that ends in more than it says', (b) => envelope(b, { payload: 'QQ==QQ==' }), /payload is no base64/],
    ['with base64 whose last bits are not zero', (b) => envelope(b, { payload: 'QR==' }), /payload is no base64/],
    ['without a payload', (b) => envelope(b, { payload: undefined }), /payload is missing/],
    ['without a type of payload', (b) => envelope(b, { payloadType: undefined }), /no payload type/],
    [
      'with a key and a certificate',
      (b) => material(b, { certificate: { rawBytes: 'QQ==' } }),
      /exactly one of a key hint/,
    ],
    [
      'with a key and a chain',
      (b) => material(b, { x509CertificateChain: { certificates: [] } }),
      /exactly one of a key hint/,
    ],
    ['with neither', (b) => ({ ...b, verificationMaterial: { tlogEntries: [] } }), /exactly one of a key hint/],
    [
      'with an empty chain',
      (b) => ({ ...b, verificationMaterial: { x509CertificateChain: { certificates: [] } } }),
      /chain is empty/,
    ],
    [
      'with a keyless certificate and no log',
      (b) => ({ ...b, verificationMaterial: { certificate: { rawBytes: 'QQ==' } } }),
      /no log entries/,
    ],
    ['that is a list', (b) => [b], /no JSON object/],
    ['in another encoding', (b) => Buffer.from(JSON.stringify(b), 'utf16le'), /no text|no JSON/],
  ];
  const envelope = (b: Bundle, change: object): object => ({
    ...b,
    dsseEnvelope: { ...b.dsseEnvelope, ...change },
  });
  const material = (b: Bundle, change: object): object => ({
    ...b,
    verificationMaterial: { ...b.verificationMaterial, ...change },
  });
  for (const [what, spoil, reason] of cases) {
    it(what, async (context) => {
      const model = folderOf(context, content);
      const spoiled = spoil(good());
      writeFileSync(join(model, 'model.sig'), Buffer.isBuffer(spoiled) ? spoiled : JSON.stringify(spoiled));
      refused(await verifyModel({ model, trust }), 'malformed', reason);
    });
  }
});
