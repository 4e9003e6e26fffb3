import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { bundleOf, parseBundle } from './bundle.ts';
import { issue, issueChain, newKeys } from './certificates.fixture.ts';
import type { Trust } from './contract.ts';
import { legacyEncoding } from './envelope.ts';
import { keyHint, signWith } from './keys.ts';
import { certificateSigner, keySigner, signingKey } from './signers.ts';
import {
  folderOf,
  statementAbout,
  testKeys,
  testSigner,
  testTrust,
  verifyStatement,
  writeFiles,
} from './signedModel.fixture.ts';
import { signModel } from './signModel.ts';
import { verifyModel } from './verifyModel.ts';

const files = { 'weights.bin': 'w', 'nested/deep/config.json': '{}', 'ünïcode/模型.bin': 'u', 'a b': '' };

test('a signed model is verified, and the result says all there is to say', async (context) => {
  const model = folderOf(context, { ...files, '.gitignore': 'x', 'notes/todo.txt': 't' });
  const signed = await signModel({ model, signer: testSigner, ignorePaths: ['notes'] });
  const result = await verifyModel({ model, trust: testTrust });
  assert.equal(result.verified, true);
  assert.equal(result.signer, keyHint(testKeys.publicKey));
  assert.equal(result.trust, 'test key');
  assert.equal(result.rootDigest, signed.rootDigest);
  assert.equal(result.subject, basename(model));
  assert.deepEqual(
    result.coverage.files.map(({ path }) => path),
    ['a b', 'nested/deep/config.json', 'weights.bin', 'ünïcode/模型.bin'],
  );
  assert.deepEqual(result.coverage.ignored, ['.gitignore', 'notes']);
  assert.deepEqual(result.coverage.signedIgnorePaths, ['.git', '.gitattributes', '.github', '.gitignore', 'notes']);
  assert.deepEqual(result.hashedBy, { full: 4, cache: 0 });
  assert.deepEqual(result.predicate, { type: 'https://model_signing/signature/v1.0', version: '1.0' });
});

test('every difference is listed, and not only the first', async (context) => {
  const model = folderOf(context, files);
  await signModel({ model, signer: testSigner });
  writeFiles(model, { 'weights.bin': 'changed', 'new/file': 'n', 'a b.txt': '' });
  rmSync(join(model, 'nested'), { recursive: true });
  const result = await verifyModel({ model, trust: testTrust });
  assert.equal(result.failure, 'differences');
  assert.equal(result.signatureHolds, true);
  assert.deepEqual(result.differences, [
    { path: 'a b.txt', kind: 'extra' },
    { path: 'nested/deep/config.json', kind: 'missing' },
    { path: 'new/file', kind: 'extra' },
    { path: 'weights.bin', kind: 'changed' },
  ]);
  assert.deepEqual(result.coverage.unsigned, ['a b.txt', 'new/file']);
});

test('unsigned files can be passed over, and are listed all the same', async (context) => {
  const model = folderOf(context, files);
  await signModel({ model, signer: testSigner });
  writeFiles(model, { 'extra.py': 'import os' });
  symlinkSync('extra.py', join(model, 'link'));
  const result = await verifyModel({ model, trust: testTrust, ignoreUnsignedFiles: true });
  assert.equal(result.verified, true);
  assert.deepEqual(result.coverage.unsigned, ['extra.py', 'link']);
});

test('a link is a difference, and a signed file that became one, too', async (context) => {
  const model = folderOf(context, files);
  await signModel({ model, signer: testSigner });
  rmSync(join(model, 'weights.bin'));
  writeFiles(model, { 'a b': '' });
  symlinkSync(join(model, 'a b'), join(model, 'weights.bin'));
  symlinkSync(model, join(model, 'circle'));
  const result = await verifyModel({ model, trust: testTrust });
  assert.deepEqual(result.differences, [
    { path: 'circle', kind: 'extra' },
    { path: 'weights.bin', kind: 'changed' },
  ]);
  assert.match(result.reason ?? '', /symbolic link/);
});

