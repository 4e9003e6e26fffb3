import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { measure } from '../datasets/hashing/measure.ts';
import { agentOf } from '../datasets/record/agent.ts';
import { missingIn, newRecord, type GivenFields } from '../datasets/record/newRecord.ts';
import { type ProvenanceDocument, type ProvenanceRecord, recordName, recordText } from '../datasets/record/record.ts';
import { recordBreaches } from '../datasets/record/validate.ts';
import type { Coverage } from '../datasets/registers/coverage.ts';
import type { ProvenancePart } from '../datasets/registers/facts.ts';
import { WeighbridgeError } from '../errors.ts';
import { onDisk } from '../files/diskPath.ts';
import { replaceFile } from '../files/replaceFile.ts';
import { DigestCache } from '../signing/hashing/digestCache.ts';
import { datasetCacheFile } from './datasetDigests.ts';
import { loadParsers } from './datasetStates.ts';
import { relativePath } from './scanPhases.ts';
import { WorkspaceTable } from './workspaceFacts.ts';

export interface RegisterJob {
  /** Absolute: a file, or a folder. */
  path: string;
  /** Absolute: registers are looked for up to here, and links are not followed out of it. */
  base: string;
  given: GivenFields;
  /** Replaces what a record says of this data already. */
  update: boolean;
  /** The register to take over from (absolute); null for all that speak of the data. */
  from: string | null;
  environment: NodeJS.ProcessEnv;
  mayUseCache: boolean;
  /** True: this thread hashes nothing. */
  isolate: boolean;
  signal: AbortSignal;
  onProgress: (done: number, total: number, path: string) => void;
}

export interface Registered {
  /** Absolute path of the `provenance.json` that was written. */
  file: string;
  record: ProvenanceRecord;
  /** Parts that nobody has said yet. */
  missing: ProvenancePart[];
  /** Registers that something was taken from, relative to the base. */
  takenFrom: string[];
}

/**
 * Writes the record of a dataset into the `provenance.json` beside it: in the folder that holds the file, or in the folder that is
 * the dataset. Its hash is computed; what is not given is taken from other registers, or stays open.
 * @throws {WeighbridgeError} `not-found`, `exists` (without `update`), `bad-input`, `unreadable`, `unwritable`, `cancelled`.
 */
export async function registerDataset(job: RegisterJob): Promise<Registered> {
  const { base, given, update, environment, isolate, signal, onProgress } = job;
  const path = job.path;
  const stat = statSync(onDisk(path), { throwIfNoEntry: false });
  if (!stat) throw new WeighbridgeError('not-found', `there is no ${path}`);
  const isFolder = stat.isDirectory();
  if (basename(path) === recordName) {
    throw new WeighbridgeError('bad-usage', `${path} is a record itself: name the data that it speaks of`);
  }
  const file = recordFileOf(path);
  const named = isFolder ? '.' : basename(path);
  const document = documentAt(file);
  const before = document.datasets.find((each) => each.path === named) ?? null;
  if (before && !update) {
    throw new WeighbridgeError(
      'exists',
      `${path} is registered already in ${file}: look at what changed, then say --update`,
    );
  }
  const algorithm = isFolder ? ('sha256-tree' as const) : ('sha256' as const);
  const root = realpathSync.native(base);
  const cache = job.mayUseCache ? new DigestCache(datasetCacheFile(base)) : null;
  const [measured] = await measure([{ path, algorithm }], { root, cache, inWorkers: isolate, signal, onProgress });
  if (!measured) {
    throw new WeighbridgeError(
      'unreadable',
      `${path} cannot be hashed: a file in it cannot be read, changes meanwhile, or is a link that leads out of ${base}`,
    );
  }
  const known = await registersOf(job, isFolder);
  const now = timeNow(environment);
  const record = newRecord({
    path: named,
    measured,
    isFolder,
    given,
    before,
    known,
    agent: agentOf(dirname(file), environment),
    now,
  });
  const rest = document.datasets.filter((each) => each.path !== named);
  const next: ProvenanceDocument = { schemaVersion: 1, datasets: [...rest, record] };
  const [breach] = recordBreaches(next);
  if (breach) throw new WeighbridgeError('bad-input', `${breach.path.slice(2).join('.')}: ${breach.message}`);
  replaceFile(file, recordText(next));
  return { file, record, missing: missingIn(record), takenFrom: [...new Set(known.map((each) => each.path))] };
}

/** Where the record of some data stands (absolute): in the folder that is the dataset, or that holds the file. */
export function recordFileOf(path: string): string {
  const isFolder = statSync(onDisk(path), { throwIfNoEntry: false })?.isDirectory() === true;
  return join(isFolder ? path : dirname(path), recordName);
}

/** What stands beside the data already; an empty document where nothing does. */
function documentAt(file: string): ProvenanceDocument {
  if (!existsSync(file)) return { schemaVersion: 1, datasets: [] };
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw new WeighbridgeError('bad-input', `${file} is no JSON: ${(cause as Error).message}`, { cause });
  }
  const [breach] = recordBreaches(value);
  if (breach) {
    const where = breach.path.length > 0 ? `${breach.path.join('.')}: ` : '';
    throw new WeighbridgeError(
      'bad-input',
      `${file} is no record of ours, and is left as it is: ${where}${breach.message}`,
    );
  }
  return value as ProvenanceDocument;
}

async function registersOf({ path, base, from }: RegisterJob, isFolder: boolean): Promise<Coverage[]> {
  const { datasets } = new WorkspaceTable(base);
  await loadParsers(datasets);
  const all = datasets
    .coverage(relativePath(base, path), isFolder)
    .filter(({ register, relation }) => register.kind !== 'provenance' && relation !== 'inside');
  if (from === null) return all;
  const wanted = relativePath(base, from);
  const register = datasets.register(wanted);
  if (!register) {
    throw new WeighbridgeError(
      'bad-input',
      `${from} is no register that is known: name a DVC file, a Croissant file, a data package, a dataset card or an OpenLineage event`,
    );
  }
  const [named] = all.filter((each) => each.path === wanted);
  const [first] = register.data;
  if (named) return [named];
  // A card describes the folder that it stands in without naming files.
  const place = register.place;
  const data = first ?? {
    name: register.name ?? basename(path),
    place,
    path: null,
    url: null,
    pin: null,
    digests: [],
    size: null,
    files: null,
    role: 'output' as const,
    madeBy: null,
    wantsDigest: false,
  };
  return [{ path: wanted, register, data, relation: 'around', of: wanted }];
}

/** SOURCE_DATE_EPOCH makes a build give the same bytes twice (https://reproducible-builds.org/specs/source-date-epoch/). */
function timeNow({ SOURCE_DATE_EPOCH }: NodeJS.ProcessEnv): string {
  const fixed =
    SOURCE_DATE_EPOCH && /^\d{1,11}$/.test(SOURCE_DATE_EPOCH) ? Number(SOURCE_DATE_EPOCH) * 1000 : Date.now();
  return new Date(fixed).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
