import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import Ajv from 'ajv';
import { defaultConfiguration } from '../../engine/configuration.ts';
import { makeWorkspace } from '../../engine/workspace.fixture.ts';
import { WorkspaceScanner } from '../../engine/workspaceScanner.ts';
import { Roles } from '../roles.ts';
import { gatherEvidence } from './gatherEvidence.ts';
import { evidenceSchema } from './schema.ts';

const header = '{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}';
const safetensors = Buffer.concat([
  Buffer.from([header.length, 0, 0, 0, 0, 0, 0, 0]),
  Buffer.from(header),
  Buffer.alloc(4),
]);
const validate = new Ajv({ strict: false }).compile(evidenceSchema());

async function gather(root: string, model: string, recorded: string[] = []) {
  const scanner = new WorkspaceScanner({ base: root, configuration: defaultConfiguration(root), cache: false });
  try {
    const now = Date.parse('2026-03-01T12:00:00Z');
    const options = { gate: 'hotfix', now, roles: Roles.read(null), subject: 'ml-ops', recorded, mayUseCache: false };
    const evidence = await gatherEvidence(model, scanner, options);
    assert.ok(validate(JSON.parse(JSON.stringify(evidence))), JSON.stringify(validate.errors));
    return evidence;
  } finally {
    await scanner.dispose();
  }
}

test('a folder without papers: everything that is not known is absent', async (context) => {
  const { root, path } = makeWorkspace(context, { 'm/model.safetensors': safetensors, 'm/config.json': '{}' });
  const evidence = await gather(root, path('m'));
  assert.equal(evidence.model.format, 'safetensors');
  assert.match(evidence.model.digest ?? '', /^sha256:[0-9a-f]{64}$/);
  assert.deepEqual([evidence.model.signature_verified, evidence.model.aibom_generated], [false, false]);
  assert.deepEqual(evidence.subject, { id: 'ml-ops', roles: ['ml-ops'] });
  for (const key of ['functional', 'backdoor', 'regression', 'datasets']) assert.ok(!(key in evidence), key);
});

test('two formats are mixed, and what holds no weights does not count', async (context) => {
  const { root, path } = makeWorkspace(context, {
    'm/model.safetensors': safetensors,
    'm/old.pkl': Buffer.from('80047d942e', 'hex'),
    'm/notes.txt': 'hello',
  });
  const { model } = await gather(root, path('m'));
  assert.equal(model.format, 'mixed');
  assert.deepEqual(
    model.formats.map(({ format }) => format),
    ['safetensors', 'pickle'],
  );
});

test('recorded evidence counts for the model that it names', async (context) => {
  const { root, path } = makeWorkspace(context, { 'm/model.safetensors': safetensors });
  const { model } = await gather(root, path('m'));
  const record = (name: string, document: object) => {
    writeFileSync(path(name), JSON.stringify(document));
    return path(name);
  };
  const mine = { path: 'm', digest: model.digest };
  const files = [
    record('backdoor.json', { verdict: 'clean', neuralCleanse: {}, strip: {}, model: mine }),
    record('regress.json', { agreement: 0.9, mcnemarP: 0.5, model: { digest: 'sha256:00' } }),
    record('robust.json', { cleanAccuracy: 0.9, attacks: [{ accuracy: 0.5 }, { accuracy: 0.2 }] }),
    record('audit.json', { dependencies: [{ name: 'torch', version: '2.0', vulns: [{ id: 'CVE-1' }] }] }),
  ];
  const evidence = await gather(root, path('m'), files);
  assert.deepEqual(evidence.backdoor, { file: 'backdoor.json', digest_matches: true, verdict: 'clean' });
  assert.equal(evidence.regression?.digest_matches, false);
  assert.deepEqual([evidence.robustness?.worst_accuracy, evidence.robustness?.digest_matches], [0.2, null]);
  assert.deepEqual(evidence.dependencies?.vulnerable, [{ name: 'torch', version: '2.0', id: 'CVE-1' }]);
  await assert.rejects(gather(root, path('m'), [record('other.json', { hello: 1 })]), /is no evidence that is known/);
});

test('a record of one dataset does not hide another that the bill of materials names', async (context) => {
  const data = (name: string) => ({ type: 'data', name, 'bom-ref': name });
  const { root, path } = makeWorkspace(context, {
    'm/model.safetensors': safetensors,
    'm/aibom.cdx.json': JSON.stringify({
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      version: 1,
      components: [data('train'), data('extra')],
    }),
    'datasets.json': JSON.stringify({
      kind: 'datasets',
      datasets: [{ name: 'train', registered: true, verified: true }],
    }),
  });
  const { datasets = [] } = await gather(root, path('m'), [path('datasets.json')]);
  assert.deepEqual(
    datasets.map(({ name, registered }) => [name, registered]),
    [
      ['train', true],
      ['extra', false],
    ],
  );
});
