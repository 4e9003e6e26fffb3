// The official signatures of all versions, and the cases of the conformance suite, where they are at hand.
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runCommandLine } from '../../server/cli/commandLine.ts';
import { parseBundle } from '../../server/signing/bundle.ts';
import type { Trust } from '../../server/signing/contract.ts';
import { inTotoPayloadType } from '../../server/signing/envelope.ts';
import { parseStatement } from '../../server/signing/parseStatement.ts';
import { verifyModel } from '../../server/signing/verifyModel.ts';

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

describe('official and conformance vectors', () => {
  for (const vector of vectors.filter(({ method }) => method !== 'schema')) {
    it(`${vector.case}: ${vector.expect}`, async () => {
      const at = (name: string): string => path.join(corpus, vector.case, name);
      const publicKey = vector.public_key === null ? '' : at(vector.public_key);
      if (vector.method === 'key' && !existsSync(publicKey)) {
        // The suite names a key that is not there, on purpose: whom to trust is then unknown.
        assert.equal(vector.expect, 'fail');
        return;
      }
      const model = at(vector.model);
      const result = await verifyModel({
        model,
        signature: at(vector.bundle),
        trust: trustOf(vector, at),
        ignorePaths: vector.ignore_paths.map((name) => path.join(model, name)),
        ignoreUnsignedFiles: vector.ignore_unsigned_files,
      });
      assert.equal(result.verified, vector.expect === 'pass', result.reason ?? 'verified');
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
  if (method === 'key') return { method, publicKey: readFileSync(at(public_key ?? ''), 'utf8') };
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
  // The keyless cases need a token of the public instance.
  for (const trip of trips.filter(({ method }) => method !== 'sigstore')) {
    it(trip.name, async (context) => {
      const signed = await signAndVerify(trip, modelOf(trip, context));
      if (trip.expect === 'fail') assert.equal(signed, null);
      else assert.deepEqual(signed?.sort(), trip.expected_signed_files?.sort() ?? signed);
    });
  }
});

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
async function signAndVerify({ method, sign, verify, ...trip }: RoundTrip, model: string): Promise<string[] | null> {
  const bundle = trip.sig_inside_model ? path.join(model, 'model.sig') : path.join(model, '..', 'bundle.sig');
  const files = (option: string, names: string | string[] | undefined): string[] =>
    [names ?? []].flat().flatMap((name) => [option, path.join(suite, name)]);
  // The suite hands the ignored paths of a case to both sides.
  const ignored = (sign.ignore_paths ?? verify.ignore_paths ?? []).flatMap((name) => [
    '--ignore-paths',
    path.join(model, name),
  ]);
  const shared = ['--method', method, '--model-path', model, ...ignored];
  const signing = [
    ...files('--private-key', sign.private_key),
    ...files('--signing-cert', sign.signing_cert),
    ...files('--cert-chain', sign.cert_chain),
  ];
  if (!(await adapter('sign-model', ...shared, '--output-bundle', bundle, ...signing))) return null;
  const verifying = [...files('--public-key', verify.public_key), ...files('--cert-chain', verify.cert_chain)];
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
