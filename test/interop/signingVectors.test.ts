// The official signatures of all versions, and the cases of the conformance suite, where they are at hand.
import assert from 'node:assert/strict';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import { after, before, describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runCommandLine } from '../../server/cli/commandLine.ts';
import { parseBundle } from '../../server/signing/bundle.ts';
import { newKeys } from '../../server/signing/certificates.fixture.ts';
import type { Trust, VerificationFailure } from '../../server/signing/contract.ts';
import { inTotoPayloadType } from '../../server/signing/envelope.ts';
import { parseStatement } from '../../server/signing/parseStatement.ts';
import type { SignedManifest } from '../../server/signing/statement.ts';
import { verifyModel } from '../../server/signing/verifyModel.ts';
import { startSigstore, type LocalSigstore } from './localSigstore.ts';

const corpus = fileURLToPath(new URL('../../../shared/data/oms', import.meta.url));

interface Vector {
  case: string;
  method: 'key' | 'certificate' | 'sigstore' | 'schema';
  expect: 'pass' | 'fail';
  model: string;
  bundle: string;
  public_key: string | null;
  cert_chain: string[];
  ignore_paths: string[];
  ignore_unsigned_files: boolean;
  identity: string | null;
  identity_provider: string | null;
  expected_signed_files: string[] | null;
}

const names = existsSync(corpus)
  ? readdirSync(corpus).filter((name) => existsSync(path.join(corpus, name, 'case.json')))
  : [];
const vectors = names.map((name) => json<Vector>(path.join(corpus, name, 'case.json')));

const anyKey = newKeys().publicKey.export({ type: 'spki', format: 'pem' }).toString();

/** What has to refuse the cases that must fail: any other reason would prove nothing. */
const failures: Partial<Record<VerificationFailure, string[]>> = {
  malformed: [
    'key-simple-corrupted-bundle',
    'key-simple-no-signature',
    'key-simple-truncated-bundle',
    'key-simple-wrong-mediatype',
    'malformed-empty-bundle',
    'malformed-missing-envelope',
  ],
  untrusted: [
    'certificate-expired',
    'certificate-simple-wrong-ca',
    'key-simple-wrong-key',
    'key-verify-as-certificate',
    'sigstore-verify-as-key',
    'sigstore-wrong-identity',
    'sigstore-wrong-issuer',
  ],
  differences: [
    'key-simple-extra-file',
    'key-simple-missing-file',
    'key-simple-tampered-content',
    'sigstore-tampered-content',
  ],
  // Edited by the suite without signing anew; test/hostile/signing.test.ts has them validly signed.
  'invalid-signature': [
    'malformed-empty-resources',
    'malformed-no-predicate',
    'malformed-no-subject',
    'malformed-wrong-payload-type',
    'malformed-wrong-predicate',
    'malformed-wrong-statement-type',
  ],
};

function expectedFailure({ case: name, expect }: Vector): VerificationFailure | null {
  if (expect === 'pass') return null;
  const named = Object.entries(failures).find(([, cases]) => cases.some((each) => name === `negative-${each}_fail`));
  assert.ok(named, `why ${name} has to fail is not said here`);
  return named[0] as VerificationFailure;
}

describe('official and conformance vectors', () => {
  for (const vector of vectors.filter(({ method }) => method !== 'schema')) {
    it(`${vector.case}: ${vector.expect}`, async () => {
      const at = (name: string): string => path.join(corpus, vector.case, name);
      const model = at(vector.model);
      const result = await verifyModel({
        model,
        signature: at(vector.bundle),
        trust: trustOf(vector, at),
        ignorePaths: vector.ignore_paths.map((name) => path.join(model, name)),
        ignoreUnsignedFiles: vector.ignore_unsigned_files,
      });
      assert.equal(result.verified, vector.expect === 'pass', result.reason ?? 'verified');
      assert.equal(result.failure, expectedFailure(vector), result.reason ?? '');
      if (result.verified && vector.expected_signed_files) {
        assert.deepEqual(result.coverage.files.map((file) => file.path).sort(), vector.expected_signed_files);
      }
    });
  }

  for (const vector of vectors.filter(({ method }) => method === 'schema')) {
    it(`${vector.case}: ${vector.expect}`, () => {
      const read = (): void => {
        const { payload, payloadType } = parseBundle(
          readFileSync(path.join(corpus, vector.case, vector.bundle), 'utf8'),
        );
        assert.equal(payloadType, inTotoPayloadType);
        parseStatement(payload, payloadType, false);
      };
      if (vector.expect === 'pass') assert.doesNotThrow(read);
      else assert.throws(read, { name: 'Rejection' });
    });
  }
});

function trustOf(vector: Vector, at: (name: string) => string): Trust {
  const { method, public_key, cert_chain, identity, identity_provider } = vector;
  if (method === 'key') {
    // One case names a key that is not in the suite; any key will do, as the signature is by another method.
    const isMissing = public_key?.startsWith('MISSING:') === true;
    return { method, publicKey: isMissing ? anyKey : readFileSync(at(public_key ?? ''), 'utf8') };
  }
  if (method === 'certificate') return { method, roots: cert_chain.map((name) => readFileSync(at(name), 'utf8')) };
  return { method: 'sigstore', identity: identity ?? '', issuer: identity_provider ?? '', offline: true };
}

