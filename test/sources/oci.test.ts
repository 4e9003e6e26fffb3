import assert from 'node:assert/strict';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { buildTar } from '../../server/formats/tar/tarBuilder.fixture.ts';
import { weighbridge } from '../cli/weighbridge.ts';
import { answers, freePort } from './localService.ts';
import { expected, fetchedBytes, foundIn, modelFiles, oddName, scanned, weightBytes } from './remoteModel.ts';

const title = 'org.opencontainers.image.title';
const user = 'reader';
const password = 'secretOfTheRegistry';

/** Docker's registry, as Debian packs it, with a password. */
describe('an artifact in an OCI registry', { timeout: 300_000 }, () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'weighbridge-oci-'));
  let registry: ChildProcess;
  let host: string;
  const basic = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const environment = (): NodeJS.ProcessEnv => ({
    HOME: folder,
    DOCKER_CONFIG: '',
    REGISTRY_AUTH_FILE: '',
    XDG_RUNTIME_DIR: '',
  });
  const ask = (address: string, init: RequestInit = {}) =>
    fetch(`http://${host}/v2/${address}`, { ...init, headers: { authorization: basic, ...(init.headers as object) } });

  before(async () => {
    host = `127.0.0.1:${await freePort()}`;
    writeFileSync(path.join(folder, 'htpasswd'), execFileSync('htpasswd', ['-Bbn', user, password]));
    writeFileSync(
      path.join(folder, 'config.yml'),
      JSON.stringify({
        version: 0.1,
        log: { level: 'error' },
        storage: { filesystem: { rootdirectory: path.join(folder, 'store') } },
        http: { addr: host },
        auth: { htpasswd: { realm: 'models', path: path.join(folder, 'htpasswd') } },
      }),
    );
    registry = spawn('docker-registry', ['serve', path.join(folder, 'config.yml')], { stdio: 'ignore' });
    await answers(`http://${host}/v2/`, (status) => status === 200, { authorization: basic });
    mkdirSync(path.join(folder, '.docker'));
    const auths = { [host]: { auth: Buffer.from(`${user}:${password}`).toString('base64') } };
    writeFileSync(path.join(folder, '.docker', 'config.json'), JSON.stringify({ auths }));
  });

  after(() => {
    registry.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  async function pushBlob(repository: string, content: Uint8Array): Promise<{ digest: string; size: number }> {
    const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`;
    const begun = await ask(`${repository}/blobs/uploads/`, { method: 'POST' });
    const place = new URL(begun.headers.get('location') ?? '', `http://${host}`);
    place.searchParams.set('digest', digest);
    const headers = { authorization: basic, 'content-type': 'application/octet-stream' };
    const done = await fetch(place, { method: 'PUT', headers, body: Buffer.from(content) });
    assert.equal(done.status, 201, await done.text());
    return { digest, size: content.length };
  }

  async function pushManifest(repository: string, tag: string, manifest: { mediaType: string }): Promise<string> {
    const body = JSON.stringify({ schemaVersion: 2, ...manifest });
    const headers = { 'content-type': manifest.mediaType };
    const done = await ask(`${repository}/manifests/${tag}`, { method: 'PUT', headers, body });
    assert.equal(done.status, 201, await done.text());
    return `sha256:${createHash('sha256').update(body).digest('hex')}`;
  }

  const mediaType = 'application/vnd.oci.image.manifest.v1+json';

  it('as ORAS pushes it: each layer is a file, judged by headers and pickles', async () => {
    const config = {
      mediaType: 'application/vnd.oci.empty.v1+json',
      ...(await pushBlob('team/churn', Buffer.from('{}'))),
    };
    const layers = [];
    for (const [name, content] of Object.entries(modelFiles))
      layers.push({
        mediaType: 'application/octet-stream',
        ...(await pushBlob('team/churn', content)),
        annotations: { [title]: name },
      });
    const digest = await pushManifest('team/churn', 'v1', { mediaType, config, layers } as { mediaType: string });

    const { code, stdout, stderr, report } = await scanned(folder, `oci://${host}/team/churn:v1`, environment());
    assert.equal(code, 1, stderr);
    assert.equal(report.sources[0]?.name, `oci://${host}/team/churn@${digest}`);
    assert.deepEqual(foundIn(report), expected);
    assert.doesNotMatch(stdout + stderr, new RegExp(password));
    const text = await weighbridge(folder, ['scan', `oci://${host}/team/churn@${digest}`], environment());
    const fetched = fetchedBytes(text.stdout);
    assert.ok(fetched < weightBytes / 4, `${fetched} bytes were fetched`);
    const one = await weighbridge(folder, ['inspect', `oci://${host}/team/churn:v1/${oddName}`], environment());
    assert.match(one.stdout, /: pickle, 23 bytes/);
  });

  it('as KitOps packs it: archives are looked into, and the Kitfile is there', async () => {
    const kit = 'application/vnd.kitops.modelkit';
    const tar = buildTar(Object.entries(modelFiles).map(([name, data]) => ({ name, data })));
    const code = gzipSync(buildTar([{ name: 'load.pkl', data: modelFiles[oddName] ?? Buffer.of() }]));
    const kitfile = Buffer.from('{"manifestVersion":"1.0.0","model":{"path":"./model"}}');
    const manifest = {
      mediaType,
      config: { mediaType: `${kit}.config.v1+json`, ...(await pushBlob('team/kit', kitfile)) },
      layers: [
        { mediaType: `${kit}.model.v1.tar`, ...(await pushBlob('team/kit', tar)) },
        { mediaType: `${kit}.code.v1.tar+gzip`, ...(await pushBlob('team/kit', code)) },
      ],
    };
    await pushManifest('team/kit', 'latest', manifest);
    const { report } = await scanned(folder, `oci://${host}/team/kit`, environment());
    const found = report.findings
      .filter(({ ruleId }) => ruleId === 'pickle/dangerous-import')
      .map(({ path: file }) => path.posix.basename(file));
    assert.deepEqual([...new Set(found)].sort(), ['00-model.tar', '01-code.tar.gz']);
    assert.ok(report.sources[0]?.files === 3);
  });

  it('refuses names that lead out, layers without a digest, and who is not let in', async () => {
    const blob = await pushBlob('team/hostile', modelFiles[oddName] ?? Buffer.of());
    const layers = ['../../out.pkl', '/etc/out.pkl', 'fine.pkl'].map((name) => ({
      mediaType: 'application/octet-stream',
      ...blob,
      annotations: { [title]: name },
    }));
    const config = {
      mediaType: 'application/vnd.oci.empty.v1+json',
      ...(await pushBlob('team/hostile', Buffer.from('{}'))),
    };
    await pushManifest('team/hostile', 'v1', { mediaType, config, layers } as { mediaType: string });
    const { report } = await scanned(folder, `oci://${host}/team/hostile:v1`, environment());
    assert.deepEqual(foundIn(report), ['pickle/dangerous-import fine.pkl']);
    assert.deepEqual(
      report.errors.map(({ message }) => message),
      ['its name leads out of the source', 'its name leads out of the source'],
    );
    const nobody = await weighbridge(folder, ['scan', `oci://${host}/team/churn:v1`], {
      ...environment(),
      HOME: '/nonexistent',
    });
    assert.equal(nobody.code, 2);
    assert.match(nobody.stderr, /asks for credentials \(401\)/);
    const missing = await weighbridge(folder, ['scan', `oci://${host}/team/churn:v9`], environment());
    assert.match(missing.stderr, /does not have it \(404\)/);
  });
});
