import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { RequestOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey } from 'jose';
import { makeWorkspace, type Workspace } from '../../server/engine/workspace.fixture.ts';
import { ResultStore, type StoredResult } from '../../server/fleet/store/resultStore.ts';
import { issue, type TestCertificate } from '../../server/signing/certificates.fixture.ts';
import { weighbridge } from '../cli/weighbridge.ts';
import { Served } from './served.ts';

interface Decision {
  allow: boolean;
  reasons: { code: string; message: string; ruleId?: string }[];
  warnings: string[];
  digests: string[];
}

const digest = (letter: string) => letter.repeat(64);

async function fill(folder: string): Promise<void> {
  const store = await ResultStore.open(join('.weighbridge', 'fleet.db'), folder);
  const result = (letter: string, change: Partial<StoredResult> = {}): StoredResult => ({
    ...{ digest: digest(letter), reading: '.bin', format: 'pickle', size: 5, complete: true },
    ...{ kinds: [], findings: [], ruleSet: 'none', ...change },
  });
  const finding = (severity: 'error' | 'warning', ruleId: string) => ({
    ...{ ruleId, severity, message: `says ${ruleId}`, evidence: {}, fixes: [] },
    location: { entry: null, byteOffset: 0, line: null, column: null },
  });
  const put = (uri: string, stored: StoredResult) =>
    store.record(
      { source: 's3://models', path: uri, uri, stamp: '1', digest: stored.digest, reading: stored.reading },
      stored,
    );
  await put('s3://models/good/a.safetensors', result('a', { format: 'safetensors' }));
  await put('s3://models/good/readme.md', result('0', { format: 'text' }));
  await put('s3://models/bad/b.bin', result('b', { findings: [finding('error', 'pickle/dangerous-import')] }));
  await put('s3://models/odd/c.bin', result('c', { findings: [finding('warning', 'pickle/unknown-import')] }));
  await put('s3://models/half/d.bin', result('d', { complete: false }));
  await put('s3://models/text/e.md', result('e', { format: 'text' }));
  await put('file:///mnt/claim/f.bin', result('f'));
  await put('hf://org/fine/f.bin', result('f'));
  await put('hf://org/pinned@v1/f.bin', result('f'));
  const failed = { source: 's3://models', path: 'good2/x', uri: 's3://models/good2/x.bin' };
  await put('s3://models/good2/a.safetensors', result('a', { format: 'safetensors' }));
  await store.recordFailure({ ...failed, reason: 'no bytes came', attempts: 5 });
  await store.close();
}