interface RoundTrip {
  method: 'key' | 'certificate' | 'sigstore';
  model: string;
  expect?: 'fail';
  expected_signed_files?: string[];
  sig_inside_model?: boolean;
  model_modifications?: { symlinks?: Record<string, string> };
  sign: { private_key?: string; signing_cert?: string; cert_chain?: string[]; ignore_paths?: string[] };
  verify: { public_key?: string; cert_chain?: string[]; ignore_paths?: string[]; ignore_unsigned_files?: boolean };
}

const suite = path.join(corpus, '_roundtrip');
const trips = existsSync(suite)
  ? readdirSync(path.join(suite, 'cases')).map((name) => ({
      name,
      ...json<RoundTrip>(path.join(suite, 'cases', name)),
    }))
  : [];

describe('conformance: sign, then verify, by the adapter', () => {
  // The keyless cases are made for the public instance; here they run on one of this machine.
  let sigstore: LocalSigstore;
  before(async () => {
    sigstore = await startSigstore();
  });
  after(() => sigstore.close());

  for (const trip of trips) {
    it(trip.name, async (context) => {
      const signed = await signAndVerify(trip, modelOf(trip, context), sigstore);
      if (trip.expect === 'fail') assert.equal(signed, null);
      else assert.deepEqual(signed?.sort(), trip.expected_signed_files?.sort() ?? signed);
    });
  }
});

const goldens = path.join(corpus, '_goldens', '_signing__testdata__signing__TestPayload');

describe("what the reference's own tests hold to be signed", () => {
  for (const name of existsSync(goldens) ? readdirSync(goldens) : []) {
    const isRefused =
      name.startsWith('empty_model_folder') || (name.includes('shard') && /empty_(?:model_)?file/.test(name));
    it(`${name}: ${isRefused ? 'without a single digest, refused' : 'read to the last digest'}`, () => {
      const text = readFileSync(path.join(goldens, name));
      const read = (): SignedManifest => parseStatement(text, inTotoPayloadType, false);
      if (isRefused) {
        assert.throws(read, { failure: 'invalid-statement', message: /lists no files/ });
        return;
      }
      const { files, rootDigest } = read();
      const { predicate, subject } = JSON.parse(text.toString()) as Golden;
      assert.equal(rootDigest, subject[0]?.digest.sha256);
      assert.deepEqual([...files.values()].flat().sort(), predicate.resources.map(({ digest }) => digest).sort());
    });
  }
});

interface Golden {
  subject: { digest: { sha256: string } }[];
  predicate: { resources: { digest: string }[] };
}

function modelOf(trip: RoundTrip, context: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'weighbridge-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const model = path.join(folder, path.basename(trip.model));
  cpSync(path.join(suite, trip.model), model, { recursive: true });
  for (const [name, target] of Object.entries(trip.model_modifications?.symlinks ?? {})) {
    symlinkSync(target, path.join(model, name));
  }
  return model;
}

/** @returns the files that were signed; null when signing or verifying refused. */
async function signAndVerify(
  { method, sign, verify, ...trip }: RoundTrip,
  model: string,
  sigstore: LocalSigstore,
): Promise<string[] | null> {
  const bundle = trip.sig_inside_model ? path.join(model, 'model.sig') : path.join(model, '..', 'bundle.sig');
  const files = (option: string, names: string | string[] | undefined): string[] =>
    [names ?? []].flat().flatMap((name) => [option, path.join(suite, name)]);
  // The suite hands the ignored paths of a case to both sides.
  const ignored = (sign.ignore_paths ?? verify.ignore_paths ?? []).flatMap((name) => [
    '--ignore-paths',
    path.join(model, name),
  ]);
  const shared = ['--method', method, '--model-path', model, ...ignored];
  if (method === 'sigstore') {
    const config = path.join(model, '..', 'trust-config.json');
    writeFileSync(config, JSON.stringify(sigstore.trustConfig));
    shared.push('--trust-config', config);
  }
  const signing = [
    ...files('--private-key', sign.private_key),
    ...files('--signing-cert', sign.signing_cert),
    ...files('--cert-chain', sign.cert_chain),
    ...(method === 'sigstore' ? ['--identity-token', sigstore.provider.token()] : []),
  ];
  if (!(await adapter('sign-model', ...shared, '--output-bundle', bundle, ...signing))) return null;
  const verifying = [...files('--public-key', verify.public_key), ...files('--cert-chain', verify.cert_chain)];
  if (method === 'sigstore') {
    verifying.push('--identity', 'ada@example.com', '--identity-provider', sigstore.provider.issuer);
  }
  if (verify.ignore_unsigned_files) verifying.push('--ignore-unsigned-files');
  if (!(await adapter('verify-model', ...shared, '--bundle', bundle, ...verifying))) return null;
  const { payload, payloadType } = parseBundle(readFileSync(bundle, 'utf8'));
  return [...parseStatement(payload, payloadType, false).files.keys()];
}

/** Calls the adapter as the suite does; only its exit code counts. */
async function adapter(...args: string[]): Promise<boolean> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const { signal } = new AbortController();
  const io = { stdout: nowhere, stderr: nowhere, cwd: tmpdir(), environment: {}, signal };
  return (await runCommandLine(['oms-adapter', ...args], io)) === 0;
}

function json<T>(file: string): T {
  return JSON.parse(readFileSync(file, 'utf8')) as T;
}