test('links to files are followed when asked, linked folders never', async (context) => {
  const outside = folderOf(context, { blob: 'weights', 'folder/x': 'x' });
  const model = folderOf(context, { config: 'c' });
  symlinkSync(join(outside, 'blob'), join(model, 'weights'));
  await assert.rejects(signModel({ model, signer: testSigner }), { code: 'bad-input', message: /symbolic link/ });
  await signModel({ model, signer: testSigner, followLinks: true });
  assert.equal((await verifyModel({ model, trust: testTrust })).verified, true, 'as the signer did');
  assert.equal((await verifyModel({ model, trust: testTrust, followLinks: false })).verified, false);
  writeFileSync(join(outside, 'blob'), 'other');
  assert.deepEqual((await verifyModel({ model, trust: testTrust })).differences, [
    { path: 'weights', kind: 'changed' },
  ]);
  symlinkSync(join(outside, 'folder'), join(model, 'folder'));
  await assert.rejects(signModel({ model, signer: testSigner, followLinks: true }), { message: /link to a folder/ });
});

test('what the person ignores now does not weaken what is signed', async (context) => {
  const model = folderOf(context, files);
  await signModel({ model, signer: testSigner });
  writeFiles(model, { 'nested/deep/config.json': 'changed', 'nested/new': 'n' });
  const result = await verifyModel({ model, trust: testTrust, ignorePaths: ['nested'] });
  assert.deepEqual(result.differences, [{ path: 'nested/deep/config.json', kind: 'changed' }]);
  assert.deepEqual(result.coverage.ignored, ['nested']);
});

test('a model of one file is signed beside it, by a dot or by its name', async (context) => {
  const folder = folderOf(context, { 'model.onnx': 'm' });
  const model = join(folder, 'model.onnx');
  for (const [dialect, name] of [
    ['portable', '.'],
    ['spec', 'model.onnx'],
    ['python', '.'],
  ] as const) {
    const { signature, files: signed } = await signModel({ model, signer: testSigner, dialect });
    assert.equal(signature, `${model}.sig`);
    assert.deepEqual(
      signed.map(({ path }) => path),
      [name],
    );
    assert.equal((await verifyModel({ model, trust: testTrust })).verified, true);
  }
});

test('the order of files is that of code points, or of the reference when asked', async (context) => {
  const model = folderOf(context, { 'a/b': '1', 'a-b': '2', '\u{ff5e}': '3', '\u{1f600}': '4' });
  const order = async (dialect: 'portable' | 'python') =>
    (await signModel({ model, signer: testSigner, dialect })).files.map(({ path }) => path);
  assert.deepEqual(await order('portable'), ['a-b', 'a/b', '\u{ff5e}', '\u{1f600}']);
  assert.deepEqual(await order('python'), ['a/b', 'a-b', '\u{ff5e}', '\u{1f600}']);
  assert.equal((await verifyModel({ model, trust: testTrust })).verified, true);
});

test('the same model gives the same payload', async (context) => {
  const model = folderOf(context, files);
  const payload = async (ignorePaths: string[]) => {
    const { signature } = await signModel({ model, signer: testSigner, ignorePaths });
    return parseBundle(readFileSync(signature, 'utf8')).payload.toString();
  };
  assert.equal(await payload(['x', 'b']), await payload(['b', 'x']));
});

test('each kind of key signs and verifies; those that are no part of the specification say so', async (context) => {
  const model = folderOf(context, files);
  const kinds = {
    'P-256': newKeys('P-256'),
    'P-384': newKeys('P-384'),
    'P-521': newKeys('P-521'),
    RSA: generateKeyPairSync('rsa', { modulusLength: 2048 }),
    Ed25519: generateKeyPairSync('ed25519'),
  };
  for (const [kind, { publicKey, privateKey }] of Object.entries(kinds)) {
    const signed = await signModel({ model, signer: keySigner(signingKey(privateKey)) });
    const trust: Trust = { method: 'key', publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString() };
    const result = await verifyModel({ model, trust });
    assert.equal(result.verified, true, kind);
    assert.equal(signed.warnings.length + result.warnings.length, kind.startsWith('P-') ? 0 : 2, kind);
    assert.equal((await verifyModel({ model, trust: testTrust })).failure, 'untrusted');
  }
});