describe('the service of admission', { timeout: 300_000 }, () => {
  const cleanUps: (() => void)[] = [];
  const context = { after: (cleanUp: () => void) => void cleanUps.push(cleanUp) };
  let folder: Workspace;
  let authority: TestCertificate;
  let client: TestCertificate;
  let issuer: Server;
  let keys: { publicKey: CryptoKey; privateKey: CryptoKey };
  let address = '';
  const trusted = () => ({ ca: authority.pem });
  const certified = (certificate: TestCertificate = client) => ({
    ...trusted(),
    cert: certificate.pem,
    key: certificate.keyPem,
  });
  const token = (change: Record<string, unknown> = {}, by: CryptoKey = keys.privateKey) =>
    new SignJWT({
      iss: address,
      aud: 'weighbridge',
      sub: 'deployer',
      exp: Math.floor(Date.now() / 1000) + 600,
      ...change,
    })
      .setProtectedHeader({ alg: 'ES256', kid: 'one' })
      .sign(by);
  const bearing = (value: string) => ({ ...trusted(), headers: { authorization: `Bearer ${value}` } });
  let served: Served;

  before(async () => {
    folder = makeWorkspace(context);
    await fill(folder.root);
    authority = issue({ subject: 'authority', ca: true, usage: ['keyCertSign'] });
    const server = issue({ subject: 'localhost', issuer: authority, usage: ['digitalSignature'] });
    client = issue({ subject: 'kube-apiserver', issuer: authority, usage: ['digitalSignature'] });
    folder.write('ca.pem', authority.pem);
    folder.write('tls.pem', server.pem);
    folder.write('tls.key', server.keyPem);
    keys = await generateKeyPair('ES256', { extractable: true });
    const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'one', alg: 'ES256', use: 'sig' };
    issuer = createServer((request, response) => {
      const described = { issuer: address, jwks_uri: `${address}/keys` };
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(request.url === '/keys' ? { keys: [jwk] } : described));
    }).listen(0, '127.0.0.1');
    await once(issuer, 'listening');
    address = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}`;
    served = await Served.start(folder.root, [
      ...['--tls-certificate', 'tls.pem', '--tls-key', 'tls.key', '--client-authority', 'ca.pem'],
      ...['--client-name', 'kube-apiserver', '--oidc-issuer', address, '--oidc-audience', 'weighbridge'],
      ...['--oidc-subject', 'deployer', '--map', 'pvc://claim=file:///mnt/claim'],
    ]);
  });
  after(async () => {
    assert.equal(await served.stop(), 0);
    issuer.close();
    for (const cleanUp of cleanUps) cleanUp();
  });

  const decision = async (model: string, purpose = 'load'): Promise<Decision> => {
    const { status, body } = await served.ask('/v1/decisions', {
      ...certified(),
      body: JSON.stringify({ model, purpose }),
    });
    assert.equal(status, 200, body);
    return JSON.parse(body) as Decision;
  };
  const codes = async (model: string, purpose?: string) =>
    (await decision(model, purpose)).reasons.map(({ code }) => code);

  it('answers from what is known, and denies what is not', async () => {
    const good = await decision('s3://models/good');
    assert.deepEqual([good.allow, good.reasons], [true, []]);
    assert.deepEqual(good.digests, [`sha256:${digest('0')}`, `sha256:${digest('a')}`]);
    assert.deepEqual(await codes('s3://models/bad'), ['finding']);
    assert.deepEqual(await codes('s3://models/bad/b.bin'), ['finding']);
    assert.deepEqual(await codes('s3://models'), ['failed', 'finding', 'incomplete']);
    assert.deepEqual(await codes('s3://models/half/'), ['incomplete']);
    assert.deepEqual(await codes('s3://models/good2'), ['failed']);
    for (const unknown of ['s3://models/nowhere', 's3://models/goo', 's3://other', 's3://models/text', '*', '%']) {
      assert.deepEqual(await codes(unknown), ['unknown'], unknown);
    }
    assert.deepEqual(await codes(`sha256:${digest('b')}`), ['finding']);
    assert.equal((await decision(`sha256:${digest('a').toUpperCase()}`)).allow, true);
    assert.deepEqual(await codes(`sha256:${digest('9')}`), ['unknown']);
    assert.equal((await decision('pvc://claim/f.bin')).allow, true);
    assert.deepEqual(await codes('pvc://claimed/f.bin'), ['unknown']);
  });

  it('asks more of what is promoted: no warning, and today’s rules', async () => {
    assert.equal((await decision('s3://models/odd')).allow, true);
    assert.deepEqual(await codes('s3://models/odd', 'promote'), ['finding', 'outdated']);
    const { warnings } = await decision('s3://models/good');
    assert.match(warnings[0] ?? '', /rules have changed/);
  });

  it('refuses who shows nothing, or something that does not count, and says no more than that', async () => {
    const stranger = issue({ subject: 'authority', ca: true, usage: ['keyCertSign'] });
    const other = await generateKeyPair('ES256');
    const refused: [string, RequestOptions][] = [
      ['nothing', trusted()],
      ['a certificate of another authority', certified(issue({ subject: 'kube-apiserver', issuer: stranger }))],
      ['a certificate of another name', certified(issue({ subject: 'somebody', issuer: authority }))],
      [
        'an expired certificate',
        certified(issue({ subject: 'kube-apiserver', issuer: authority, notAfter: '2021-01-01' })),
      ],
      ['no token', bearing('')],
      ['a word', bearing('abc')],
      ['a token of another key', bearing(await token({}, other.privateKey))],
      ['a token for others', bearing(await token({ aud: 'somebody' }))],
      ['a token of another issuer', bearing(await token({ iss: 'https://evil.example' }))],
      ['an old token', bearing(await token({ exp: 1_600_000_000 }))],
      ['a token without an end', bearing(await token({ exp: undefined }))],
      ['a token of another subject', bearing(await token({ sub: 'somebody' }))],
      ['a token without a signature', bearing(`${(await token()).split('.').slice(0, 2).join('.')}.`)],
      ['a token of no algorithm', bearing(`${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.`)],
      ['a password', { ...trusted(), headers: { authorization: 'Basic YTpi' } }],
    ];
    for (const [what, options] of refused) {
      const { status, headers, body } = await served.ask('/v1/decisions?model=s3://models/good', options);
      assert.equal(status, 401, `${what}: ${body}`);
      assert.match(headers['www-authenticate'] ?? '', /^Bearer/);
      assert.ok(!body.includes('good'), body);
    }
    assert.equal((await served.ask('/metrics', trusted())).status, 401);
    assert.equal((await served.ask('/v1/decisions?model=s3://models/good', bearing(await token()))).status, 200);
    assert.match(served.log, /"refused":"the token is refused/);
    assert.ok(!/eyJ/.test(served.log), 'a token is in the log');
  });

  it('does not listen for a while to an address that fails again and again; others are not held up', async () => {
    const { url, child } = served;
    assert.ok(url && child);
    const statuses = new Set<number>();
    for (let tries = 0; tries < 60; tries++) statuses.add((await served.ask('/v1/decisions', trusted())).status);
    assert.ok(statuses.has(429), [...statuses].join(' '));
    assert.equal((await decision('s3://models/good')).allow, true);
  });

  const review = async (object: unknown, change: object = {}) => {
    const request = { uid: 'u-1', operation: 'CREATE', object };
    const body = JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request, ...change });
    const { status, body: text } = await served.ask('/v1/admission', { ...certified(), body });
    return {
      status,
      ...(JSON.parse(text) as { response?: { uid: string; allowed: boolean; status?: { message: string } } }),
    };
  };
  const service = (storageUri: unknown) => ({
    kind: 'InferenceService',
    spec: { predictor: { model: { modelFormat: { name: 'pytorch' }, storageUri } } },
  });

  it('reviews what Kubernetes is given', async () => {
    const good = await review(service('s3://models/good'));
    assert.deepEqual([good.response?.uid, good.response?.allowed], ['u-1', true]);
    const bad = await review(service('s3://models/bad'));
    assert.equal(bad.response?.allowed, false);
    assert.match(bad.response?.status?.message ?? '', /s3:\/\/models\/bad: .*pickle\/dangerous-import/);
    const pod = (container: object, rest: object = {}) => ({ kind: 'Pod', spec: { containers: [container], ...rest } });
    const allowed = async (object: unknown) => (await review(object)).response?.allowed;
    assert.equal(await allowed(pod({ image: 'nginx', args: ['-g', 'daemon off;'] })), true);
    assert.equal(await allowed(pod({ args: ['--model', 'org/fine'] })), true);
    assert.equal(await allowed(pod({ args: ['--model=org/other'] })), false);
    assert.equal(await allowed(pod({ command: ['sh', '-c', "vllm serve 'org/other' --port 8000"] })), false);
    assert.equal(await allowed(pod({ env: [{ name: 'STORAGE_URI', value: 's3://models/bad' }] })), false);
    assert.equal(await allowed(pod({ env: [{ name: 'STORAGE_URI', valueFrom: { secretKeyRef: {} } }] })), false);
    assert.equal(await allowed(pod({}, { volumes: [{ image: { reference: 'registry/model:1' } }] })), false);
    const initializer = { name: 'storage-initializer', args: ['s3://models/bad', '/mnt/models'] };
    assert.equal(await allowed(pod({}, { initContainers: [initializer] })), false);
    const deployment = {
      kind: 'Deployment',
      spec: { template: { metadata: {}, spec: pod({ args: ['--model', 'org/other'] }).spec } },
    };
    assert.equal(await allowed(deployment), false);
    const annotated = {
      kind: 'Pod',
      metadata: { annotations: { 'weighbridge.dev/model': 's3://models/bad' } },
      spec: {},
    };
    assert.equal(await allowed(annotated), false);
    const stored = {
      predictor: { model: { storage: { key: 'a', path: 'bad', parameters: { type: 's3', bucket: 'models' } } } },
    };
    assert.equal(await allowed({ kind: 'InferenceService', spec: stored }), false);
    assert.equal(await allowed(service('hf://org/pinned:v1')), true);
    assert.equal(await allowed(service('hf://org/pinned:v2')), false);
    assert.equal(await allowed(service({ $ne: 1 })), false);
    assert.equal(
      (await review(null, { request: { uid: 'u-2', operation: 'DELETE', object: null } })).response?.allowed,
      true,
    );
  });

  it('answers nonsense shortly, and goes on', async () => {
    const status = async (path: string, options: object = {}) =>
      (await served.ask(path, { ...certified(), ...options })).status;
    assert.equal(await status('/v1/admission', { body: '{' }), 400);
    assert.equal(
      await status('/v1/admission', { body: '{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1beta1"}' }),
      400,
    );
    assert.equal(await status('/v1/admission'), 405);
    assert.equal(await status('/v1/decisions'), 400);
    assert.equal(await status('/v1/decisions?model=a&purpose=eat'), 400);
    assert.equal(await status('/v1/decisions', { body: '[1]' }), 400);
    assert.equal(await status('/nothing'), 404);
    for (const path of ['//', '//[', 'http://[', '/%00', `/${'a'.repeat(9_000)}`])
      assert.equal(await status('/', { path }), 404);
    let deep: unknown = 's3://models/bad';
    for (let level = 0; level < 3_000; level++) deep = { deep };
    assert.equal((await review({ kind: 'Pod', spec: deep })).response?.allowed, false);
    const huge = 'x'.repeat(20 << 20);
    // The answer may come while the client still writes, which it then cannot.
    const answered = await served.ask('/v1/admission', { ...certified(), body: huge }).catch(() => null);
    if (answered) assert.equal(answered.status, 413);
    assert.equal(await status('/v1/decisions?model=s3://models/good'), 200);
  });

  it('tells whether it lives, to everybody, and its numbers to clients', async () => {
    for (const path of ['/healthz', '/readyz']) assert.equal((await served.ask(path, trusted())).status, 200);
    const { body, headers } = await served.ask('/metrics', certified());
    assert.match(headers['content-type'] ?? '', /openmetrics/);
    assert.match(body, /weighbridge_admission_decisions_total\{purpose="load",decision="deny"\} \d+/);
    assert.match(body, /weighbridge_admission_refusals_total\{why="bad"\} \d+/);
    const lines = served.log
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const denied = lines.find(({ decision: said }) => said === 'deny');
    for (const field of ['time', 'id', 'client', 'status', 'ms', 'model']) assert.ok(denied && field in denied, field);
    assert.equal(denied?.['client'], 'certificate kube-apiserver');
  });

  it('limits each client, and ends what it was asked before it ends', async () => {
    const limited = await Served.start(folder.root, ['--no-authentication', '--plain-http', '--rate', '1']);
    const statuses: number[] = [];
    for (let tries = 0; tries < 6; tries++) {
      const { status, headers } = await limited.ask('/v1/decisions?model=s3://models/good');
      statuses.push(status);
      if (status === 429) assert.match(headers['retry-after'] ?? '', /^\d+$/);
    }
    assert.deepEqual([statuses[0], statuses.at(-1)], [200, 429]);
    // A client that never finishes does not keep it.
    const socket = connect(Number(new URL(limited.url).port), '127.0.0.1');
    await once(socket, 'connect');
    socket.on('error', () => undefined);
    socket.write('POST /v1/decisions HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\n{');
    assert.equal(await limited.stop(), 0);
    socket.destroy();
  });

  it('does not start where everybody could ask, or a token for others would do', async () => {
    writeFileSync(folder.path('keys.json'), '{"keys": 3}');
    const refused: [RegExp, string[]][] = [
      [/--tls-certificate/, []],
      [/say who may ask/, ['--plain-http']],
      [/only for 127\.0\.0\.1|needs --oidc-issuer/, ['--plain-http', '--no-authentication', '--listen', '0.0.0.0:0']],
      [/needs --oidc-audience/, ['--plain-http', '--oidc-issuer', address]],
      [/must be https/, ['--plain-http', '--oidc-issuer', 'http://idp.example', '--oidc-audience', 'a']],
      [/belongs to --oidc-issuer/, ['--plain-http', '--oidc-audience', 'a']],
      [
        /no set of keys/,
        ['--plain-http', '--oidc-issuer', address, '--oidc-audience', 'a', '--oidc-keys', 'keys.json'],
      ],
      [/--map must be/, ['--plain-http', '--no-authentication', '--map', 'a']],
      [/--listen must be/, ['--plain-http', '--no-authentication', '--listen', 'nowhere']],
    ];
    for (const [said, args] of refused) {
      const { code, stderr } = await weighbridge(folder.root, ['serve', ...args]);
      assert.equal(code, 2, stderr);
      assert.match(stderr, said);
      assert.equal(stderr.trimEnd().split('\n').length, 1, stderr);
    }
  });
});
