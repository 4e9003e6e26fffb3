// Statements that a trusted signer signed validly and that are no proper ones: beyond what signing.test.ts spoils, each is
// one that a reader in a hurry would take. What refuses it is the check that is named, and no file is read.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { folderOf, rootOf, statementAbout, verifyStatement } from '../../server/signing/signedModel.fixture.ts';

const content = { weights: 'w', 'config.json': '{}' };
type Statement = ReturnType<typeof statementAbout>;
type Resource = Statement['predicate']['resources'][number];
type Spoil = (statement: Statement) => unknown;
/** In place of a field's value: the field is not there. */
const gone = undefined;

const refusals: Record<string, [spoil: Spoil, refusal: RegExp]> = {
  // Names.
  'a name that ends in a dot to resolve': [named('weights/.'), /no plain path/],
  'a name that ends in its parent': [named('weights/..'), /no plain path/],
  'a name that is nothing': [withFirst({ name: null }), /a file has no name/],
  'a name that is a list': [withFirst({ name: ['weights'] }), /a file has no name/],
  'a file without a name': [withFirst({ name: gone }), /a file has no name/],
  'a file that is nothing': [(s) => ({ ...s, predicate: { ...s.predicate, resources: [null] } }), /is no object/],

  // The statement.
  'a statement of a type with a blank': [whole({ _type: 'https://in-toto.io/Statement/v1 ' }), /no in-toto statement/],
  'a statement of no type': [whole({ _type: gone }), /no in-toto statement/],
  'a predicate of no type': [whole({ predicateType: gone }), /no predicate type/],
  'a predicate whose type is a number': [whole({ predicateType: 1 }), /no predicate type/],
  'a type with a blank after it': [typed('https://model_signing/signature/v1.0 '), /something else than a model/],
  'a type with a line after it': [typed('https://model_signing/signature/v1.0\n'), /something else than a model/],
  'a type with a fragment': [typed('https://model_signing/signature/v1.0#x'), /something else than a model/],
  'a type without a minor version': [typed('https://model_signing/signature/v1'), /something else than a model/],
  'a type of version 10': [typed('https://model_signing/signature/v10.0'), /something else than a model/],
  'a type of another scheme': [typed('http://model_signing/signature/v1.0'), /something else than a model/],
  'a type in which another stands': [typed('x https://model_signing/signature/v1.0'), /something else than a model/],
  'a predicate that is a list': [whole({ predicate: [] }), /no predicate/],
  'a predicate that is text': [whole({ predicate: 'files' }), /no predicate/],

  // The subject.
  'a subject that is nothing': [whole({ subject: null }), /no subject/],
  'a subject that is no list': [whole({ subject: {} }), /no subject/],
  'a subject that is a list of nothing': [whole({ subject: [null] }), /a subject is no object/],
  'a subject without a name': [subject({ name: gone }), /subject has no name/],
  'a subject without a digest': [subject({ digest: gone }), /subject has no digest/],
  'a subject with a digest of another algorithm': [
    (s) => subject({ digest: { sha512: s.subject[0]?.digest.sha256 } })(s),
    /digest of "the subject"/,
  ],
  'a subject with a list of digests': [
    (s) => subject({ digest: { sha256: [s.subject[0]?.digest.sha256] } })(s),
    /digest of "the subject"/,
  ],
  'a subject with a digest in capitals': [
    (s) => subject({ digest: { sha256: s.subject[0]?.digest.sha256.toUpperCase() } })(s),
    /digest of "the subject"/,
  ],

  // How files were hashed.
  'no word on how files were hashed': [
    (s) => ({ ...s, predicate: { resources: s.predicate.resources } }),
    /how the files/,
  ],
  'a list of how files were hashed': [
    (s) => ({ ...s, predicate: { ...s.predicate, serialization: [] } }),
    /how the files/,
  ],
  'a hash in capitals': [hashed({ hash_type: 'SHA256' }), /"SHA256", which is no algorithm/],
  'a hash that is strong and not specified': [hashed({ hash_type: 'sha512' }), /"sha512", which is no algorithm/],
  'a list of hashes': [hashed({ hash_type: ['sha256'] }), /no algorithm of model signatures/],
  'a hash by the name of a property': [hashed({ hash_type: '__proto__' }), /no algorithm of model signatures/],
  'no hash': [hashed({ hash_type: gone }), /no algorithm of model signatures/],
  'a method in capitals': [hashed({ method: 'FILES' }), /no known method/],
  'no method': [hashed({ method: gone }), /no known method/],
  'links that were followed "true"': [hashed({ allow_symlinks: 'true' }), /by true or false/],
  'ignored paths that are numbers': [hashed({ ignore_paths: [1] }), /an ignored path is no text/],
  'ignored paths by name': [hashed({ ignore_paths: { weights: true } }), /ignored paths are no list/],

  // Digests of files.
  'a file of no algorithm': [withFirst({ algorithm: gone }), /names another algorithm/],
  'a file with an algorithm in capitals': [withFirst({ algorithm: 'SHA256' }), /names another algorithm/],
  'a digest of twice the length': [withFirst({ digest: 'a'.repeat(128) }), /64 characters/],
  'a digest with its prefix': [withFirst({ digest: `0x${'a'.repeat(62)}` }), /lower-case hexadecimal/],
  'a digest with a line after it': [withFirst({ digest: `${'a'.repeat(63)}\n` }), /lower-case hexadecimal/],
  'a digest that is a list': [withFirst({ digest: ['a'.repeat(64)] }), /lower-case hexadecimal/],
  'a digest of BLAKE2b that is cut to half': [
    (s) => hashed({ hash_type: 'blake2b' })(resources(s, (each) => ({ ...each, algorithm: 'blake2b' }))),
    /128 characters/,
  ],

  // Shards.
  'shards that overlap': [shards({ 'weights:0:4': 'abcd', 'weights:2:6': 'cdef' }), /"weights:2:6" does not follow/],
  'a shard that stands twice': [shards({ 'weights:0:4': 'a', 'weights:00:4': 'a' }), /is not named by its file/],
  'shards of which the first is missing': [shards({ 'weights:4:5': 'w' }), /does not follow/],
  'a shard after one that was not full': [shards({ 'weights:0:3': 'abc', 'weights:3:4': 'd' }), /does not follow/],
  'a shard that ends before it begins': [shards({ 'weights:4:2': 'w' }), /does not follow/],
  'a shard that begins before the file': [shards({ 'weights:-4:0': 'w' }), /is not named by its file/],
  'a shard of nothing': [shards({ 'weights:0:0': '' }), /is not named by its file/],
  'a shard that is longer than shards are': [shards({ 'weights:0:5': 'abcde' }), /longer than the 4 bytes/],
  'a shard that is longer than any file': [shards({ 'weights:0:9999999999999999': 'w' }), /longer than the 4 bytes/],
  'a file among shards': [shards({ weights: 'w' }), /is not named by its file/],
  'a shard that leads out of the model': [shards({ '../weights:0:1': 'w' }), /"\.\.\/weights" is no plain path/],
  'a shard of an absolute path': [shards({ '/etc/passwd:0:1': 'w' }), /"\/etc\/passwd" is no plain path/],
  'shards whose size is text': [shards({ 'weights:0:1': 'w' }, { shard_size: '4' }), /no number of bytes/],
  'shards whose size is no safe number': [
    shards({ 'weights:0:1': 'w' }, { shard_size: 2 ** 60 }),
    /no number of bytes/,
  ],
  'shards of less than nothing': [shards({ 'weights:0:1': 'w' }, { shard_size: -4 }), /no number of bytes/],
  'shards of no size at all': [shards({ 'weights:0:1': 'w' }, { shard_size: gone }), /no number of bytes/],
  'a shard that names the size of others': [
    (s) => resources(shards({ 'weights:0:1': 'w' })(s), (each) => ({ ...each, algorithm: 'sha256-sharded-8' })),
    /names another algorithm/,
  ],

  // The text.
  'a byte order mark before it': [(s) => `\ufeff${JSON.stringify(s)}`, /no JSON/],
  'something after it': [(s) => `${JSON.stringify(s)}{}`, /no JSON/],
  'a number that is none': [(s) => JSON.stringify(s).replace('false', 'NaN'), /no JSON/],
  'text in its place': [(s) => JSON.stringify(JSON.stringify(s)), /no JSON object/],
  'a million lists in one another': [() => '['.repeat(1e6) + ']'.repeat(1e6), /no JSON object/],
};