test('a certificate says who signed; it can be pinned, and its root is the one that was named', async (context) => {
  const model = folderOf(context, files);
  const { root, intermediate, leaf } = issueChain(newKeys('P-384'));
  const signer = certificateSigner(signingKey(leaf.privateKey), leaf.pem, [intermediate.pem]);
  await signModel({ model, signer });
  const trust = { method: 'certificate' as const, roots: [root.pem], name: 'root.pem' };
  const result = await verifyModel({ model, trust });
  assert.equal(result.verified, true);
  assert.equal(result.signer, 'CN=signer');
  assert.equal(result.issuer, 'CN=authority');
  assert.match(result.trust ?? '', /^the certificate CN=root .* of root\.pem$/);
  assert.equal(result.certificate?.expired, false);
  const pinned = (pin: object) => verifyModel({ model, trust: { ...trust, pin } });
  assert.equal(
    (await pinned({ subject: 'CN=signer', publicKeySha256: result.certificate?.publicKeySha256 })).verified,
    true,
  );
  assert.equal((await pinned({ subject: 'CN=sign' })).failure, 'untrusted');
  assert.equal((await pinned({ subjectAlternativeName: 'email:a@example.com' })).failure, 'untrusted');
  assert.equal((await pinned({ publicKeySha256: '00' })).failure, 'untrusted');
  assert.equal(
    (await verifyModel({ model, trust: { ...trust, roots: [issueChain().root.pem] } })).failure,
    'untrusted',
  );
  assert.match((await verifyModel({ model, trust: testTrust })).reason ?? '', /signed with a certificate, and a key/);
  assert.throws(() => certificateSigner(signingKey(testKeys.privateKey), leaf.pem, []), { message: /does not belong/ });
});

