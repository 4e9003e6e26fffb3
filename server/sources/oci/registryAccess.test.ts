import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { Traffic } from '../http/exchange.ts';
import { standIn } from '../standIn.fixture.ts';
import { registryAccess } from './registryAccess.ts';
import { registryCredentials } from './registryCredentials.ts';

function homeWith(context: TestContext, config: object): NodeJS.ProcessEnv {
  const home = mkdtempSync(join(tmpdir(), 'weighbridge-docker-'));
  context.after(() => rmSync(home, { recursive: true, force: true }));
  mkdirSync(join(home, '.docker'));
  writeFileSync(join(home, '.docker', 'config.json'), JSON.stringify(config));
  return { HOME: home, PATH: `${home}:${process.env['PATH']}` };
}

const pair = (text: string) => Buffer.from(text).toString('base64');

test('a registry with tokens: credentials go to its token server, and the token to the registry', async (context) => {
  const tokens = await standIn(context, (_request, response) => response.end('{"token":"abc","expires_in":300}'));
  const realm = `Bearer realm="${tokens.origin}/token",service="registry"`;
  const registry = await standIn(context, (_request, response) =>
    response.writeHead(401, { 'www-authenticate': realm }).end(),
  );
  const host = registry.origin.replace('http://', '');
  const environment = homeWith(context, { auths: { [host]: { auth: pair('reader:pass:word') } } });
  const setting = { traffic: new Traffic(), signal: new AbortController().signal, environment };
  const { base, authorize } = await registryAccess(host, 'team/model', setting);
  assert.equal(base, `${registry.origin}/v2/team/model`);
  for (let time = 0; time < 2; time++) {
    const headers = await authorize({ method: 'GET', url: new URL(base), headers: { accept: 'x' } });
    assert.deepEqual(headers, { accept: 'x', authorization: 'Bearer abc' });
  }
  const [asked, ...more] = tokens.asked;
  assert.equal(asked?.path, '/token?service=registry&scope=repository%3Ateam%2Fmodel%3Apull');
  assert.equal(asked.authorization, `Basic ${pair('reader:pass:word')}`);
  assert.deepEqual(more, []);
  assert.equal(registry.asked[0]?.authorization, undefined);
});

test('credentials are not sent unencrypted to wherever a registry points', async (context) => {
  const challenge = { 'www-authenticate': 'Bearer realm="http://elsewhere.example/token"' };
  const registry = await standIn(context, (_request, response) => response.writeHead(401, challenge).end());
  const setting = { traffic: new Traffic(), signal: new AbortController().signal, environment: homeWith(context, {}) };
  const going = registryAccess(registry.origin.replace('http://', ''), 'team/model', setting);
  await assert.rejects(going, /asks to send credentials to http:\/\/elsewhere\.example\/token without encryption/);
});

test('what was left for Docker Hub goes to Docker Hub alone', async (context) => {
  const environment = homeWith(context, { auths: { 'https://index.docker.io/v1/': { auth: pair('reader:pass') } } });
  for (const host of ['docker.io', 'index.docker.io', 'registry-1.docker.io'])
    assert.deepEqual(await registryCredentials(host, environment), { user: 'reader', password: 'pass' }, host);
  for (const host of ['notdocker.io', 'my-docker.io', 'docker.io.example'])
    assert.equal(await registryCredentials(host, environment), null, host);
});

test('a credential helper is asked where the login left it to one', async (context) => {
  const environment = homeWith(context, {
    auths: { 'r.example': {} },
    credsStore: 'test',
    credHelpers: { other: '../evil' },
  });
  const helper = join(environment['HOME'] ?? '', 'docker-credential-test');
  writeFileSync(helper, '#!/bin/sh\nread server\necho "{\\"Username\\":\\"$server\\",\\"Secret\\":\\"s\\"}"\n');
  chmodSync(helper, 0o755);
  assert.deepEqual(await registryCredentials('r.example', environment), { user: 'r.example', password: 's' });
  assert.equal(await registryCredentials('other', environment), null);
  assert.equal(await registryCredentials('unknown.example', environment), null);
});