for (const [what, [spoil, refusal]] of Object.entries(refusals)) {
  test(`a valid signature over ${what} is refused`, async (context) => {
    const model = folderOf(context, content);
    const result = await verifyStatement(model, spoil(statementAbout(content)));
    assert.equal(result.failure, 'invalid-statement', result.reason ?? 'verified');
    assert.match(result.reason ?? '', refusal);
    assert.equal(result.verified, false);
    assert.deepEqual(result.coverage.files, []);
    assert.deepEqual(result.hashedBy, { full: 0, cache: 0 });
  });
}

/** Names that are proper ones, and of no file that is there: each is missing, and what is there is not signed. */
for (const name of [
  '..\\weights', // of one file here, and of none on Windows, where a backslash divides: nothing is ever opened by its signed name
  'C:/weights',
  'C:weights',
  'Weights',
  'weights ',
  'weights.',
  'weights::$DATA',
  'we\u0301ights',
  'w\u200beights',
  '\u202estthgiew',
  '~/weights',
  '%2e%2e/weights',
  '__proto__',
  'constructor',
]) {
  test(`the signed name ${JSON.stringify(name)} is that of no other file`, async (context) => {
    const model = folderOf(context, content);
    const result = await verifyStatement(model, named(name)(statementAbout(content)));
    assert.equal(result.failure, 'differences');
    assert.deepEqual(
      new Set(result.differences.map(({ path, kind }) => `${kind} ${path}`)),
      new Set([`missing ${name}`, 'extra weights']),
    );
  });
}

