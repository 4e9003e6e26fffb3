import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { certificateFacts, readCertificate } from './certificateFields.ts';
import { verifyChain } from './certificateChain.ts';
import {
  codeSigning,
  issue,
  issueChain,
  newKeys,
  serverAuthentication,
  type CertificateRequest,
  type TestCertificate,
} from './certificates.fixture.ts';

const verify = (certificates: TestCertificate[], roots: TestCertificate[], at?: number) =>
  verifyChain(
    certificates.map(({ der }) => der),
    roots.map(({ der }) => new X509Certificate(der)),
    at,
  );

const refused = (why: RegExp) => ({ failure: 'untrusted', message: why });

test('a chain leads from the signing certificate to a root, in whatever order it comes', () => {
  const { root, intermediate, leaf } = issueChain();
  assert.equal(verify([leaf, intermediate], [root]).root.subject, 'CN=root');
  assert.equal(verify([leaf, root, intermediate], [root]).leaf.subject, 'CN=signer');
  assert.equal(verify([leaf], [intermediate]).root.subject, 'CN=authority');
});

test('a self-signed certificate is trusted when it is itself the root', () => {
  const itself = issue({ subject: 'itself', usage: ['digitalSignature'] });
  assert.equal(verify([itself], [itself]).root.subject, 'CN=itself');
  assert.throws(() => verify([itself], [issueChain().root]), refused(/issued by none/));
});

test('names decide nothing: an issuer of the same name and another key is none', () => {
  const { intermediate, leaf } = issueChain();
  const impostor = issue({ subject: 'root', ca: true, usage: ['keyCertSign'] });
  assert.throws(() => verify([leaf, intermediate], [impostor]), refused(/issued by none/));
  // The official test leaf bears the name of its issuer, and is not self-signed.
  const root = issue({ subject: 'root', ca: true });
  const authority = issue({ subject: 'same', issuer: root, ca: true });
  const namesake = issue({ subject: 'same', issuer: authority, usage: ['digitalSignature'] });
  assert.equal(verify([namesake, authority], [root]).root.subject, 'CN=root');
});

test('an intermediate that is no authority issues nothing', () => {
  const { root } = issueChain();
  const wrong: Partial<CertificateRequest>[] = [{}, { ca: false }, { ca: true, usage: ['digitalSignature'] }];
  for (const request of wrong) {
    const middle = issue({ subject: 'middle', issuer: root, ...request });
    const leaf = issue({ subject: 'signer', issuer: middle, usage: ['digitalSignature'] });
    assert.throws(() => verify([leaf, middle], [root]), refused(/no authority/));
  }
});

test('an authority may limit how far below it others stand', () => {
  const root = issue({ subject: 'root', ca: true, pathLength: 0 });
  const middle = issue({ subject: 'middle', issuer: root, ca: true });
  const leaf = issue({ subject: 'signer', issuer: middle, usage: ['digitalSignature'] });
  assert.throws(() => verify([leaf, middle], [root]), refused(/allows/));
});

test('the usage must be for signing: digitalSignature or codeSigning, either', () => {
  const { root, intermediate } = issueChain();
  const leafWith = (request: object) => [issue({ subject: 'signer', issuer: intermediate, ...request }), intermediate];
  assert.doesNotThrow(() => verify(leafWith({ extendedUsage: [codeSigning] }), [root]));
  for (const wrong of [
    {},
    { usage: ['keyEncipherment'] },
    { usage: ['keyEncipherment'], extendedUsage: [serverAuthentication] },
  ]) {
    assert.throws(() => verify(leafWith(wrong), [root]), refused(/not for signing/));
  }
});

test('validity counts at the start of the leaf unless told otherwise, for every certificate on the way', () => {
  const root = issue({ subject: 'root', ca: true });
  const old = issue({
    subject: 'old',
    issuer: root,
    usage: ['digitalSignature'],
    notBefore: '2021-01-01',
    notAfter: '2021-02-01',
  });
  assert.doesNotThrow(() => verify([old], [root]));
  assert.throws(() => verify([old], [root], Date.now()), refused(/not valid at the time/));
  const young = issue({ subject: 'young', ca: true, notBefore: '2024-01-01' });
  const before = issue({ subject: 'before', issuer: young, usage: ['digitalSignature'], notBefore: '2021-01-01' });
  assert.throws(() => verify([before], [young]), refused(/not valid at the time/));
});

test('a critical extension that is not understood makes a certificate useless', () => {
  const { root } = issueChain();
  const leaf = issue({ subject: 'signer', issuer: root, usage: ['digitalSignature'], strangeExtension: true });
  assert.throws(() => verify([leaf], [root]), refused(/not understood \(1\.2\.3\.4\)/));
});

test('certificates that issue one another end the search', () => {
  const keys = newKeys();
  const ring = Array.from({ length: 30 }, () => issue({ subject: 'ring', keys, ca: true }));
  assert.throws(() => verify(ring, [issueChain().root]), refused(/issued by none/));
});

test('bytes that are no certificate are refused, not an accident', () => {
  const { root, leaf } = issueChain();
  for (const bytes of [Buffer.alloc(0), Buffer.from('3003020101', 'hex'), leaf.der.subarray(0, 200)]) {
    assert.throws(() => verifyChain([bytes], [new X509Certificate(root.der)]), { failure: 'malformed' });
  }
  assert.throws(() => readCertificate(Buffer.from('30840fffffff', 'hex')), RangeError);
});

test('what a person is told of a certificate', () => {
  const { leaf } = issueChain();
  const facts = certificateFacts(new X509Certificate(leaf.der), Date.parse('2100-01-01'));
  assert.equal(facts.subject, 'CN=signer');
  assert.equal(facts.issuer, 'CN=authority');
  assert.equal(facts.validFrom, '2020-01-01T00:00:00.000Z');
  assert.equal(facts.validTo, '2099-01-01T00:00:00.000Z');
  assert.equal(facts.expired, true);
  assert.match(facts.sha256, /^[0-9a-f]{64}$/);
});
