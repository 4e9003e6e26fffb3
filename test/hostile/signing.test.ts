import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { keySigner, type SigningKey } from '../../server/signing/signers.ts';
import {
  folderOf,
  rootOf,
  statementAbout,
  testKeys,
  testSigner,
  testTrust,
  verifyStatement,
  writeFiles,
} from '../../server/signing/signedModel.fixture.ts';
import { signModel } from '../../server/signing/signModel.ts';
import { verifyModel } from '../../server/signing/verifyModel.ts';
import { program } from '../cli/weighbridge.ts';

const content = { weights: 'w', 'config.json': '{}' };
type Statement = ReturnType<typeof statementAbout>;

/** Each is signed validly: what refuses it is the check that is named. */
const spoiled: Record<string, [spoil: (statement: Statement) => unknown, refusal: RegExp]> = {
  'a name that leads out of the model': [(s) => renamed(s, '../weights'), /no plain path/],
  'a name that leads out from inside': [(s) => renamed(s, 'a/../../weights'), /no plain path/],
  'an absolute name': [(s) => renamed(s, '/etc/passwd'), /no plain path/],
  'a name with a dot to resolve': [(s) => renamed(s, './weights'), /no plain path/],
  'a name with an empty part': [(s) => renamed(s, 'a//weights'), /no plain path/],
  'a name of a folder': [(s) => renamed(s, 'weights/'), /no plain path/],
  'an empty name': [(s) => renamed(s, ''), /no plain path/],
  'a name with a NUL': [(s) => renamed(s, 'weights\0'), /no plain path/],
  'a lone surrogate in a name': [(s) => renamed(s, 'w\ud800'), /no plain path/],
  'a dot among other files': [(s) => renamed(s, '.'), /no plain path/],
  'a name that is no text': [(s) => with_(s, { name: 1 }), /has no name/],
  'two files of one name': [(s) => renamed(s, 'config.json'), /twice/],
  'no files': [(s) => ({ ...s, predicate: { ...s.predicate, resources: [] } }), /lists no files/],
  'files that are no list': [(s) => ({ ...s, predicate: { ...s.predicate, resources: {} } }), /lists no files/],
  'another predicate': [
    (s) => ({ ...s, predicateType: 'https://slsa.dev/provenance/v1' }),
    /something else than a model/,
  ],
  'a predicate of version 2': [
    (s) => ({ ...s, predicateType: 'https://model_signing/signature/v2.0' }),
    /something else/,
  ],
  'no predicate': [(s) => ({ ...s, predicate: undefined }), /no predicate/],
  'another statement': [(s) => ({ ...s, _type: 'https://in-toto.io/Statement/v0.1' }), /no in-toto statement/],
  'two subjects': [(s) => ({ ...s, subject: [...s.subject, ...s.subject] }), /2 subjects/],
  'no subject': [(s) => ({ ...s, subject: [] }), /0 subjects/],
  'a digest of the model that is another': [
    (s) => ({ ...s, subject: [{ name: 'model', digest: { sha256: '0'.repeat(64) } }] }),
    /digest of the model is not/,
  ],
  'files in another order than their digest': [(s) => reordered(s), /digest of the model is not/],
  'an algorithm that differs from the signature': [(s) => with_(s, { algorithm: 'blake3' }), /names another algorithm/],
  'an algorithm of shards for a file': [(s) => with_(s, { algorithm: 'sha256-sharded-10' }), /names another algorithm/],
  'a hash that is broken': [(s) => serialised(s, { hash_type: 'md5' }), /no algorithm of model signatures/],
  'a method that nobody knows': [(s) => serialised(s, { method: 'folders' }), /no known method/],
  'shards of no size': [(s) => serialised(s, { method: 'shards', shard_size: 0 }), /no number of bytes/],
  'shards of half a byte': [(s) => serialised(s, { method: 'shards', shard_size: 0.5 }), /no number of bytes/],
  'a digest in capitals': [(s) => with_(s, { digest: 'A'.repeat(64) }), /lower-case/],
  'a digest that is too short': [(s) => with_(s, { digest: 'a'.repeat(62) }), /64 characters/],
  'ignored paths that are no list': [(s) => serialised(s, { ignore_paths: 'weights' }), /no list/],
  'a list instead of a statement': [() => [], /no JSON object/],
  'text that is no JSON': [() => '{', /no JSON/],
  nothing: [() => '', /no JSON/],
};

