import { basename, dirname, join, relative } from 'node:path';
import { statSync } from 'node:fs';
import type { ScanReport } from '../../engine/report.ts';
import type { ScanRun, WorkspaceScanner } from '../../engine/workspaceScanner.ts';
import type { CheckedSignature } from '../../rules/directory.ts';
import { dataDigests } from '../../scans/modelDigest.ts';
import { digestCacheFile } from '../../signing/hashing/digestCache.ts';
import type { Trust } from '../../signing/contract.ts';
import { modelRoot } from '../../signing/modelFiles.ts';
import { digestModel, type ModelDigest } from '../../signing/signModel.ts';
import type { DatasetEvidence, EndpointEvidence, Evidence, ModelEvidence } from './document.ts';

export interface ModelEvidenceOptions {
  /** Whom to trust instead of what weighbridge.yaml says. */
  trust?: Trust;
  /** Whether digests of files that look unchanged are taken from the user's cache. */
  mayUseCache: boolean;
  jobs?: number;
  run?: ScanRun;
}

export interface ModelParts {
  model: ModelEvidence;
  findings: Evidence['findings'];
  /** What the bill of materials names; null where there is none. */
  datasets: DatasetEvidence[] | null;
  /** Ways in that configurations beside the model open. */
  endpoints: EndpointEvidence[];
  /** Every digest that other evidence may name this model by, bare hexadecimal. */
  digests: Set<string>;
  /** Why a person should look at it. */
  risks: string[];
}

/**
 * Everything that can be known of a model by looking at it.
 * @param path absolute: a folder, or the one file. @param scanner whose base is where paths are shown from.
 */
export async function modelEvidence(
  path: string,
  scanner: WorkspaceScanner,
  options: ModelEvidenceOptions,
): Promise<ModelParts> {
  const report = await scanner.scan([path], options.run ?? {});
  const digest = await digestOf(path, options);
  const signature = await signatureOf(path, scanner, options);
  const aibom = await aibomOf(path, digest, options);
  const formats = weightsIn(report);
  const digests = new Set(digest ? [digest.rootDigest, digest.pythonRootDigest] : []);
  for (const file of digest?.files ?? []) if (file.digest !== null) digests.add(file.digest.toLowerCase());
  if (aibom.digest !== null) digests.add(aibom.digest);
  // Of a model that is one file, the weights may stand in others.
  if (digest?.isFile) for (const file of await dataDigests(path)) digests.add(file.digest.replace(/^sha256:/, ''));
  return {
    model: {
      path: relative(scanner.base, path).replaceAll('\\', '/') || '.',
      digest: digest ? `sha256:${digest.rootDigest}` : null,
      format: formatOf(formats),
      formats,
      signature_verified: signature?.result.verified ?? false,
      signature: signaturePart(signature),
      aibom_generated: aibom.part.present && aibom.part.valid && aibom.part.up_to_date,
      aibom: aibom.part,
    },
    findings: report.findings.filter(isOfModel).map(({ ruleId, severity, message, path: where }) => ({
      rule_id: ruleId,
      severity,
      message,
      path: where,
    })),
    datasets: aibom.datasets,
    endpoints: endpointsOf(report),
    digests,
    risks: risksIn(report),
  };
}

function endpointsOf({ posture }: ScanReport): EndpointEvidence[] {
  return posture.map(({ path, endpoint: { range, product, name, reach, complete, controls } }) => ({
    path,
    line: range.line,
    product,
    name,
    reach,
    complete,
    controls: Object.fromEntries(Object.entries(controls).map(([control, { state }]) => [control, state])),
  }));
}

/** What holds no weights by itself. Arrays without objects are data; one with objects is a finding of its own. */
const noWeights = new Set(['text', 'unknown', 'empty', 'template', 'numpy', 'npz']);

function weightsIn({ artifacts }: ScanReport): ModelEvidence['formats'] {
  return artifacts
    .filter(({ format }) => !noWeights.has(format))
    .map(({ path, format, size, complete }) => ({ path, format, size, complete }));
}

function formatOf(formats: ModelEvidence['formats']): string {
  const different = [...new Set(formats.map(({ format }) => format))];
  return different.length > 1 ? 'mixed' : (different[0] ?? 'none');
}

