import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { issueChain } from '../../server/signing/certificates.fixture.ts';
import { folderOf, testKeys, writeFiles } from '../../server/signing/signedModel.fixture.ts';
import { weighbridge } from './weighbridge.ts';

const files = { 'model/weights.bin': 'w', 'model/nested/config.json': '{}', 'model/notes/todo.txt': 't' };

/** A folder with a model, a key pair and a certificate chain. */
function workspaceOf(context: TestContext): string {
  const { root, intermediate, leaf } = issueChain(testKeys);
  return folderOf(context, {
    ...files,
    'key.pem': leaf.keyPem,
    'public.pem': testKeys.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    'root.pem': root.pem,
    'intermediate.pem': intermediate.pem,
    'leaf.pem': leaf.pem,
  });
}

interface Verdict {
  schemaVersion: number;
  verified: boolean;
  method: string;
  signer: string | null;
  issuer: string | null;
  coverage: { files: string[]; ignored: string[]; unsigned: string[] };
  differences: { path: string; kind: string }[];
  reason: string | null;
  hashedBy: { full: number; cache: number };
}

const verdictOf = (stdout: string): Verdict => JSON.parse(stdout) as Verdict;

test('sign and verify with a key: exit codes, text, and the documented JSON', async (context) => {
  const cwd = workspaceOf(context);
  const signed = await weighbridge(cwd, ['sign', 'model', '--key', 'key.pem', '--ignore', 'model/notes']);
  assert.equal(signed.code, 0, signed.stderr);
  assert.match(signed.stdout, /^signed 2 files: model\/model\.sig\n/);
  const args = ['verify', 'model', '--key', 'public.pem'];
  const verified = await weighbridge(cwd, args);
  assert.equal(verified.code, 0);
  assert.match(verified.stdout, /^verified: model\n/);
  assert.match(verified.stdout, /Not covered: 1 path/);

  writeFiles(cwd, { 'model/weights.bin': 'changed', 'model/new.py': 'x' });
  rmSync(join(cwd, 'model/nested'), { recursive: true });
  const refused = await weighbridge(cwd, [...args, '--format', 'json']);
  assert.equal(refused.code, 1);
  const verdict = verdictOf(refused.stdout);
  assert.equal(verdict.schemaVersion, 1);
  assert.equal(verdict.verified, false);
  assert.equal(verdict.method, 'key');
  assert.match(verdict.signer ?? '', /^[0-9a-f]{64}$/);
  assert.deepEqual(verdict.coverage.files, ['nested/config.json', 'weights.bin']);
  assert.deepEqual(verdict.coverage.ignored, ['notes']);
  assert.deepEqual(verdict.coverage.unsigned, ['new.py']);
  assert.deepEqual(verdict.differences, [
    { path: 'nested/config.json', kind: 'missing' },
    { path: 'new.py', kind: 'extra' },
    { path: 'weights.bin', kind: 'changed' },
  ]);
  assert.match(verdict.reason ?? '', /1 changed, 1 missing, 1 not signed/);
  const text = await weighbridge(cwd, args);
  assert.match(text.stdout, /changed\s+weights\.bin\n/);
  assert.match(text.stdout, /missing\s+nested\/config\.json\n/);
});

test('certificates: several after one option, as the usage shows them', async (context) => {
  const cwd = workspaceOf(context);
  const sign = ['--certificate', 'leaf.pem', '--key', 'key.pem'];
  for (const args of [
    ['sign', 'model', ...sign, '--chain', 'intermediate.pem', 'root.pem'],
    ['sign', ...sign, '--chain', 'intermediate.pem', 'model'],
    ['sign', ...sign, '--chain', 'intermediate.pem', '--chain=root.pem', 'model'],
  ]) {
    const signed = await weighbridge(cwd, args);
    assert.equal(signed.code, 0, signed.stderr);
    const verified = await weighbridge(cwd, ['verify', 'model', '--certificate-chain', 'root.pem', '--format', 'json']);
    assert.equal(verified.code, 0, verified.stdout);
    assert.equal(verdictOf(verified.stdout).signer, 'CN=signer');
    assert.equal(verdictOf(verified.stdout).issuer, 'CN=authority');
  }
  const other = await weighbridge(cwd, ['verify', 'model', '--certificate-chain', 'root.pem', '--subject', 'CN=else']);
  assert.equal(other.code, 1);
  const asKey = await weighbridge(cwd, ['verify', 'model', '--key', 'public.pem']);
  assert.equal(asKey.code, 1);
  assert.match(asKey.stdout, /signed with a certificate, and a key is what is trusted/);
});

