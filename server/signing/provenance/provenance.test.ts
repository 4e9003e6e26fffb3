import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { SignResult, Trust } from '../contract.ts';
import { keySigner, signingKey } from '../signers.ts';
import { signModel } from '../signModel.ts';
import { verifyModel } from '../verifyModel.ts';
import { builderOf, localBuilder } from './builder.ts';
import { repositoryAbove } from './gitCommit.ts';
import { provenanceFile } from './provenanceFile.ts';
import { signProvenance, type SignedProvenance } from './signProvenance.ts';
import { verifyProvenance, type VerifiedProvenance } from './verifyProvenance.ts';

const commit = 'a1b2c3d4e5f60718293a4b5c6d7e8f9012345678';
let folder: string;
let model: string;
let keys: { publicKey: KeyObject; privateKey: KeyObject };

const put = (path: string, content: string): void => {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weighbridge-provenance-'));
  model = join(folder, 'models', 'sentiment');
  keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  put('.git/HEAD', 'ref: refs/heads/main\n');
  put('.git/refs/heads/main', `${commit}\n`);
  put(
    '.git/config',
    '[core]\n\tbare = false\n[remote "origin"]\n\turl = https://ada:secret@git.example.com/ada/models.git\n',
  );
  put('uv.lock', 'version = 1\n');
  put(
    'models/sentiment/README.md',
    '---\nbase_model: google/bert-base\ndatasets:\n  - stanfordnlp/imdb\n---\n# Sentiment\n',
  );
  put('models/sentiment/config.json', '{"model_type":"bert"}');
  put('models/sentiment/model.safetensors', 'weights');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const trust = (): Trust => ({
  method: 'key',
  publicKey: keys.publicKey.export({ format: 'pem', type: 'spki' }).toString(),
});
const signer = (): ReturnType<typeof keySigner> => keySigner(signingKey(keys.privateKey));

async function sign(
  environment: NodeJS.ProcessEnv = {},
): Promise<{ signed: SignResult; provenance: SignedProvenance }> {
  const signed = await signModel({ model, signer: signer(), provenance: true });
  return {
    signed,
    provenance: await signProvenance({ model, signed, signer: signer(), environment, version: '1.2.3' }),
  };
}

async function verify(): Promise<VerifiedProvenance | null> {
  return verifyProvenance(join(model, 'model.sig'), await verifyModel({ model, trust: trust() }), trust());
}

interface Statement {
  subject: { name: string; digest: { sha256: string } }[];
  predicateType: string;
  predicate: {
    buildDefinition: { resolvedDependencies: Record<string, unknown>[]; externalParameters: object };
    runDetails: { builder: { id: string; version: object }; metadata?: { invocationId: string } };
  };
}

function statement(): Statement {
  const { dsseEnvelope } = JSON.parse(readFileSync(provenanceFile(join(model, 'model.sig')), 'utf8')) as {
    dsseEnvelope: { payload: string };
  };
  return JSON.parse(Buffer.from(dsseEnvelope.payload, 'base64').toString('utf8')) as Statement;
}

describe('the provenance of a model', () => {
  it('names the model by its root digest, and the weights by their own', async () => {
    const { signed } = await sign();
    const { subject, predicateType } = statement();
    assert.equal(predicateType, 'https://slsa.dev/provenance/v1');
    assert.deepEqual(
      subject.map(({ name }) => name),
      ['sentiment', 'model.safetensors'],
    );
    assert.equal(subject[0]?.digest.sha256, signed.rootDigest);
    assert.equal(subject[1]?.digest.sha256, signed.files.find(({ path }) => path === 'model.safetensors')?.digest);
  });

  it('names base models, datasets, configs, lock files and the commit, each with the place it was read from', async () => {
    const { provenance } = await sign();
    assert.deepEqual(
      provenance.dependencies.map(({ uri, name, annotations }) => [
        annotations.role,
        uri ?? name,
        annotations.readFrom,
      ]),
      [
        ['base-model', 'pkg:huggingface/google/bert-base', 'README.md (front matter: base_model)'],
        ['dataset', 'https://huggingface.co/datasets/stanfordnlp/imdb', 'README.md (front matter: datasets)'],
        ['config', 'config.json', 'config.json'],
        ['lock-file', 'uv.lock', 'uv.lock'],
        ['source', 'git+https://git.example.com/ada/models.git@refs/heads/main', '.git/HEAD'],
      ],
    );
    assert.deepEqual(provenance.dependencies.at(-1)?.digest, { gitCommit: commit });
    assert.doesNotMatch(JSON.stringify(statement()), /secret/, 'the password in the address');
    for (const each of statement().predicate.buildDefinition.resolvedDependencies)
      assert.ok(each['uri'] ?? each['digest']);
  });

  it('names a local base model by the root digest of its signature', async () => {
    put('models/base/model.safetensors', 'base');
    const base = await signModel({ model: join(folder, 'models', 'base'), signer: signer() });
    put('models/sentiment/README.md', '---\nbase_model: ../base\n---\n');
    const { provenance } = await sign();
    assert.deepEqual(provenance.dependencies[0]?.digest, { sha256: base.rootDigest });
  });

  it('says honestly that it was made on a machine of nobody in particular', async () => {
    await sign();
    assert.equal(statement().predicate.runDetails.builder.id, localBuilder);
    assert.deepEqual(statement().predicate.runDetails.builder.version, { weighbridge: '1.2.3' });
  });

  it('leaves the model verified, before and after it is renewed', async () => {
    await sign();
    assert.equal((await verifyModel({ model, trust: trust() })).verified, true);
    rmSync(provenanceFile(join(model, 'model.sig')));
    assert.equal((await verifyModel({ model, trust: trust() })).verified, true);
  });

  it('is left out when the model is signed again without', async () => {
    await sign();
    const again = await signModel({ model, signer: signer() });
    assert.ok(!again.files.some(({ path }) => path.endsWith('.intoto.sigstore.json')));
  });

  it('replaces provenance, and nothing else that has its name', async () => {
    put('models/sentiment/model.intoto.sigstore.json', '{"mine":true}');
    await assert.rejects(sign(), { code: 'exists' });
    assert.equal(readFileSync(join(model, 'model.intoto.sigstore.json'), 'utf8'), '{"mine":true}');
  });

  it('stands beside a model that is one file', async () => {
    const file = join(model, 'model.safetensors');
    const signed = await signModel({ model: file, signer: signer(), provenance: true });
    const { path } = await signProvenance({ model: file, signed, signer: signer(), environment: {}, version: '1' });
    assert.equal(path, `${file}.intoto.sigstore.json`);
    const result = await verifyModel({ model: file, trust: trust() });
    assert.equal((await verifyProvenance(`${file}.sig`, result, trust()))?.verified, true);
  });

  it('is the same bytes for the same model, but for the signature', async () => {
    await sign();
    const first = JSON.stringify(statement());
    await sign();
    assert.equal(JSON.stringify(statement()), first);
  });
});

describe('verifying provenance', () => {
  it('tells who says what the model was made of', async () => {
    await sign();
    const result = await verify();
    assert.equal(result?.verified, true);
    assert.equal(result.builder, localBuilder);
    assert.equal(result.dependencies.length, 5);
    assert.deepEqual(result.dependencies[4]?.digest, { gitCommit: commit });
  });

  it('is null where there is none, and where the model is not verified', async () => {
    await signModel({ model, signer: signer() });
    assert.equal(await verify(), null);
    await sign();
    put('models/sentiment/config.json', '{}');
    assert.equal(await verify(), null);
  });

  it('refuses that of an earlier state of the model', async () => {
    await sign();
    put('models/sentiment/model.safetensors', 'other weights');
    await signModel({ model, signer: signer() });
    assert.match((await verify())?.reason ?? '', /another state of this one/);
  });

  it('refuses that of another signer', async () => {
    const { signed } = await sign();
    const other = keySigner(signingKey(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey));
    await signProvenance({ model, signed, signer: other, environment: {}, version: '1' });
    const result = await verify();
    assert.equal(result?.verified, false);
    assert.equal(result.signer, null);
    assert.deepEqual(result.dependencies, []);
  });

  it('refuses the signature of the model in its place, and what is no bundle', async () => {
    const { signed, provenance } = await sign();
    copyFileSync(signed.signature, provenance.path);
    assert.match((await verify())?.reason ?? '', /no SLSA provenance/);
    for (const text of ['', '{', '[]', '{"dsseEnvelope":null}']) {
      writeFileSync(provenance.path, text);
      assert.equal((await verify())?.verified, false);
    }
    rmSync(provenance.path);
    mkdirSync(provenance.path);
    assert.equal((await verify())?.verified, false);
  });

  it('refuses what is signed by the right key and is no provenance of this model', async () => {
    await sign();
    const good = statement();
    const refused = async (content: object): Promise<string> => {
      const bundle = await signer().sign(Buffer.from(JSON.stringify(content)), 'application/vnd.in-toto+json');
      writeFileSync(provenanceFile(join(model, 'model.sig')), JSON.stringify(bundle));
      const result = await verify();
      assert.equal(result?.verified, false, JSON.stringify(content));
      assert.deepEqual([result.builder, result.dependencies], [null, []]);
      return result.reason ?? '';
    };
    const { buildDefinition, runDetails } = good.predicate;
    const [root, ...weights] = good.subject;
    const other = { ...root, digest: { sha256: '0'.repeat(64) } };
    const of = (predicate: object): object => ({ ...good, predicate });
    for (const [content, why] of [
      [of({ buildDefinition, runDetails: { builder: {} } }), /builder\.id/],
      [of({ buildDefinition }), /builder\.id/],
      [of({ runDetails }), /buildType/],
      [of({ buildDefinition: { ...buildDefinition, buildType: '' }, runDetails }), /buildType/],
      [of([]), /buildType/],
      [{ ...good, predicateType: 'https://slsa.dev/provenance/v0.2' }, /no SLSA provenance/],
      [{ ...good, _type: 'https://in-toto.io/Statement/v0.1' }, /no SLSA provenance/],
      [{ ...good, subject: [] }, /another model/],
      [{ ...good, subject: weights }, /another model/],
      [{ ...good, subject: [other, ...weights] }, /another model/],
      [{ ...good, subject: [root, { name: 'model.safetensors', digest: other.digest }] }, /other content of model\.s/],
      [{ ...good, subject: [root, { name: 'absent.bin', digest: other.digest }] }, /other content of absent\.bin/],
    ] as const) {
      assert.match(await refused(content), why);
    }
  });

  it('refuses one that was changed after it was signed', async () => {
    const { provenance } = await sign();
    const bundle = JSON.parse(readFileSync(provenance.path, 'utf8')) as { dsseEnvelope: { payload: string } };
    const payload = Buffer.from(bundle.dsseEnvelope.payload, 'base64')
      .toString('utf8')
      .replace('bert-base', 'bert-evil');
    bundle.dsseEnvelope.payload = Buffer.from(payload).toString('base64');
    writeFileSync(provenance.path, JSON.stringify(bundle));
    assert.match((await verify())?.reason ?? '', /does not hold/);
  });
});

describe('the commit', () => {
  const uri = (): string | undefined => repositoryAbove(model)?.commit?.uri;

  it('is read from packed references', () => {
    rmSync(join(folder, '.git', 'refs'), { recursive: true });
    put('.git/packed-refs', `# pack-refs with: peeled\n${commit} refs/heads/main\n`);
    assert.deepEqual(repositoryAbove(model)?.commit?.digest, { gitCommit: commit });
  });

  it('is read from a detached head', () => {
    put('.git/HEAD', `${commit}\n`);
    assert.equal(uri(), 'git+https://git.example.com/ada/models.git');
  });

  it('is read in a linked work tree', () => {
    put('tree/.git', `gitdir: ${join(folder, '.git', 'worktrees', 'tree')}\n`);
    put('.git/worktrees/tree/HEAD', 'ref: refs/heads/main\n');
    put('.git/worktrees/tree/commondir', '../..\n');
    put('tree/model/weights.bin', '');
    assert.deepEqual(repositoryAbove(join(folder, 'tree', 'model'))?.commit?.digest, { gitCommit: commit });
  });

  it('has an address in one form, without what is private', () => {
    for (const [written, shown] of [
      ['git@git.example.com:ada/models.git', 'git+ssh://git.example.com/ada/models.git@refs/heads/main'],
      ['ssh://git@git.example.com:22/ada/models', 'git+ssh://git.example.com:22/ada/models@refs/heads/main'],
      ['https://x:token@git.example.com/a?key=1', 'git+https://git.example.com/a@refs/heads/main'],
      ['/home/ada/private', undefined],
    ] as const) {
      put('.git/config', `[remote "origin"]\n\turl = ${written}\n`);
      if (shown === undefined) assert.match(uri() ?? '', /^urn:weighbridge:unresolved:/);
      else assert.equal(uri(), shown);
    }
  });

  it('is not what a reference outside of the repository says', () => {
    for (const head of ['ref: refs/../../secret', 'ref: /etc/hostname', 'nonsense', '']) {
      put('.git/HEAD', head);
      put('secret', commit);
      assert.equal(repositoryAbove(model)?.commit, null, head);
    }
  });
});

describe('the builder', () => {
  const actions = {
    GITHUB_ACTIONS: 'true',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_REPOSITORY: 'ada/models',
    GITHUB_RUN_ID: '7',
    GITHUB_RUN_ATTEMPT: '2',
    GITHUB_WORKFLOW_REF: 'ada/models/.github/workflows/train.yml@refs/heads/main',
    RUNNER_ENVIRONMENT: 'github-hosted',
  };

  it('is the runner of GitHub Actions, with workflow and run', () => {
    assert.deepEqual(builderOf(actions), {
      id: 'https://github.com/actions/runner/github-hosted',
      invocationId: 'https://github.com/ada/models/actions/runs/7/attempts/2',
      externalParameters: {
        workflow: {
          ref: 'refs/heads/main',
          repository: 'https://github.com/ada/models',
          path: '.github/workflows/train.yml',
        },
      },
      internalParameters: { github: { event_name: '', repository_id: '', repository_owner_id: '' } },
    });
  });

  it('is local where that is not all known', () => {
    assert.equal(builderOf({}).id, localBuilder);
    assert.equal(builderOf({ ...actions, GITHUB_RUN_ID: '' }).id, localBuilder);
  });
});
