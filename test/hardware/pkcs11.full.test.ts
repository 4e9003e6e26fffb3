// A key in a PKCS #11 device: SoftHSM, by the optional package pkcs11js, which is compiled for this test.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { issueChain, newKeys } from '../../server/signing/certificates.fixture.ts';
import { folderOf } from '../../server/signing/signedModel.fixture.ts';
import { weighbridge } from '../cli/weighbridge.ts';

const run = promisify(execFile);
const tools = fileURLToPath(new URL('../../.tools/pkcs11', import.meta.url));
const version = '2.1.7';
const library = ['/usr/lib/softhsm/libsofthsm2.so', '/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so'].find(
  existsSync,
);

/** @returns the folder of packages that holds pkcs11js. */
async function installPkcs11js(): Promise<string> {
  const packages = path.join(tools, 'node_modules');
  if (existsSync(path.join(packages, 'pkcs11js', 'build', 'Release', 'pkcs11.node'))) return packages;
  mkdirSync(tools, { recursive: true });
  writeFileSync(path.join(tools, 'package.json'), '{ "private": true }\n');
  await run('npm', ['install', `pkcs11js@${version}`, '--no-audit', '--no-fund'], { cwd: tools });
  return packages;
}

test('keys and certificates in a device sign what others verify', async (context) => {
  assert.ok(library, 'SoftHSM is installed');
  const cwd = folderOf(context, { 'model/weights.bin': 'w', 'softhsm2.conf': '' });
  const tokens = path.join(cwd, 'tokens');
  mkdirSync(tokens);
  writeFileSync(path.join(cwd, 'softhsm2.conf'), `directories.tokendir = ${tokens}\n`);
  const environment = {
    SOFTHSM2_CONF: path.join(cwd, 'softhsm2.conf'),
    NODE_PATH: await installPkcs11js(),
    WEIGHBRIDGE_PKCS11_PIN: '1234',
  };
  const hsm = (...args: string[]) => run('softhsm2-util', args, { env: { ...process.env, ...environment } });
  await hsm('--init-token', '--free', '--label', 'models', '--pin', '1234', '--so-pin', '5678');
  const uri = (label: string): string => `pkcs11:token=models;object=${label}?module-path=${library}`;
  for (const [index, curve] of ['P-256', 'P-384', 'P-521'].entries()) {
    const { root, intermediate, leaf } = issueChain(newKeys(curve));
    const file = (name: string, text: string): string => {
      writeFileSync(path.join(cwd, name), text);
      return name;
    };
    const publicKey = file('public.pem', leaf.publicKey.export({ type: 'spki', format: 'pem' }).toString());
    const key = path.join(cwd, file('key.pem', leaf.keyPem));
    await hsm('--import', key, '--token', 'models', '--label', curve, '--id', `0${index + 1}`, '--pin', '1234');

    const signed = await weighbridge(cwd, ['sign', 'model', '--pkcs11', uri(curve)], environment);
    assert.equal(signed.code, 0, signed.stderr);
    assert.equal((await weighbridge(cwd, ['verify', 'model', '--key', publicKey])).code, 0);

    const certificate = ['--certificate', file('leaf.pem', leaf.pem), '--chain', file('between.pem', intermediate.pem)];
    const certified = await weighbridge(cwd, ['sign', 'model', '--pkcs11', uri(curve), ...certificate], environment);
    assert.equal(certified.code, 0, certified.stderr);
    const trust = ['--certificate-chain', file('root.pem', root.pem)];
    assert.equal((await weighbridge(cwd, ['verify', 'model', ...trust])).code, 0);
  }
  const wrongPin = await weighbridge(cwd, ['sign', 'model', '--pkcs11', uri('P-256')], {
    ...environment,
    WEIGHBRIDGE_PKCS11_PIN: '0',
  });
  assert.equal(wrongPin.code, 2);
  assert.match(wrongPin.stderr, /is the PIN right/);
  const missing = await weighbridge(cwd, ['sign', 'model', '--pkcs11', uri('P-256')], {
    ...environment,
    NODE_PATH: '',
  });
  assert.equal(missing.code, 2);
  assert.match(missing.stderr, /npm install pkcs11js/);
});