for (const [what, [spoil, refusal]] of Object.entries(spoiled)) {
  test(`a valid signature over ${what} is refused`, async (context) => {
    const model = folderOf(context, content);
    const result = await verifyStatement(model, spoil(statementAbout(content)));
    assert.equal(result.failure, 'invalid-statement', result.reason ?? 'verified');
    assert.match(result.reason ?? '', refusal);
    assert.deepEqual(result.hashedBy, { full: 0, cache: 0 });
  });
}

test('a valid signature over a payload of another type is refused', async (context) => {
  const model = folderOf(context, content);
  const result = await verifyStatement(model, statementAbout(content), 'application/json');
  assert.match(result.reason ?? '', /payload type/);
});

test('ignoring everything leaves what is signed missing, and no back door', async (context) => {
  const model = folderOf(context, { ...content, 'evil.py': 'x' });
  const statement = statementAbout(content, { ignore_paths: ['.', '..', '/', '', './', '../x', 'a/../evil.py'] });
  assert.deepEqual((await verifyStatement(model, statement)).differences, [{ path: 'evil.py', kind: 'extra' }]);
});

test('later versions 1.x verify, with what they may add', async (context) => {
  const model = folderOf(context, content);
  const statement = statementAbout(content);
  const later = {
    ...statement,
    predicateType: 'https://model_signing/signature/v1.7',
    predicate: { ...statement.predicate, card: {} },
  };
  assert.equal((await verifyStatement(model, later)).verified, true);
});

test('a file that changes, comes or goes while signing leaves no signature', async (context) => {
  const acts: [string, (model: string) => void][] = [
    ['was written to', (model) => appendFileSync(join(model, 'weights'), 'more')],
    ['was added', (model) => writeFileSync(join(model, 'late'), 'l')],
    ['was removed', (model) => rmSync(join(model, 'weights'))],
  ];
  for (const [what, act] of acts) {
    const model = folderOf(context, content);
    // Progress is told when all is hashed and nothing is compared yet.
    const onProgress = (): void => act(model);
    await assert.rejects(signModel({ model, signer: testSigner, onProgress }), { message: new RegExp(what) });
    assert.equal(existsSync(join(model, 'model.sig')), false);
    writeFiles(model, content);
    rmSync(join(model, 'late'), { force: true });
    await signModel({ model, signer: testSigner });
    const result = await verifyModel({ model, trust: testTrust, onProgress });
    assert.equal(result.failure, 'changed-while-hashing', result.reason ?? '');
    assert.match(result.reason ?? '', new RegExp(what));
  }
});

test('a device that signs something else leaves no signature', async (context) => {
  const model = folderOf(context, content);
  const broken: SigningKey = {
    publicKey: testKeys.publicKey,
    sign: () => Promise.resolve(Buffer.from('3006020101020101', 'hex')),
  };
  await assert.rejects(signModel({ model, signer: keySigner(broken) }), { code: 'verification-failed' });
  assert.equal(existsSync(join(model, 'model.sig')), false);
});

test('what comes meanwhile and is not signed matters only where unsigned files do', async (context) => {
  const model = folderOf(context, content);
  await signModel({ model, signer: testSigner });
  const onProgress = (): void => writeFileSync(join(model, 'log.txt'), 'l');
  const result = await verifyModel({ model, trust: testTrust, ignoreUnsignedFiles: true, onProgress });
  assert.equal(result.verified, true, result.reason ?? '');
});

test('a signature that is a link to itself is told, and no accident', async (context) => {
  const model = folderOf(context, content);
  symlinkSync('model.sig', join(model, 'model.sig'));
  const result = await verifyModel({ model, trust: testTrust });
  assert.match(result.reason ?? '', /model\.sig cannot be read/);
});