test('of several who are trusted, one is enough; none is told as such', async (context) => {
  const model = folderOf(context, files);
  await signModel({ model, signer: testSigner });
  const stranger: Trust = {
    method: 'key',
    publicKey: newKeys().publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
  assert.equal((await verifyModel({ model, trust: [stranger, testTrust] })).verified, true);
  const refused = await verifyModel({ model, trust: [stranger, stranger] });
  assert.equal(refused.failure, 'untrusted');
  assert.equal(refused.signer, null);
  assert.equal(refused.claimedSigner, keyHint(testKeys.publicKey));
  assert.equal((await verifyModel({ model, trust: [] })).failure, 'untrusted');
});

test('no file is read before the signature holds', async (context) => {
  const model = folderOf(context, files);
  await signModel({ model, signer: testSigner });
  symlinkSync(model, join(model, 'circle'));
  const bundle = JSON.parse(readFileSync(join(model, 'model.sig'), 'utf8')) as { dsseEnvelope: { payload: string } };
  bundle.dsseEnvelope.payload = Buffer.from(JSON.stringify(statementAbout({ '../../etc/passwd': 'x' }))).toString(
    'base64',
  );
  writeFileSync(join(model, 'model.sig'), JSON.stringify(bundle));
  const result = await verifyModel({ model, trust: testTrust });
  assert.equal(result.failure, 'invalid-signature');
  assert.deepEqual(result.hashedBy, { full: 0, cache: 0 });
  assert.deepEqual(result.coverage.files, []);
});

test('a model without a signature, and one that is none', async (context) => {
  const model = folderOf(context, files);
  assert.equal((await verifyModel({ model, trust: testTrust })).failure, 'unsigned');
  for (const text of ['', '{}', '[]', 'null', '\xff', '{"mediaType":1}', '0'.repeat(100_000)]) {
    writeFileSync(join(model, 'model.sig'), Buffer.from(text, 'latin1'));
    assert.equal(
      (await verifyModel({ model, trust: testTrust })).failure,
      'malformed',
      JSON.stringify(text.slice(0, 20)),
    );
  }
});

test('signatures of version 0.2, with their wrong encoding, verify; nothing newer may be signed so', async (context) => {
  const model = folderOf(context, { weights: "it's \\ \t\u00fc" });
  const statement = statementAbout({ weights: "it's \\ \t\u00fc" });
  const old = {
    _type: statement._type,
    subject: statement.predicate.resources.map(({ name, digest }) => ({ name, digest: { sha256: digest } })),
    predicateType: 'https://model_signing/Digests/v0.1',
    predicate: { unused: "Unused, just passed due to API requirements ' \\ \u00fc" },
  };
  const write = (content: object): void => {
    const type = 'application/vnd.in-toto+json';
    const payload = Buffer.from(JSON.stringify(content, null, 2));
    const signature = signWith(testKeys.privateKey, legacyEncoding(type, payload));
    writeFileSync(join(model, 'model.sig'), JSON.stringify(bundleOf({ publicKey: {} }, type, payload, signature)));
  };
  write(old);
  const result = await verifyModel({ model, trust: testTrust });
  assert.equal(result.verified, true, result.reason ?? '');
  assert.equal(result.predicate?.version, '0.1');
  assert.equal(result.rootDigest, null);
  assert.equal(result.warnings.length, 2, 'no hint, and an old version');
  write(statement);
  assert.equal((await verifyModel({ model, trust: testTrust })).failure, 'invalid-statement');
});

test('shards are verified, with the names of both writers', async (context) => {
  const content = 'abcdefghij';
  const model = folderOf(context, { 'a:b/w': content, empty: '' });
  const parts = { 'a:b/w:0:4': 'abcd', 'a:b/w:4:8': 'efgh', 'a:b/w:8:10': 'ij' };
  const statement = statementAbout(parts, { method: 'shards', shard_size: 4 });
  const result = await verifyStatement(model, statement);
  assert.equal(result.verified, true, result.reason ?? '');
  assert.deepEqual(result.coverage.files, [{ path: 'a:b/w', algorithm: 'sha256', digest: null }]);
  assert.deepEqual(result.coverage.unsigned, ['empty'], 'no shard covers a file without bytes');
  for (const resource of statement.predicate.resources) resource.algorithm = 'sha256-sharded-4';
  assert.equal((await verifyStatement(model, statement)).verified, true);
  writeFiles(model, { 'a:b/w': 'abcdefghiJ' });
  assert.deepEqual((await verifyStatement(model, statement)).differences, [{ path: 'a:b/w', kind: 'changed' }]);
  const gap = statementAbout({ 'w:0:4': 'abcd', 'w:8:10': 'ij' }, { method: 'shards', shard_size: 4 });
  assert.match((await verifyStatement(model, gap)).reason ?? '', /does not follow/);
});

test('a certificate over a key that signs no models is refused, whoever issued it', async (context) => {
  const model = folderOf(context, files);
  for (const keys of [newKeys('secp256k1'), generateKeyPairSync('x25519')]) {
    const { root, intermediate } = issueChain();
    const leaf = issue({ subject: 'strange', issuer: intermediate, keys, usage: ['digitalSignature'] });
    const certificates = [leaf, intermediate].map(({ der }) => ({ rawBytes: der.toString('base64') }));
    const payload = Buffer.from(JSON.stringify(statementAbout({})));
    const material = { x509CertificateChain: { certificates } };
    writeFileSync(
      join(model, 'model.sig'),
      JSON.stringify(bundleOf(material, 'application/vnd.in-toto+json', payload, Buffer.alloc(70, 1))),
    );
    const result = await verifyModel({ model, trust: { method: 'certificate', roots: [root.pem] } });
    assert.equal(result.failure, 'untrusted');
    assert.match(result.reason ?? '', /signs no models/);
  }
});
