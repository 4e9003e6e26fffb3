import { readFileSync, statSync } from 'node:fs';
import { join, posix, relative } from 'node:path';
import { measure } from '../datasets/hashing/measure.ts';
import { onDisk } from '../files/diskPath.ts';
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

const verdicts = ['backdoor', 'inconclusive', 'clean'] as const;

/** A scan, before it is known whether the model is still what it was. */
type Found = Omit<RecordedScan, 'isCurrent'> & { model: string; digest: string };

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
  const models = [...new Set(found.map(({ model }) => model))];
  const measured = await measure(
    models.map((path) => ({ path: join(base, path), algorithm: 'sha256' })),
    {
      root: base,
      cache: mayUseCache && models.length > 0 ? new DigestCache(digestCacheFile(`${base}\0scanned models`)) : null,
      inWorkers: isolate,
      signal,
    },
  );
  const digests = new Map(models.map((path, index) => [path, measured[index]?.digest]));
  const scans = new Map<string, RecordedScan>();
  for (const { model, digest, ...scan } of found) {
    const isCurrent = digests.get(model) === digest;
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
    const digest = (fields?.['model'] as Record<string, unknown> | undefined)?.['digest'];
    const verdict = verdicts.find((each) => each === fields?.['verdict']);
    if (fields?.['kind'] !== 'backdoor' || verdict === undefined || typeof digest !== 'string') return null;
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
      digest: digest.replace(/^sha256:/, '').toLowerCase(),
    };
  } catch {
    return null;
  }
}