test('what is no signature is not replaced by one', async (context) => {
  const model = folderOf(context, content);
  await assert.rejects(signModel({ model, signer: testSigner, signature: join(model, 'weights') }), { code: 'exists' });
  assert.equal(readFileSync(join(model, 'weights'), 'utf8'), 'w');
});

test('an empty model, and one of which everything is ignored, is not signed', async (context) => {
  const model = folderOf(context, { '.gitignore': 'x', 'notes/a': 'a' });
  await assert.rejects(signModel({ model, signer: testSigner, ignorePaths: ['notes'] }), {
    message: /no file to sign/,
  });
  await assert.rejects(signModel({ model, signer: testSigner, ignorePaths: ['../elsewhere'] }), { code: 'bad-usage' });
});

test('a name that is not Unicode is refused by name', async (context) => {
  const model = folderOf(context, content);
  writeFileSync(Buffer.concat([Buffer.from(`${model}/`), Buffer.of(0x61, 0xff)]), 'x');
  await assert.rejects(signModel({ model, signer: testSigner }), { message: /is no Unicode/ });
  const result = await verifyStatement(model, statementAbout(content));
  assert.deepEqual(result.differences, [{ path: 'a\udcff', kind: 'extra' }]);
});

test('a pipe in the model holds nobody up', async (context) => {
  const model = folderOf(context, content);
  spawnSync('mkfifo', [join(model, 'pipe')]);
  await assert.rejects(signModel({ model, signer: testSigner }), {
    message: /^pipe in the model is neither a file nor a folder/,
  });
  const result = await verifyStatement(model, statementAbout(content));
  assert.deepEqual(result.differences, [{ path: 'pipe', kind: 'extra' }]);
});

/** Runs the command where no file may grow beyond some kilobytes: what a full disk does, without one. */
function signWithLimit(model: string, key: string, kilobytes: number): { status: number | null; stderr: string } {
  const command = `ulimit -f ${kilobytes}; trap '' XFSZ; exec "$@"`;
  const args = ['-c', command, 'sh', process.execPath, program, 'sign', model, '--key', key];
  return spawnSync('sh', args, { encoding: 'utf8' });
}

function manyFiles(context: TestContext): string {
  const files = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`file-${index}`, `${index}`]));
  return folderOf(context, files);
}

test('a disk that is full leaves no half a signature, and the old one where it was', (context) => {
  const model = manyFiles(context);
  const key = join(folderOf(context), 'key.pem');
  writeFileSync(key, testKeys.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  assert.equal(signWithLimit(model, key, 4096).status, 0);
  const before = readFileSync(join(model, 'model.sig'));
  writeFiles(model, { 'file-1': 'changed' });
  const { status, stderr } = signWithLimit(model, key, 8);
  assert.equal(status, 2);
  assert.match(stderr, /model\.sig cannot be written: .*(?:larger than|full)/);
  assert.deepEqual(readFileSync(join(model, 'model.sig')), before);
  assert.deepEqual(
    readdirSync(model).filter((name) => name.includes('partial')),
    [],
  );
});

function renamed(statement: Statement, name: string): Statement {
  return with_(statement, { name });
}

/** The statement with another first file, and the digest of the model that belongs to it. */
function with_(statement: Statement, change: Record<string, unknown>): Statement {
  const resources = statement.predicate.resources.map((each, index) => (index === 0 ? { ...each, ...change } : each));
  return {
    ...statement,
    subject: [{ name: 'model', digest: { sha256: rootOf(resources) } }],
    predicate: { ...statement.predicate, resources },
  };
}

function serialised(statement: Statement, change: Record<string, unknown>): Statement {
  const { predicate } = statement;
  return { ...statement, predicate: { ...predicate, serialization: { ...predicate.serialization, ...change } } };
}

function reordered(statement: Statement): Statement {
  return { ...statement, predicate: { ...statement.predicate, resources: statement.predicate.resources.toReversed() } };
}