/** Null for what cannot be signed either, such as a folder with links that lead out of it. */
async function digestOf(path: string, { mayUseCache, jobs, run }: ModelEvidenceOptions): Promise<ModelDigest | null> {
  try {
    return await digestModel(path, {
      digestCache: mayUseCache ? digestCacheFile(modelRoot(path).root) : null,
      ...(jobs === undefined ? {} : { jobs }),
      ...(run?.signal ? { signal: run.signal } : {}),
    });
  } catch (error) {
    if (run?.signal?.aborted) throw error;
    return null;
  }
}

async function signatureOf(
  path: string,
  scanner: WorkspaceScanner,
  { trust, run }: ModelEvidenceOptions,
): Promise<CheckedSignature | null> {
  if (trust) return scanner.verifyOnce(path, trust, run);
  const isFile = statSync(path).isFile();
  const inBase = (absolute: string) => relative(scanner.base, absolute).replaceAll('\\', '/') || '.';
  const found = isFile
    ? scanner.signatureFor(inBase(dirname(path)), inBase(join(dirname(path), basename(path))))
    : scanner.signatureFor(inBase(path));
  return found ?? null;
}

function signaturePart(signature: CheckedSignature | null): ModelEvidence['signature'] {
  if (!signature) {
    const reason = 'there is no signature. Sign the model: weighbridge sign MODEL';
    return { present: false, holds: false, signer: null, issuer: null, method: null, reason };
  }
  const { verified, signatureHolds, signer, issuer, method, reason } = signature.result;
  const nobody = signature.stance === 'none' && !verified;
  const untrusted = 'weighbridge.yaml says nothing of who may sign it. Name the signer under signing.trust';
  return {
    present: true,
    holds: signatureHolds,
    signer,
    issuer,
    method,
    reason: verified ? null : nobody ? untrusted : reason,
  };
}

async function aibomOf(path: string, digest: ModelDigest | null, { run }: ModelEvidenceOptions) {
  const { checkAibom } = await import('../../aibom/check.ts');
  const { sha256Of } = await import('../../aibom/folder.ts');
  const root = statSync(path).isFile() ? dirname(path) : path;
  const known = new Map(
    (digest?.files ?? [])
      .filter(({ algorithm }) => algorithm === 'sha256')
      .map((file) => [join(root, file.path === '.' ? basename(path) : file.path), file.digest]),
  );
  const check = await checkAibom(path, {
    // What the digest has just hashed is not read again.
    hash: async (file, signal) => known.get(file) ?? (await sha256Of(file, signal)),
    ...(run?.signal ? { signal: run.signal } : {}),
  });
  const part: ModelEvidence['aibom'] = {
    present: check.aibom !== null,
    valid: check.valid,
    up_to_date: check.upToDate,
    path: check.aibom === null ? null : relative(root, check.aibom).replaceAll('\\', '/'),
    spec_version: check.specVersion,
  };
  return { part, digest: check.digest, datasets: await datasetsIn(check.aibom) };
}

/** The datasets of a bill of materials; one with a checksum is registered. */
async function datasetsIn(aibom: string | null): Promise<DatasetEvidence[] | null> {
  if (aibom === null) return null;
  const { readJsonDocument } = await import('../policySet.ts');
  const { fieldsOf, listOf, textOf } = await import('../yamlDocument.ts');
  try {
    const document = fieldsOf(readJsonDocument(aibom) as Parameters<typeof fieldsOf>[0]);
    return listOf(document['components'])
      .map(fieldsOf)
      .filter(({ type }) => type === 'data')
      .map((component) => ({
        name: textOf(component['name']) ?? '?',
        registered: listOf(component['hashes']).length > 0,
        verified: null,
        source: textOf(fieldsOf(listOf(component['externalReferences'])[0])['url']),
      }));
  } catch {
    return null;
  }
}

/** Audits that are owed are evidence of their own, which gates judge by the time that they are asked for, and not by the clock. */
function isOfModel({ ruleId }: ScanReport['findings'][number]): boolean {
  return ruleId !== 'policy/overdue-audit';
}

/** What makes a change one of high risk without anybody saying so. */
function risksIn({ findings }: ScanReport): string[] {
  const risks = new Set<string>();
  for (const { ruleId, severity } of findings) {
    if (ruleId === 'model/custom-code') risks.add('the model brings code of its own');
    else if (severity === 'warning') risks.add(`the scan warns: ${ruleId}`);
  }
  return [...risks].sort();
}