test('ignored paths are those of the working directory, or of the model where only it has them', async (context) => {
  const cwd = workspaceOf(context);
  symlinkSync('nowhere', join(cwd, 'model/dangling'));
  const ignored = async (...paths: string[]): Promise<string[]> => {
    const options = paths.flatMap((path) => ['--ignore', path]);
    const signed = await weighbridge(cwd, ['sign', 'model', '--key', 'key.pem', ...options]);
    assert.equal(signed.code, 0, signed.stderr);
    assert.equal(signed.stderr.includes('there is no'), paths.includes('model/later'), signed.stderr);
    const bundle = JSON.parse(readFileSync(join(cwd, 'model/model.sig'), 'utf8')) as {
      dsseEnvelope: { payload: string };
    };
    const statement = JSON.parse(Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString()) as {
      predicate: { serialization: { ignore_paths: string[] } };
    };
    return statement.predicate.serialization.ignore_paths.filter((path) => !/^\.git|^model\.sig$/.test(path));
  };
  // A link that leads nowhere is there, too.
  assert.deepEqual(await ignored('model/dangling', 'notes'), ['dangling', 'notes']);
  assert.deepEqual(await ignored('dangling', 'model/notes', 'model/later'), ['dangling', 'later', 'notes']);
});

test('the passphrase of a key comes from the environment, and is asked for nowhere else', async (context) => {
  const cwd = workspaceOf(context);
  const { privateKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'open sesame' },
  });
  writeFileSync(join(cwd, 'encrypted.pem'), privateKey);
  const sign = (passphrase?: string) =>
    weighbridge(
      cwd,
      ['sign', 'model', '--key', 'encrypted.pem'],
      passphrase === undefined ? {} : { WEIGHBRIDGE_KEY_PASSPHRASE: passphrase },
    );
  assert.equal((await sign('open sesame')).code, 0);
  for (const [passphrase, message] of [
    ['wrong', /cannot be opened with this passphrase/],
    [undefined, /set WEIGHBRIDGE_KEY_PASSPHRASE/],
  ] as const) {
    const { code, stderr } = await sign(passphrase);
    assert.equal(code, 2);
    assert.match(stderr, message);
  }
});

