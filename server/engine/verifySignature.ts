import { readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { onDisk } from '../files/diskPath.ts';
import type { CheckedSignature } from '../rules/directory.ts';
import type { HashProgress, Trust, VerificationResult } from '../signing/contract.ts';
import { longestBundle } from '../signing/bundle.ts';
import type { TrustEntry, TrustPolicy } from '../signing/trustPolicy.ts';
import { trustsOf } from '../signing/trustPolicyFiles.ts';
import { digestCacheFile } from '../signing/hashing/digestCache.ts';
import { modelRoot } from '../signing/modelFiles.ts';
import { verifyModel } from '../signing/verifyModel.ts';
import { usualName } from './signatureFiles.ts';

/** A signature to verify; it can be sent to a worker. */
export interface SignatureTask {
  /** Absolute path of the folder, or of the one file. */
  model: string;
  /** Absolute path of the signature's file. */
  signature: string;
  policy: TrustPolicy;
  /** The entry of the policy that counts for the model; null where none does. */
  entry: TrustEntry | null;
  /** Whom to trust instead of the policy, for this once. */
  trust?: Trust[];
  /** Whether digests of files that look unchanged are taken from the user's cache; otherwise every byte is hashed. */
  mayUseCache: boolean;
  jobs?: number;
}

/** What a signature came to; null for a file that is no model signature. */
export type VerifiedSignature = Pick<CheckedSignature, 'result' | 'newer' | 'unreadable'> | null;

/**
 * Verifies a model by the trust policy, and by nothing that the signature brings along.
 * @throws {WeighbridgeError} `cancelled`.
 */
export async function verifySignature(
  task: SignatureTask,
  run: { signal?: AbortSignal; onProgress?: (progress: HashProgress) => void } = {},
): Promise<VerifiedSignature> {
  if (!(await isModelSignature(task.signature))) return null;
  const named = task.entry ? await trustsOf(task.policy, task.entry) : { trusts: [], unreadable: [] };
  const { model, signature, jobs } = task;
  const result = await verifyModel({
    model,
    signature,
    trust: task.trust ?? named.trusts,
    digestCache: task.mayUseCache ? digestCacheFile(modelRoot(model).root) : null,
    ...(jobs === undefined ? {} : { jobs }),
    ...run,
  });
  return { result, newer: await newerFiles(task, result), unreadable: named.unreadable };
}

/** Whether a file is a signature over a model. One that has the usual name, and is broken, is one, too. */
async function isModelSignature(file: string): Promise<boolean> {
  const isUsual = basename(file) === usualName;
  try {
    if ((await stat(onDisk(file))).size > longestBundle) return isUsual;
    const text = await readFile(onDisk(file), 'utf8');
    // Other tools write other things under such names: base64, ASCII armour.
    if (!/^\uFEFF?\s*\{/.test(text)) return false;
    const { dsseEnvelope } = JSON.parse(text) as { dsseEnvelope?: { payload?: unknown } };
    const payload = dsseEnvelope?.payload;
    if (typeof payload !== 'string') return isUsual;
    const { predicateType } = JSON.parse(Buffer.from(payload, 'base64').toString('utf8')) as {
      predicateType?: unknown;
    };
    return isUsual || (typeof predicateType === 'string' && predicateType.startsWith('https://model_signing/'));
  } catch {
    return isUsual;
  }
}

/** Files that differ and that were written after the signing. */
async function newerFiles(task: SignatureTask, { differences, signedAt }: VerificationResult): Promise<string[]> {
  const concerned = differences.filter(({ kind }) => kind !== 'missing');
  if (concerned.length === 0) return [];
  try {
    const signed = signedAt ? Date.parse(signedAt.time) : (await stat(onDisk(task.signature))).mtimeMs;
    const newer: string[] = [];
    for (const { path } of concerned) {
      const file = path === '.' ? task.model : join(task.model, path);
      const changed = await stat(onDisk(file)).catch(() => null);
      if (changed && changed.mtimeMs > signed) newer.push(path);
    }
    return newer;
  } catch {
    return [];
  }
}
