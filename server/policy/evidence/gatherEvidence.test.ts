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

test('datasets of the repository: registered, verified, scanned and classified', async (context) => {
  const csv = 'text,label\nhi,1\n';
  const sha256 = '602cc555926d663479f4bcaa6e7c97922858092bc19cc277dd89b02255775630';
  const record = (path: string, more: object) => ({ path, hash: { algorithm: 'sha256', digest: sha256 }, ...more });
  const names = ['data/good.csv', 'data/changed.csv', 'data/none.csv', './parts', 'acme/on-a-hub'];
  const { root, path } = makeWorkspace(context, {
    '.git/HEAD': 'ref: refs/heads/main\n',
    'm/model.safetensors': safetensors,
    'm/aibom.cdx.json': JSON.stringify({
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      version: 1,
      components: names.map((name) => ({ type: 'data', name, 'bom-ref': name })),
    }),
    'data/good.csv': csv,
    'data/changed.csv': csv.replace('1\n', '0\n'),
    'data/none.csv': csv.replace('hi', 'hey'),
    'data/provenance.json': JSON.stringify({
      schemaVersion: 1,
      datasets: [record('good.csv', { classification: { level: 'internal' } }), record('changed.csv', {})],
    }),
    'parts/a.csv': csv,
    'parts/b.csv': csv.replace('hi', 'ho'),
    'scan.json': JSON.stringify({
      schemaVersion: 1,
      // Of the same length as what stands there now.
      datasets: [
        { path: 'elsewhere/good.csv', sha256 },
        { path: 'data/changed.csv', sha256: '0'.repeat(64) },
      ],
      findings: [{ path: 'elsewhere/good.csv', severity: 'error' }],
      detectionLimit: { rows: null },
    }),
  });
  const { datasets = [] } = await gather(root, path('m'), [path('scan.json')]);
  assert.deepEqual(
    datasets.map(({ name, registered, verified, scanned, scan_errors, classified, classification, record: by }) => [
      name,
      registered,
      verified,
      [scanned, scan_errors],
      [classified, classification],
      by,
    ]),
    [
      ['data/good.csv', true, true, [true, 1], [true, 'internal'], 'data/provenance.json'],
      ['data/changed.csv', true, false, [false, null], [false, null], 'data/provenance.json'],
      ['data/none.csv', false, null, [null, null], [null, null], null],
      // One of its two files is, to the byte, a file that was scanned.
      ['./parts', false, null, [false, null], [null, null], null],
      ['acme/on-a-hub', false, null, [undefined, undefined], [undefined, undefined], undefined],
    ],
  );
});

test('ways into a model: of configurations beside it, and of scans that were recorded', async (context) => {
  const { root, path } = makeWorkspace(context, {
    'm/model.safetensors': safetensors,
    'm/config.properties': 'inference_address=http://0.0.0.0:8080\nmanagement_address=http://127.0.0.1:8081\n',
  });
  const [beside] = (await gather(root, path('m'))).endpoints ?? [];
  assert.equal(beside?.product, 'TorchServe');
  assert.deepEqual(
    [beside.path, beside.line, beside.reach, beside.complete],
    ['m/config.properties', 1, 'network', false],
  );
  assert.deepEqual([beside.controls['admin'], beside.controls['tls']], ['enforced', 'not-visible']);

  const recorded = path('scan.json');
  const nginx = {
    path: 'deploy/nginx.conf',
    line: 2,
    product: 'nginx',
    name: 'server 443',
    reach: 'network',
    complete: true,
    controls: {
      authentication: { state: 'not-visible', says: '', line: null },
      tls: { state: 'enforced', says: 'listen 443 ssl', line: 3 },
    },
  };
  writeFileSync(
    recorded,
    JSON.stringify({ findings: [], posture: [{ ...nginx, path: 'm/config.properties' }, nginx] }),
  );
  const all = (await gather(root, path('m'), [recorded])).endpoints ?? [];
  assert.deepEqual(
    all.map(({ product, controls }) => [product, controls['authentication'], controls['tls']]),
    [
      ['TorchServe', 'not-visible', 'not-visible'],
      ['nginx', 'not-visible', 'enforced'],
    ],
  );
  writeFileSync(
    recorded,
    JSON.stringify({ kind: 'endpoints', posture: [{ product: 'x', controls: { tls: { state: 'perhaps' } } }] }),
  );
  const [, odd] = (await gather(root, path('m'), [recorded])).endpoints ?? [];
  assert.deepEqual([odd?.controls, odd?.reach], [{ tls: 'not-visible' }, 'unknown']);
});