test('wrong usage is told in one line, with exit code 2', async (context) => {
  const cwd = workspaceOf(context);
  const ada = ['--identity', 'ada@example.com', '--identity-provider', 'https://accounts.example.com'];
  writeFiles(cwd, { 'trap/weights.bin': 'w', 'trap/key.pem': readFileSync(join(cwd, 'key.pem'), 'utf8') });
  for (const [args, message] of [
    [['sign', 'model'], /say who signs/],
    [['sign', '--key', 'key.pem'], /name one model/],
    [['sign', 'absent', '--key', 'key.pem'], /does not exist/],
    [['sign', 'model', '--key', 'absent.pem'], /There is no file/],
    [['sign', 'model', '--key', 'public.pem'], /holds no private key/],
    [['sign', 'model', '--key', 'model/weights.bin'], /holds no private key/],
    [['sign', 'model', '--key', 'key.pem', '--sigstore'], /say who signs/],
    [['sign', 'model', '--key', 'key.pem', '--chain', 'root.pem'], /--chain belongs to --certificate/],
    [['sign', 'model', '--key', 'key.pem', '--ignore', '/etc'], /not lie inside the model/],
    [['sign', 'model', '--key', 'key.pem', '--signature', 'leaf.pem'], /is no signature/],
    [['sign', 'model', '--key', 'model'], /is a folder/],
    [['sign', 'model', '--key', '/dev/zero'], /too large/],
    [['sign', 'trap', '--key', 'trap/key.pem'], /key\.pem lies in the model's own folder/],
    [['sign', 'trap', '--key', 'trap/key.pem', '--ignore', 'trap/key.pem'], /would travel with the model/],
    [['sign', 'model', '--sigstore'], /no identity token/],
    [['sign', 'model', '--identity-token', 'secret-token'], /identity token/],
    [['verify', 'model'], /say whom you trust/],
    [['verify', 'model', '--key', 'public.pem', '--signature', 'absent.sig'], /There is no signature/],
    [['verify', 'model', '--identity', 'a@example.com'], /belong together/],
    [['sign', 'model', '--key', 'key.pem', '--staging'], /--staging belongs to --sigstore/],
    [['sign', 'model', '--key', 'key.pem', '--trust-config', 'x'], /--trust-config belongs to --sigstore/],
    [['verify', 'model', '--key', 'public.pem', '--subject', 'CN=signer'], /--subject belongs to --certificate-chain/],
    [['verify', 'model', '--subject', 'CN=signer'], /--subject belongs to --certificate-chain/],
    [['verify', 'model', '--key', 'public.pem', '--certificate-time', 'now'], /--certificate-time belongs to/],
    [['verify', 'model', '--key', 'public.pem', '--trusted-root', 'x'], /--trusted-root belongs to --identity/],
    [['verify', 'model', ...ada, '--trusted-root', 'x', '--trust-config', 'y'], /contradict one another/],
    [['verify', 'model', '--certificate-chain', 'key.pem'], /There is no certificate in PEM in key\.pem/],
    [['verify', 'model', '--key', 'model/weights.bin'], /model\/weights\.bin holds no public key/],
    [['sign', 'model', '--key', 'key.pem', '--certificate', 'key.pem'], /There is no certificate in PEM in .*key\.pem/],
    [['sign', 'model', '--key', 'key.pem', '--ignore', 'model'], /is the model itself/],
    [['sign', 'model', '--key', 'key.pem', '--ignore', '../nowhere'], /not lie inside the model/],
    [['verify', 'model', '--key', 'public.pem', '--output', 'model/model.sig'], /reads or writes that file itself/],
    [['verify', 'model', '--key', 'public.pem', '--output', 'model/weights.bin'], /inside the model/],
    [['digest', 'model', 'model'], /name one model/],
    [['oms-adapter', 'sing-model', '--model-path', 'model'], /sign-model and verify-model/],
  ] as const) {
    const { code, stdout, stderr } = await weighbridge(cwd, [...args], { GITHUB_ACTIONS: '', SIGSTORE_ID_TOKEN: '' });
    assert.equal(code, 2, args.join(' '));
    assert.equal(stdout, '', args.join(' '));
    assert.match(stderr, message, args.join(' '));
    assert.doesNotMatch(stderr, /secret-token|\n.*\n/);
  }
});

test('a model that is not signed is not verified', async (context) => {
  const cwd = workspaceOf(context);
  const { code, stdout } = await weighbridge(cwd, ['verify', 'model', '--key', 'public.pem', '--format', 'json']);
  assert.equal(code, 1);
  assert.match(verdictOf(stdout).reason ?? '', /There is no signature/);
});

test('without an option, weighbridge.yaml says who may have signed', async (context) => {
  const cwd = workspaceOf(context);
  await weighbridge(cwd, ['sign', 'model', '--key', 'key.pem']);
  const verify = () => weighbridge(cwd, ['verify', 'model', '--format', 'json']);
  writeFiles(cwd, {
    'weighbridge.yaml': 'version: 1\nsigning:\n  trust:\n    - models: [model/]\n      keys: [public.pem]\n',
  });
  const verified = await verify();
  assert.equal(verified.code, 0, verified.stderr);
  assert.equal(verdictOf(verified.stdout).method, 'key');
  writeFiles(cwd, {
    'weighbridge.yaml': 'version: 1\nsigning:\n  trust:\n    - models: [other/]\n      keys: [public.pem]\n',
  });
  const unknown = await verify();
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /say whom you trust/);
  writeFiles(cwd, {
    'weighbridge.yaml': 'version: 1\nsigning:\n  trust:\n    - keys: [absent.pem, /dev/zero]\n',
  });
  const unreadable = await verify();
  assert.equal(unreadable.code, 2);
  assert.match(
    unreadable.stderr,
    /^weighbridge: nobody whom weighbridge\.yaml trusts .*absent\.pem, .*is not there; \/dev\/zero is no file\n$/,
  );
});

test('digests come from the cache, but not in CI and not with --no-cache', async (context) => {
  const cwd = workspaceOf(context);
  await weighbridge(cwd, ['sign', 'model', '--key', 'key.pem']);
  const hashed = async (args: string[], environment = {}) => {
    const { stdout } = await weighbridge(
      cwd,
      ['verify', 'model', '--key', 'public.pem', '--format', 'json', ...args],
      environment,
    );
    return verdictOf(stdout).hashedBy;
  };
  // By now the files are older than a clock tick: starting the command takes longer.
  await hashed([]);
  assert.deepEqual(await hashed([]), { full: 0, cache: 3 });
  assert.deepEqual(await hashed(['--no-cache']), { full: 3, cache: 0 });
  assert.deepEqual(await hashed([], { CI: 'true' }), { full: 3, cache: 0 });
});

