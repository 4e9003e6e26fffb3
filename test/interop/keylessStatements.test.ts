// Keyless signatures that hold, by the right person, over statements that are no proper ones: the method opens no way around.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Trust } from '../../server/signing/contract.ts';
import { IdentityToken } from '../../server/signing/keyless/identityToken.ts';
import { instanceOf } from '../../server/signing/keyless/instance.ts';
import { signKeyless } from '../../server/signing/keyless/sign.ts';
import { folderOf, statementAbout } from '../../server/signing/signedModel.fixture.ts';
import { verifyModel } from '../../server/signing/verifyModel.ts';
import { startSigstore, type LocalSigstore } from './localSigstore.ts';

const content = { weights: 'w', 'config.json': '{}' };
const type = 'application/vnd.in-toto+json';
const proper = statementAbout(content);

describe('a keyless signature that holds', () => {
  let sigstore: LocalSigstore;
  before(async () => {
    sigstore = await startSigstore();
  });
  after(() => sigstore.close());

  async function verify(
    context: Parameters<typeof folderOf>[0],
    statement: unknown,
    payloadType = type,
  ): ReturnType<typeof verifyModel> {
    const model = folderOf(context, content);
    const token = IdentityToken.parse(sigstore.provider.token(), 'test', { audience: 'sigstore' });
    const instance = instanceOf(sigstore.trustConfig);
    const bundle = await signKeyless(Buffer.from(JSON.stringify(statement)), payloadType, { instance, token });
    writeFileSync(path.join(model, 'model.sig'), JSON.stringify(bundle));
    const { trustedRoot, provider } = sigstore;
    const trust: Trust = { method: 'sigstore', identity: 'ada@example.com', issuer: provider.issuer, trustedRoot };
    return verifyModel({ model, trust });
  }

  it('is verified over a proper statement', async (context) => {
    const result = await verify(context, proper);
    assert.equal(result.verified, true, result.reason ?? '');
    assert.equal(result.signer, 'ada@example.com');
  });

  const { predicate, subject } = proper;
  const [first, ...rest] = predicate.resources;
  const named = (name: string): object => ({
    ...proper,
    predicate: { ...predicate, resources: [{ ...first, name }, ...rest] },
  });
  const cases: [string, unknown, RegExp][] = [
    ['a name that leads out of the model', named('../weights'), /no plain path/],
    ['two files of one name', named('config.json'), /twice/],
    ['no files', { ...proper, predicate: { ...predicate, resources: [] } }, /lists no files/],
    ['two subjects', { ...proper, subject: [...subject, ...subject] }, /2 subjects/],
    [
      'another predicate',
      { ...proper, predicateType: 'https://slsa.dev/provenance/v1' },
      /something else than a model/,
    ],
    [
      'another digest of the model',
      { ...proper, subject: [{ name: 'model', digest: { sha256: '0'.repeat(64) } }] },
      /digest of the model is not/,
    ],
    [
      'an algorithm of which the files know nothing',
      { ...proper, predicate: { ...predicate, serialization: { ...predicate.serialization, hash_type: 'blake3' } } },
      /names another algorithm/,
    ],
  ];
  for (const [what, statement, reason] of cases) {
    it(`is refused over ${what}`, async (context) => {
      const result = await verify(context, statement);
      assert.equal(result.failure, 'invalid-statement', result.reason ?? 'verified');
      assert.match(result.reason ?? '', reason);
      assert.deepEqual([result.signatureHolds, result.signer], [true, 'ada@example.com'], 'who signed it is known');
      assert.deepEqual(result.hashedBy, { full: 0, cache: 0 });
    });
  }

  it('is refused over a payload of another type', async (context) => {
    assert.match((await verify(context, proper, 'application/json')).reason ?? '', /payload type/);
  });
});
