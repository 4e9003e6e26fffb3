import { readFileSync, statSync } from 'node:fs';
import { WeighbridgeError } from '../../errors.ts';
import { longestBundle, parseBundle } from '../bundle.ts';
import type { SigningTime, Trust, VerificationResult } from '../contract.ts';
import { inTotoPayloadType } from '../envelope.ts';
import { Rejection } from '../rejection.ts';
import { statementType } from '../statement.ts';
import { verifySignature } from '../trustedSignature.ts';
import { provenanceFile } from './provenanceFile.ts';
import { provenanceType } from './provenanceStatement.ts';

/** What became of the provenance beside a signature. */
export interface VerifiedProvenance {
  /** Absolute. */
  path: string;
  verified: boolean;
  /** One sentence; null when verified. */
  reason: string | null;
  signer: string | null;
  issuer: string | null;
  signedAt: SigningTime | null;
  /** Where it was made; `urn:weighbridge:builder:local` for a person's machine. */
  builder: string | null;
  dependencies: ProvenanceDependency[];
}

export interface ProvenanceDependency {
  role: string | null;
  name: string | null;
  uri: string | null;
  /** Hexadecimal by algorithm. */
  digest: Record<string, string>;
}

/**
 * Verifies the provenance of a model that was verified: signed by whom the caller trusts, and about this very model.
 * @param signature absolute path of the model's signature. @param result what verifying the model gave.
 * @returns null where there is none, or the model is not verified: then it would be about nothing.
 */
export async function verifyProvenance(
  signature: string,
  result: Pick<VerificationResult, 'verified' | 'rootDigest' | 'subject' | 'coverage'>,
  trust: Trust | readonly Trust[],
): Promise<VerifiedProvenance | null> {
  const path = provenanceFile(signature);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!result.verified || stat === undefined) return null;
  const provenance: VerifiedProvenance = {
    path,
    verified: false,
    reason: null,
    signer: null,
    issuer: null,
    signedAt: null,
    builder: null,
    dependencies: [],
  };
  try {
    if (!stat.isFile() || stat.size > longestBundle)
      throw new Rejection('malformed', 'The provenance is no file that can be read.');
    const bundle = parseBundle(readFileSync(path, 'utf8'));
    const trusts = 'method' in trust ? [trust] : trust;
    const { signer, issuer, signedAt, legacy } = await verifySignature(bundle, trusts);
    Object.assign(provenance, { signer, issuer, signedAt });
    if (legacy || bundle.payloadType !== inTotoPayloadType) throw invalid('it is signed as no in-toto statement is');
    const predicate = predicateAbout(bundle.payload, result);
    Object.assign(provenance, predicate, { verified: true });
  } catch (error) {
    const known = error instanceof Rejection || (error instanceof WeighbridgeError && error.code !== 'cancelled');
    const code = (error as NodeJS.ErrnoException).code;
    if (!known && code === undefined) throw error;
    provenance.reason = (error as Error).message;
  }
  return provenance;
}

/** @throws {Rejection} where it is no provenance, or about something else. */
function predicateAbout(
  payload: Buffer,
  { rootDigest, coverage }: Pick<VerificationResult, 'rootDigest' | 'coverage' | 'subject'>,
): Pick<VerifiedProvenance, 'builder' | 'dependencies'> {
  const statement = recordOf(parsed(payload));
  if (statement['_type'] !== statementType || statement['predicateType'] !== provenanceType) {
    throw invalid('it is no SLSA provenance of version 1');
  }
  const [first, ...files] = listOf(statement['subject']).map(recordOf);
  if (rootDigest === null || first === undefined || digestOf(first)['sha256'] !== rootDigest) {
    throw invalid('it is about another model, or another state of this one');
  }
  const signed = new Map(coverage.files.map(({ path, digest }) => [path === '.' ? first['name'] : path, digest]));
  for (const file of files) {
    if (signed.get(file['name']) !== digestOf(file)['sha256'])
      throw invalid(`it names other content of ${shown(file['name'])}`);
  }
  const predicate = recordOf(statement['predicate']);
  const [buildDefinition, runDetails] = [recordOf(predicate['buildDefinition']), recordOf(predicate['runDetails'])];
  const builder = textOf(recordOf(runDetails['builder'])['id']);
  // Required by https://slsa.dev/spec/v1.0/provenance; without them nobody says what was done, or where.
  if (!textOf(buildDefinition['buildType'])) throw invalid('it does not say how the model was built (buildType)');
  if (!builder) throw invalid('it does not say where the model was built (builder.id)');
  const dependencies = listOf(buildDefinition['resolvedDependencies']).map(recordOf);
  return {
    builder,
    dependencies: dependencies.map((each) => ({
      role: textOf(recordOf(each['annotations'])['role']),
      name: textOf(each['name']),
      uri: textOf(each['uri']),
      digest: digestOf(each),
    })),
  };
}

function invalid(why: string): Rejection {
  return new Rejection('invalid-statement', `The provenance does not count: ${why}.`);
}

function parsed(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString('utf8'));
  } catch {
    throw invalid('it is not JSON');
  }
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function digestOf(resource: Record<string, unknown>): Record<string, string> {
  const entries = Object.entries(recordOf(resource['digest'])).filter((entry) => typeof entry[1] === 'string');
  return Object.fromEntries(entries) as Record<string, string>;
}

function shown(name: unknown): string {
  return typeof name === 'string' ? name.slice(0, 200) : 'a file without a name';
}
