import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { buildTar } from '../../server/formats/tar/tarBuilder.fixture.ts';
import { weighbridge } from '../cli/weighbridge.ts';
import { password, startRegistry, title, type OciRegistry } from './ociRegistry.ts';
import { expected, fetchedBytes, foundIn, modelFiles, oddName, scanned, weightBytes } from './remoteModel.ts';

/** Docker's registry, as Debian packs it, with a password. */
describe('an artifact in an OCI registry', { timeout: 300_000 }, () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'weighbridge-oci-'));
  let registry: OciRegistry;
  const environment = (): NodeJS.ProcessEnv => registry.environment;

  before(async () => {
    registry = await startRegistry(folder);
  });

  after(() => {
    registry.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const mediaType = 'application/vnd.oci.image.manifest.v1+json';

  it('as ORAS pushes it: each layer is a file, judged by headers and pickles', async () => {
    const config = {
      mediaType: 'application/vnd.oci.empty.v1+json',
      ...(await registry.pushBlob('team/churn', Buffer.from('{}'))),
    };
    const layers = [];
    for (const [name, content] of Object.entries(modelFiles))
      layers.push({
        mediaType: 'application/octet-stream',
        ...(await registry.pushBlob('team/churn', content)),
        annotations: { [title]: name },
      });
    const digest = await registry.pushManifest('team/churn', 'v1', { mediaType, config, layers } as {
      mediaType: string;
    });

    const { code, stdout, stderr, report } = await scanned(
      folder,
      `oci://${registry.host}/team/churn:v1`,
      environment(),
    );
    assert.equal(code, 1, stderr);
    assert.equal(report.sources[0]?.name, `oci://${registry.host}/team/churn@${digest}`);
    assert.deepEqual(foundIn(report), expected);
    assert.doesNotMatch(stdout + stderr, new RegExp(password));
    const text = await weighbridge(folder, ['scan', `oci://${registry.host}/team/churn@${digest}`], environment());
    const fetched = fetchedBytes(text.stdout);
    assert.ok(fetched < weightBytes / 4, `${fetched} bytes were fetched`);
    const one = await weighbridge(
      folder,
      ['inspect', `oci://${registry.host}/team/churn:v1/${oddName}`],
      environment(),
    );
    assert.match(one.stdout, /: pickle, 23 bytes/);
  });

  it('as KitOps packs it: archives are looked into, and the Kitfile is there', async () => {
    const kit = 'application/vnd.kitops.modelkit';
    const tar = buildTar(Object.entries(modelFiles).map(([name, data]) => ({ name, data })));
    const code = gzipSync(buildTar([{ name: 'load.pkl', data: modelFiles[oddName] ?? Buffer.of() }]));
    const kitfile = Buffer.from('{"manifestVersion":"1.0.0","model":{"path":"./model"}}');
    const manifest = {
      mediaType,
      config: { mediaType: `${kit}.config.v1+json`, ...(await registry.pushBlob('team/kit', kitfile)) },
      layers: [
        { mediaType: `${kit}.model.v1.tar`, ...(await registry.pushBlob('team/kit', tar)) },
        { mediaType: `${kit}.code.v1.tar+gzip`, ...(await registry.pushBlob('team/kit', code)) },
      ],
    };
    await registry.pushManifest('team/kit', 'latest', manifest);
    const { report } = await scanned(folder, `oci://${registry.host}/team/kit`, environment());
    const found = report.findings
      .filter(({ ruleId }) => ruleId === 'pickle/dangerous-import')
      .map(({ path: file }) => path.posix.basename(file));
    assert.deepEqual([...new Set(found)].sort(), ['00-model.tar', '01-code.tar.gz']);
    assert.ok(report.sources[0]?.files === 3);
  });

  it('refuses names that lead out, layers without a digest, and who is not let in', async () => {
    const blob = await registry.pushBlob('team/hostile', modelFiles[oddName] ?? Buffer.of());
    const layers = ['../../out.pkl', '/etc/out.pkl', 'fine.pkl'].map((name) => ({
      mediaType: 'application/octet-stream',
      ...blob,
      annotations: { [title]: name },
    }));
    const config = {
      mediaType: 'application/vnd.oci.empty.v1+json',
      ...(await registry.pushBlob('team/hostile', Buffer.from('{}'))),
    };
    await registry.pushManifest('team/hostile', 'v1', { mediaType, config, layers } as { mediaType: string });
    const { report } = await scanned(folder, `oci://${registry.host}/team/hostile:v1`, environment());
    assert.deepEqual(foundIn(report), ['pickle/dangerous-import fine.pkl']);
    assert.deepEqual(
      report.errors.map(({ message }) => message),
      ['its name leads out of the source', 'its name leads out of the source'],
    );
    const nobody = await weighbridge(folder, ['scan', `oci://${registry.host}/team/churn:v1`], {
      ...environment(),
      HOME: '/nonexistent',
    });
    assert.equal(nobody.code, 2);
    assert.match(nobody.stderr, /asks for credentials \(401\)/);
    const missing = await weighbridge(folder, ['scan', `oci://${registry.host}/team/churn:v9`], environment());
    assert.match(missing.stderr, /does not have it \(404\)/);
  });
});