test('ignoring what is signed excuses no change of it', async (context) => {
  const model = folderOf(context, { ...content, weights: 'other' });
  const result = await verifyStatement(model, statementAbout(content, { ignore_paths: ['weights', 'config.json'] }));
  assert.deepEqual(result.differences, [{ path: 'weights', kind: 'changed' }]);
});

test('shards that end before the file does, or after it, are a change', async (context) => {
  const model = folderOf(context, { longer: 'abcdE', shorter: 'abc', gone: '' });
  const statement = shards({ 'longer:0:4': 'abcd', 'shorter:0:4': 'abcd', 'gone:0:1': 'g' })();
  const result = await verifyStatement(model, statement);
  assert.deepEqual(
    result.differences,
    ['gone', 'longer', 'shorter'].map((path) => ({ path, kind: 'changed' })),
  );
});

test('properties of every object are names of files like others', async (context) => {
  const files = Object.fromEntries(
    ['__proto__', 'constructor', 'toString', 'hasOwnProperty'].map((name) => [name, name]),
  );
  const model = folderOf(context, files);
  const result = await verifyStatement(model, statementAbout(files));
  assert.equal(result.verified, true, result.reason ?? '');
  assert.equal(result.coverage.files.length, 4);
});

function named(name: string): Spoil {
  return withFirst({ name });
}

/** The statement with another first file, and the digest of the model that belongs to it where there can be one. */
function withFirst(change: Record<string, unknown>): Spoil {
  return (s) => resources(s, (each, index) => (index === 0 ? { ...each, ...change } : each));
}

function resources(s: Statement, change: (each: Resource, index: number) => Resource): Statement {
  const changed = s.predicate.resources.map(change);
  const sha256 = rootOf(changed.map((each) => ({ ...each, digest: String(each.digest) })));
  return { ...s, subject: [{ name: 'model', digest: { sha256 } }], predicate: { ...s.predicate, resources: changed } };
}

function whole(change: Record<string, unknown>): Spoil {
  return (s) => ({ ...s, ...change });
}

function typed(predicateType: string): Spoil {
  return whole({ predicateType });
}

function subject(change: Record<string, unknown>): Spoil {
  return (s) => ({ ...s, subject: [{ ...s.subject[0], ...change }] });
}

function hashed(change: Record<string, unknown>): (s: Statement) => Statement {
  return (s) => ({ ...s, predicate: { ...s.predicate, serialization: { ...s.predicate.serialization, ...change } } });
}

function shards(parts: Record<string, string>, change: Record<string, unknown> = {}): (s?: Statement) => Statement {
  return () => statementAbout(parts, { method: 'shards', shard_size: 4, ...change });
}
