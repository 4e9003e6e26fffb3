import { readFileSync, statSync } from 'node:fs';
import { join, posix, relative } from 'node:path';
import { measure } from '../datasets/hashing/measure.ts';
import { onDisk } from '../files/diskPath.ts';
import { leadsOutside } from '../formats/graph/outsidePath.ts';
import { evidenceName } from '../policy/evidence/besideModel.ts';
import type { RecordedScan } from '../rules/directory.ts';
import { DigestCache, digestCacheFile } from '../signing/hashing/digestCache.ts';
import type { Configuration } from './configuration.ts';
import { slashes } from './gitignore.ts';

export interface RecordedRun {
  mayUseCache: boolean;
  isolate: boolean;
  signal?: AbortSignal | undefined;
}

/** Bytes above which a file is no result of a scan. */
const longest = 16 << 20;
const mostReasons = 4;
const longestReason = 500;
const mostDataFiles = 10_000;

const verdicts = ['backdoor', 'inconclusive', 'clean'] as const;

/** A scan, before it is known whether the model is still what it was. */
type Found = Omit<RecordedScan, 'isCurrent'> & { model: string; bytes: { path: string; digest: string }[] };

/**
 * The scans for backdoors that are recorded about models: beside them, or in the folder for evidence under the name that scans give.
 * Only models with a record are hashed.
 * @param base absolute. @param artifacts paths relative to it.
 * @returns what is recorded of the models in a folder.
 * @throws {WeighbridgeError} `cancelled`.
 */
export async function recordedScans(
  base: string,
  { policy }: Configuration,
  artifacts: readonly string[],
  { mayUseCache, isolate, signal }: RecordedRun,
): Promise<(artifacts: readonly string[]) => RecordedScan[]> {
  const found = artifacts.flatMap((path) => {
    const model = join(base, path);
    const inFolder = policy.evidence === null ? [] : [join(policy.evidence, evidenceName('backdoor', model))];
    return [...inFolder, `${model}.backdoor.json`].flatMap((file) => read(base, path, file) ?? []);
  });
  const files = [...new Set(found.flatMap(({ bytes }) => bytes.map(({ path }) => path)))];
  const measured = await measure(
    files.map((path) => ({ path: join(base, path), algorithm: 'sha256' })),
    {
      root: base,
      cache: mayUseCache && files.length > 0 ? new DigestCache(digestCacheFile(`${base}\0scanned models`)) : null,
      inWorkers: isolate,
      signal,
    },
  );
  const digests = new Map(files.map((path, index) => [path, measured[index]?.digest]));
  const scans = new Map<string, RecordedScan>();
  for (const { model, bytes, ...scan } of found) {
    const isCurrent = bytes.every(({ path, digest }) => digests.get(path) === digest);
    // Of two records, the one about this model counts.
    if (isCurrent || !scans.has(model)) scans.set(model, { ...scan, isCurrent });
  }
  return (paths) => paths.flatMap((path) => scans.get(path) ?? []);
}

/** Null for what is no result of a scan for backdoors. Whatever it says was written by somebody. */
function read(base: string, model: string, file: string): Found | null {
  const stat = statSync(onDisk(file), { throwIfNoEntry: false });
  if (!stat?.isFile() || stat.size > longest) return null;
  try {
    const fields = JSON.parse(readFileSync(onDisk(file), 'utf8')) as Record<string, unknown> | null;
    const bytes = bytesOf(model, fields?.['model']);
    const verdict = verdicts.find((each) => each === fields?.['verdict']);
    if (fields?.['kind'] !== 'backdoor' || verdict === undefined || bytes === null) return null;
    const reasons = Array.isArray(fields['reasons']) ? (fields['reasons'] as unknown[]) : [];
    return {
      model,
      name: posix.basename(model),
      file: slashes(relative(base, file)),
      verdict,
      reasons: reasons
        .filter((reason) => typeof reason === 'string')
        .slice(0, mostReasons)
        .map((reason) => reason.slice(0, longestReason)),
      bytes,
    };
  } catch {
    return null;
  }
}

/** The files that a record is about: the model, and those of its weights. Null where it names none, or some elsewhere. */
function bytesOf(model: string, named: unknown): Found['bytes'] | null {
  const { digest, data = [] } = (named ?? {}) as { digest?: unknown; data?: unknown };
  if (!Array.isArray(data) || data.length > mostDataFiles) return null;
  const files = [{ path: posix.basename(model), digest }, ...(data as unknown[])].map((file) => {
    const { path, digest: said } = (file ?? {}) as { path?: unknown; digest?: unknown };
    if (typeof path !== 'string' || typeof said !== 'string' || leadsOutside(path) !== null) return null;
    return { path: posix.join(posix.dirname(model), path), digest: said.replace(/^sha256:/, '').toLowerCase() };
  });
  return files.includes(null) ? null : (files as Found['bytes']);
}
