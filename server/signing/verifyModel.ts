import { readFileSync, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { WeighbridgeError } from '../errors.ts';
import { longestBundle, parseBundle } from './bundle.ts';
import { hasHoles } from '../files/holes.ts';
import { compareFiles, type Comparison } from './compareFiles.ts';
import type { Trust, VerificationResult, VerifyModelOptions } from './contract.ts';
import { digestFiles, ModelChanged } from './hashing/digestFiles.ts';
import {
  defaultSignature,
  findModelFiles,
  ignoredIn,
  modelRoot,
  pathIn,
  type FindOptions,
  type ModelFiles,
} from './modelFiles.ts';
import { parseStatement } from './parseStatement.ts';
import { realPath } from './realPath.ts';
import { Rejection } from './rejection.ts';
import type { SignedManifest } from './statement.ts';
import { claimedSigner, verifySignature } from './trustedSignature.ts';
import { refuseChanged } from './unchanged.ts';

/**
 * Verifies a model: reads the signature, checks it against what is trusted, reads what was signed, hashes the files and
 * compares. No file of the model is looked at before the signature holds.
 * @returns the verdict, with everything that is known up to where it fails.
 * @throws {WeighbridgeError} `not-found` and `bad-input` where the model, or what is trusted, is not there or is not what it should be; `cancelled`.
 */
export async function verifyModel(options: VerifyModelOptions): Promise<VerificationResult> {
  const result = emptyResult();
  const { root, isFile } = modelRoot(options.model);
  const signature = resolve(options.signature ?? defaultSignature(resolve(options.model), isFile));
  try {
    const bundle = parseBundle(signatureText(signature));
    result.method = bundle.material.method;
    result.claimedSigner = claimedSigner(bundle.material);
    const { legacy, warnings, ...who } = await verifySignature(bundle, trustsOf(options.trust));
    Object.assign(result, who);
    result.warnings.push(...warnings);
    result.signatureHolds = true;
    const manifest = parseStatement(bundle.payload, bundle.payloadType, legacy);
    tellManifest(result, manifest);
    await judgeFiles(result, manifest, options, { root, isFile, signature: realPath(signature) });
    result.verified = true;
  } catch (error) {
    Object.assign(result, verdictOf(error));
  }
  return result;
}

function emptyResult(): VerificationResult {
  return {
    verified: false,
    failure: null,
    reason: null,
    signatureHolds: false,
    method: null,
    signer: null,
    issuer: null,
    trust: null,
    claimedSigner: null,
    coverage: { files: [], ignored: [], signedIgnorePaths: [], unsigned: [] },
    differences: [],
    signedAt: null,
    certificate: null,
    predicate: null,
    subject: null,
    rootDigest: null,
    hashedBy: { full: 0, cache: 0 },
    warnings: [],
  };
}

const trustsOf = (trust: Trust | readonly Trust[]): readonly Trust[] => ('method' in trust ? [trust] : trust);

/** @throws {Rejection} `unsigned` or `malformed`; {WeighbridgeError} `unreadable`. */
function signatureText(path: string): string {
  let bytes: Buffer;
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (!stat) throw new Rejection('unsigned', `There is no signature ${path}.`);
    if (!stat.isFile()) throw new Rejection('malformed', `The signature ${path} is no file.`);
    if (stat.size > longestBundle)
      throw new Rejection('malformed', `The signature ${path} is larger than any signature.`);
    bytes = readFileSync(path);
  } catch (cause) {
    if (cause instanceof Rejection) throw cause;
    const { message } = cause as Error;
    throw new WeighbridgeError('unreadable', `The signature ${path} cannot be read: ${message}.`, { cause });
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Rejection('malformed', `The signature ${path} is no text.`);
  }
}

function tellManifest(result: VerificationResult, manifest: SignedManifest): void {
  const { predicate, subject, rootDigest, listed } = manifest;
  Object.assign(result, { predicate, subject, rootDigest });
  result.coverage.files = listed;
  if (rootDigest === null)
    result.warnings.push('The signature is of version 0.2, which is no longer written: sign again.');
}

/** @throws {Rejection} `differences` or `changed-while-hashing`, after the differences were written down. */
async function judgeFiles(
  result: VerificationResult,
  manifest: SignedManifest,
  options: VerifyModelOptions,
  place: { root: string; isFile: boolean; signature: string },
): Promise<void> {
  const { root, isFile, signature } = place;
  const ignored = ignoredIn(root, options.ignorePaths ?? [], options.ignoreGitPaths ?? true);
  for (const path of manifest.ignorePaths) ignored.add(path);
  const find: FindOptions = {
    ignored,
    signature,
    followLinks: options.followLinks ?? manifest.followLinks,
    wanted: new Set(manifest.files.keys()),
    signal: options.signal,
  };
  const found = underSignedName(await findModelFiles(root, isFile, find), manifest, basename(resolve(options.model)));
  const toHash = found.files.filter(({ path }) => manifest.files.has(path));
  const { digests, hashedBy } = await digestFiles(toHash, manifest, options);
  const concerns = (path: string): boolean => !options.ignoreUnsignedFiles || manifest.files.has(path);
  // In a mounted folder nobody writes but who fetches.
  if (hashedBy.full > 0 && !isFile && !hasHoles()) await refuseChanged(root, isFile, find, found, concerns);
  result.hashedBy = hashedBy;
  result.coverage.ignored = found.ignored;
  const itself = pathIn(root, signature);
  result.coverage.signedIgnorePaths = manifest.ignorePaths.filter((path) => path !== itself);
  const comparison = compareFiles(manifest, found, digests, options.ignoreUnsignedFiles ?? false);
  result.coverage.unsigned = comparison.unsigned;
  result.differences = comparison.differences;
  result.warnings.push(...comparison.warnings);
  if (comparison.differences.length > 0) throw new Rejection('differences', sentenceOf(comparison));
}

/** A model that is one file is signed as `.` by the reference, and by its name according to the specification. */
function underSignedName(found: ModelFiles, manifest: SignedManifest, name: string): ModelFiles {
  const [only] = found.files;
  if (only?.path !== '.' || manifest.files.has('.') || !manifest.files.has(name)) return found;
  return { ...found, files: [{ ...only, path: name }] };
}

function sentenceOf({ differences, odd }: Comparison): string {
  const counted = (['changed', 'missing', 'extra'] as const)
    .map((kind) => ({ kind, count: differences.filter((each) => each.kind === kind).length }))
    .filter(({ count }) => count > 0)
    .map(({ kind, count }) => `${count} ${kind === 'extra' ? 'not signed' : kind}`);
  const [strange] = odd;
  const why = strange ? ` (${strange.path} is ${strange.what})` : '';
  return `The files are not those that were signed: ${counted.join(', ')}${why}.`;
}

/** A verdict where the model or its signature is at fault. @throws what is an error of another kind. */
function verdictOf(error: unknown): Pick<VerificationResult, 'failure' | 'reason'> {
  if (error instanceof Rejection) return { failure: error.failure, reason: error.message };
  if (error instanceof ModelChanged) return { failure: 'changed-while-hashing', reason: error.message };
  if (error instanceof WeighbridgeError && error.code === 'unreadable') {
    return { failure: 'unreadable-model', reason: error.message };
  }
  throw error;
}
