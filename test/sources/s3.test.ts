import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { standIn } from '../../server/sources/standIn.fixture.ts';
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
    writeFileSync(files.AWS_CONFIG_FILE, `[profile lab]\nregion = us-east-1\nendpoint_url = ${endpoint}\n`);
    const profile = { ...nobody, ...files, AWS_PROFILE: 'lab' };
    const good = await scanned(folder, 's3://models/team/churn', profile);
    assert.deepEqual(foundIn(good.report), expected);

    const wrong = { ...environment, AWS_SECRET_ACCESS_KEY: 'notTheSecret' };
    const refused = await weighbridge(folder, ['scan', 's3://models/team/churn'], wrong);
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /refuses access \(403\)/);
    assert.doesNotMatch(refused.stderr + refused.stdout, /notTheSecret|Credential=/);
  });

  it('takes keys from a single sign-on, a role, a program and the endpoint of a container, as AWS does', async (context) => {
    const given = { AccessKeyId: 'S3RVER', SecretAccessKey: 'S3RVER', Token: 'theSession' };
    const Expiration = new Date(Date.now() + 3_600_000).toISOString();
    const { origin, asked } = await standIn(context, (request, response) => {
      const { pathname } = new URL(request.url ?? '', 'http://aws');
      if (pathname === '/federation/credentials') {
        if (request.headers['x-amz-sso_bearer_token'] !== 'theToken') return response.writeHead(401).end();
        const roleCredentials = {
          ...{ accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER', sessionToken: 'theSession' },
          expiration: Date.now() + 3_600_000,
        };
        return response.end(JSON.stringify({ roleCredentials }));
      }
      if (pathname === '/container') {
        if (request.headers.authorization !== 'thePod') return response.writeHead(401).end();
        return response.end(JSON.stringify({ ...given, Expiration }));
      }
      // The security token service.
      response.writeHead(200, { 'content-type': 'text/xml' });
      const { AccessKeyId, SecretAccessKey, Token } = given;
      return response.end(
        `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult>
         <Credentials><AccessKeyId>${AccessKeyId}</AccessKeyId><SecretAccessKey>${SecretAccessKey}</SecretAccessKey><SessionToken>${Token}</SessionToken>
         <Expiration>${Expiration}</Expiration></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`,
      );
    });
    const home = path.join(folder, 'home');
    const cache = path.join(home, '.aws', 'sso', 'cache');
    mkdirSync(cache, { recursive: true });
    const start = 'https://lab.awsapps.example/start';
    const session = { accessToken: 'theToken', expiresAt: Expiration, region: 'us-east-1', startUrl: start };
    writeFileSync(path.join(cache, `${createHash('sha1').update('lab').digest('hex')}.json`), JSON.stringify(session));
    writeFileSync(path.join(home, 'keys.json'), JSON.stringify({ Version: 1, ...given, SessionToken: given.Token }));
    writeFileSync(path.join(home, 'token'), 'eyJ.theToken.x');
    writeFileSync(
      path.join(home, '.aws', 'config'),
      `[sso-session lab]\nsso_region = us-east-1\nsso_start_url = ${start}\n[profile sso]\nsso_session = lab\nsso_account_id = 1\nsso_role_name = reader\n` +
        `[profile program]\ncredential_process = cat "${path.join(home, 'keys.json')}"\n` +
        `[profile failing]\ncredential_process = sh -c "echo geheim >&2; exit 3"\n` +
        `[profile role]\nrole_arn = arn:aws:iam::123456789012:role/x\nweb_identity_token_file = ${path.join(home, 'token')}\n`,
    );
    const aws = {
      ...{ ...nobody, HOME: home, AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL_S3: environment['AWS_ENDPOINT_URL_S3'] },
      ...{ AWS_ENDPOINT_URL_STS: origin, AWS_ENDPOINT_URL_SSO: origin },
    };
    const ways: Record<string, NodeJS.ProcessEnv> = {
      'single sign-on': { AWS_PROFILE: 'sso' },
      program: { AWS_PROFILE: 'program' },
      role: { AWS_PROFILE: 'role' },
      'role of a pod': {
        AWS_WEB_IDENTITY_TOKEN_FILE: path.join(home, 'token'),
        AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/x',
      },
      container: {
        AWS_CONTAINER_CREDENTIALS_FULL_URI: `${origin}/container`,
        AWS_CONTAINER_AUTHORIZATION_TOKEN: 'thePod',
      },
    };
    const one = 's3://models/team/churn/config.json';
    const outcomes = await Promise.all(
      Object.entries(ways).map(async ([way, more]) => {
        const before = await weighbridge(folder, ['scan', one, '--fail-on', 'never'], { ...aws, ...more });
        return { way, ...before };
      }),
    );
    for (const { way, code, stdout, stderr } of outcomes) {
      assert.equal(code, 0, `${way}: ${stderr}`);
      assert.doesNotMatch(stdout + stderr, /theToken|theSession|thePod/);
    }
    assert.deepEqual(asked.length, 4);
    const failing = await weighbridge(folder, ['scan', one], { ...aws, AWS_PROFILE: 'failing' });
    assert.equal(failing.code, 2);
    assert.match(failing.stderr, /the AWS profile failing \(credential_process\) gives no credentials \(/);
    assert.doesNotMatch(failing.stderr + failing.stdout, /geheim/);
    const empty = await weighbridge(folder, ['scan', one], { ...aws, AWS_PROFILE: 'none' });
    assert.match(empty.stderr, /the AWS profile none holds no credentials/);
  });

  it('says where there is nothing', async () => {
    const nothing = await weighbridge(folder, ['scan', 's3://models/team/chur'], environment);
    assert.equal(nothing.code, 2);
    assert.match(nothing.stderr, /there is nothing at s3:\/\/models\/team\/chur/);
  });
});
