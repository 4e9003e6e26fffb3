// The provenance of models, read by the in-toto attestation framework's own types; and the model beside it, by the reference client.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { it } from 'node:test';
import { newKeys } from '../../server/signing/certificates.fixture.ts';
import { folderOf } from '../../server/signing/signedModel.fixture.ts';
import { weighbridge } from '../cli/weighbridge.ts';
import { runPython } from './python.ts';

const commit = 'a1b2c3d4e5f60718293a4b5c6d7e8f9012345678';
const weights = 'weights';
const config = '{"model_type":"bert"}';
const lock = 'version = 1\n';
const card = '---\nbase_model: google/bert-base\ndatasets:\n  - stanfordnlp/imdb\n---\n# Sentiment\n';
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

interface Provenance {
  subjects: [name: string, digest: Record<string, string>][];
  predicateType: string;
  buildType: string;
  externalParameters: Record<string, unknown>;
  builder: string;
  invocation: string;
  dependencies: [role: string, name: string, uri: string, digest: Record<string, string>][];
}

it('provenance is a SLSA statement of version 1, signed beside a model that others still verify', async (context) => {
  const { privateKey, publicKey } = newKeys('P-256');
  const cwd = folderOf(context, {
    'key.pem': privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    'public.pem': publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    '.git/HEAD': 'ref: refs/heads/main\n',
    '.git/refs/heads/main': `${commit}\n`,
    '.git/config': '[remote "origin"]\n\turl = https://git.example.com/ada/models.git\n',
    'uv.lock': lock,
    'model/README.md': card,
    'model/config.json': config,
    'model/model.safetensors': weights,
  });
  const run = { server: 'https://github.com', repository: 'ada/models', id: '7' };
  const signed = await weighbridge(cwd, ['sign', 'model', '--key', 'key.pem', '--provenance'], {
    GITHUB_ACTIONS: 'true',
    GITHUB_SERVER_URL: run.server,
    GITHUB_REPOSITORY: run.repository,
    GITHUB_RUN_ID: run.id,
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_WORKFLOW_REF: 'ada/models/.github/workflows/train.yml@refs/heads/main',
    RUNNER_ENVIRONMENT: 'github-hosted',
  });
  assert.equal(signed.code, 0, signed.stderr);

  const file = path.join(cwd, 'model', 'model.intoto.sigstore.json');
  const { dsseEnvelope } = JSON.parse(readFileSync(file, 'utf8')) as { dsseEnvelope: { payload: string } };
  const statement = Buffer.from(dsseEnvelope.payload, 'base64').toString('utf8');
  const provenance = JSON.parse(await runPython('check_provenance.py', [], statement, 'venv-signing')) as Provenance;
  const { stdout: digest } = await weighbridge(cwd, ['digest', 'model']);
  assert.deepEqual(provenance.subjects, [
    ['model', { sha256: digest.trim().replace('sha256:', '') }],
    ['model.safetensors', { sha256: sha256(weights) }],
  ]);
  assert.equal(provenance.predicateType, 'https://slsa.dev/provenance/v1');
  assert.equal(provenance.buildType, 'urn:weighbridge:model-build:v1');
  assert.equal(provenance.builder, 'https://github.com/actions/runner/github-hosted');
  assert.equal(provenance.invocation, 'https://github.com/ada/models/actions/runs/7/attempts/1');
  assert.deepEqual(provenance.externalParameters['workflow'], {
    path: '.github/workflows/train.yml',
    ref: 'refs/heads/main',
    repository: 'https://github.com/ada/models',
  });
  const roles = Object.fromEntries(
    provenance.dependencies.map(([role, name, uri, digest]) => [role, [name, uri, digest]]),
  );
  assert.deepEqual(roles, {
    'base-model': ['google/bert-base', 'pkg:huggingface/google/bert-base', {}],
    dataset: ['stanfordnlp/imdb', 'https://huggingface.co/datasets/stanfordnlp/imdb', {}],
    config: ['config.json', '', { sha256: sha256(config) }],
    'lock-file': ['uv.lock', '', { sha256: sha256(lock) }],
    source: [path.basename(cwd), 'git+https://git.example.com/ada/models.git@refs/heads/main', { gitCommit: commit }],
  });

  const job = { action: 'verify', method: 'key', model: path.join(cwd, 'model'), key: path.join(cwd, 'public.pem') };
  const answer = await runPython(
    'model_signing_peer.py',
    [],
    `${JSON.stringify({ ...job, signature: path.join(cwd, 'model', 'model.sig') })}\n`,
    'venv-signing',
  );
  assert.match(answer, /^ANSWER \{"ok": true\}$/m);
});