test('digest prints what the signature holds, and both orders where they differ', async (context) => {
  const cwd = workspaceOf(context);
  const signed = await weighbridge(cwd, ['sign', 'model', '--key', 'key.pem', '--format', 'json']);
  const { digest } = JSON.parse(signed.stdout) as { digest: string };
  assert.equal((await weighbridge(cwd, ['digest', 'model'])).stdout, `${digest}\n`);
  writeFiles(cwd, { 'model/nested-too': 'x' });
  const lines = (await weighbridge(cwd, ['digest', 'model'])).stdout.trimEnd().split('\n');
  assert.equal(lines.length, 2);
  const python = await weighbridge(cwd, ['digest', 'model', '--compat', 'python']);
  assert.equal(python.stdout, `${lines[1]?.split(' ')[0]}\n`);
});

test('provenance changes neither the digest of the model nor its verdict, and says when there is nothing to tell', async (context) => {
  const cwd = workspaceOf(context);
  rmSync(join(cwd, 'model/nested'), { recursive: true });
  const before = (await weighbridge(cwd, ['digest', 'model'])).stdout;
  const signed = await weighbridge(cwd, ['sign', 'model', '--key', 'key.pem', '--provenance']);
  assert.equal(signed.code, 0, signed.stderr);
  assert.match(signed.stdout, /provenance model\/model\.intoto\.sigstore\.json: no file tells of base models/);
  assert.equal((await weighbridge(cwd, ['digest', 'model'])).stdout, before);
  const verified = await weighbridge(cwd, ['verify', 'model', '--key', 'public.pem']);
  assert.equal(verified.code, 0);
  assert.match(verified.stdout, /provenance by [0-9a-f]{64}, made by urn:weighbridge:builder:local/);
});

test('what is not covered is told in full as JSON, and in a line that ends as text', async (context) => {
  const cwd = workspaceOf(context);
  await weighbridge(cwd, ['sign', 'model', '--key', 'key.pem']);
  writeFiles(cwd, Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`model/late-${index}`, 'l'])));
  const verify = ['verify', 'model', '--key', 'public.pem', '--ignore-unsigned-files'];
  const { stdout } = await weighbridge(cwd, verify);
  assert.match(stdout, /not signed late-0, .* and 10 more paths \(all of them: --format json\)\n/);
  assert.match(stdout, /Not covered: 60 paths/);
  const json = await weighbridge(cwd, [...verify, '--format', 'json']);
  assert.equal(verdictOf(json.stdout).coverage.unsigned.length, 60);
  const differing = await weighbridge(cwd, verify.slice(0, -1));
  assert.equal(differing.stdout.match(/^ {4}not signed {2}late-\d+$/gm)?.length, 60, 'every difference is listed');
});

test('the adapter of the conformance suite signs and verifies by its own words', async (context) => {
  const cwd = workspaceOf(context);
  const bundle = join(cwd, 'out.sig');
  const adapter = async (...args: string[]) => (await weighbridge(cwd, ['oms-adapter', ...args])).code;
  const key = ['--method', 'key', '--model-path', 'model'];
  const ignore = ['--ignore-paths', join(cwd, 'model/notes'), '--ignore-paths', bundle];
  assert.equal(
    await adapter('sign-model', ...key, '--private-key', 'key.pem', '--output-bundle', bundle, ...ignore),
    0,
  );
  const verify = ['verify-model', ...key, '--bundle', bundle, '--public-key', 'public.pem'];
  assert.equal(await adapter(...verify), 0, 'what the signature ignores needs no option');
  writeFiles(cwd, { 'model/extra': 'x' });
  assert.equal(await adapter(...verify), 1);
  assert.equal(await adapter(...verify, '--ignore-unsigned-files'), 0);
  assert.equal(await adapter(...verify, '--ignore-paths', join(cwd, 'model/extra')), 0);
  const certificate = ['--method', 'certificate', '--model-path', 'model'];
  const chain = ['--signing-cert', 'leaf.pem', '--cert-chain', 'intermediate.pem'];
  assert.equal(
    await adapter('sign-model', ...certificate, '--private-key', 'key.pem', ...chain, '--output-bundle', bundle),
    0,
  );
  assert.equal(await adapter('verify-model', ...certificate, '--bundle', bundle, '--cert-chain', 'root.pem'), 0);
  assert.match(readFileSync(bundle, 'utf8'), /x509CertificateChain/);
});
