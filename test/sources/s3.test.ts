import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { weighbridge } from '../cli/weighbridge.ts';
import { expected, fetchedBytes, foundIn, modelFiles, scanned, weightBytes } from './remoteModel.ts';
import { keys, startS3Store, type S3Store } from './s3Store.ts';

describe('a model in an S3-compatible store (s3rver)', { timeout: 300_000 }, () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'weighbridge-s3-'));
  let store: S3Store | undefined;
  let environment: NodeJS.ProcessEnv;
  /** Nothing of the person who tests. */
  const nobody = {
    HOME: folder,
    AWS_PROFILE: '',
    AWS_CONFIG_FILE: '',
    AWS_SHARED_CREDENTIALS_FILE: '',
    AWS_ENDPOINT_URL: '',
  };

  before(async () => {
    store = await startS3Store(folder);
    const { endpoint, put } = store;
    environment = { ...nobody, ...keys, AWS_ENDPOINT_URL_S3: endpoint, AWS_REGION: 'us-east-1' };
    for (const [name, content] of Object.entries(modelFiles)) await put(`team/churn/${name}`, content);
    // Neighbours that nobody named.
    await put('team/churn-2/evil.pkl', modelFiles['config.json'] ?? Buffer.of());
    for (let index = 0; index < 25; index++) await put(`team/many/${index}.txt`, Buffer.from('text'));
  });

  after(() => {
    store?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is judged below the prefix that was named, and its weights are not fetched', async () => {
    const { code, stderr, report } = await scanned(folder, 's3://models/team/churn', environment);
    assert.equal(code, 1, stderr);
    assert.equal(report.sources[0]?.name, 's3://models/team/churn');
    assert.equal(report.sources[0]?.files, Object.keys(modelFiles).length);
    assert.deepEqual(foundIn(report), expected);
    const text = await weighbridge(folder, ['scan', 's3://models/team/churn/'], environment);
    const fetched = fetchedBytes(text.stdout);
    assert.ok(fetched < weightBytes / 4, `${fetched} bytes were fetched`);
  });

  it('is found by the name of one object, and a whole bucket by its name', async () => {
    const one = 's3://models/team/churn/weights/pytorch_model.bin';
    const inspected = await weighbridge(folder, ['inspect', one], environment);
    assert.equal(inspected.code, 0, inspected.stderr);
    assert.match(inspected.stdout, /^s3:\/\/models\/team\/churn\/weights\/pytorch_model\.bin: torch-zip/);
    const { report } = await scanned(folder, 's3://models', environment);
    assert.equal(report.sources[0]?.files, Object.keys(modelFiles).length + 26);
  });

  it('is asked for with the keys of a profile, and refused with wrong ones', async () => {
    const files = {
      AWS_SHARED_CREDENTIALS_FILE: path.join(folder, 'credentials'),
      AWS_CONFIG_FILE: path.join(folder, 'config'),
    };
    writeFileSync(
      files.AWS_SHARED_CREDENTIALS_FILE,
      '[lab]\naws_access_key_id = S3RVER\naws_secret_access_key = S3RVER\n',
    );
    const endpoint = environment['AWS_ENDPOINT_URL_S3'];
    writeFileSync(
      files.AWS_CONFIG_FILE,
      `[profile lab]\nregion = us-east-1\nendpoint_url = ${endpoint}\n[profile sso]\nsso_session = x\n`,
    );
    const profile = { ...nobody, ...files, AWS_PROFILE: 'lab' };
    const good = await scanned(folder, 's3://models/team/churn', profile);
    assert.deepEqual(foundIn(good.report), expected);

    const wrong = { ...environment, AWS_SECRET_ACCESS_KEY: 'notTheSecret' };
    const refused = await weighbridge(folder, ['scan', 's3://models/team/churn'], wrong);
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /refuses access \(403\)/);
    assert.doesNotMatch(refused.stderr + refused.stdout, /notTheSecret|Credential=/);

    const sso = await weighbridge(folder, ['scan', 's3://models/team/churn'], { ...profile, AWS_PROFILE: 'sso' });
    assert.match(
      sso.stderr,
      /the AWS profile sso takes its credentials from sso_session: run eval "\$\(aws configure export/,
    );
  });

  it('says where there is nothing', async () => {
    const nothing = await weighbridge(folder, ['scan', 's3://models/team/chur'], environment);
    assert.equal(nothing.code, 2);
    assert.match(nothing.stderr, /there is nothing at s3:\/\/models\/team\/chur/);
  });
});
