import { readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { measure } from '../../datasets/hashing/measure.ts';
import { datasetCacheFile } from '../../engine/datasetDigests.ts';
import type { DatasetState } from '../../engine/datasetStates.ts';
import { dataFiles } from '../../engine/scanDatasets.ts';
import { repositoryOf, verifyDatasets } from '../../engine/verifyDatasets.ts';
import type { WorkspaceScanner } from '../../engine/workspaceScanner.ts';
import { entriesOf } from '../../files/folderEntries.ts';
import type { Json } from '../../formats/facts.ts';
import { DigestCache } from '../../signing/hashing/digestCache.ts';
import { fieldsOf, listOf, textOf } from '../yamlDocument.ts';
import type { DatasetEvidence } from './document.ts';

export interface DatasetEvidenceOptions {
  scanner: WorkspaceScanner;
  /** Absolute path of the model: datasets are named from its folder, or from the root of its repository. */
  model: string;
  /** Files of recorded evidence, absolute, and the folder of some: scans of datasets are looked for in them. */
  recorded: readonly string[];
  mayUseCache: boolean;
  signal?: AbortSignal | undefined;
}

/**
 * What can be seen of datasets that are files of the repository: whether a register knows them, whether they are what it says,
 * whether a scan looked at them, and whether they are classified. Those that are elsewhere stay as they are.
 */
export async function withLocalEvidence(
  named: readonly DatasetEvidence[],
  options: DatasetEvidenceOptions,
): Promise<DatasetEvidence[]> {
  const base = repositoryOf(options.model);
  const found = named.map((dataset) => ({ dataset, path: localPath(dataset.name, options.model, base) }));
  const paths = found.flatMap(({ path }) => path ?? []);
  if (paths.length === 0) return [...named];
  const states = await verifyDatasets({
    paths,
    base,
    configuration: options.scanner.configuration,
    mayUseCache: options.mayUseCache,
    signal: options.signal ?? new AbortController().signal,
    onProgress: () => undefined,
  });
  const scans = recordedScans(options);
  const result: DatasetEvidence[] = [];
  for (const { dataset, path } of found) {
    if (path === null) {
      result.push(dataset);
      continue;
    }
    const inBase = relative(base, path).split(sep).join('/');
    const state = states.find((each) => each.path === inBase) ?? around(states, inBase);
    const scan = await scanOf(path, scans, options, base);
    result.push({ ...dataset, ...evidenceOf(state), ...scan, path: shown(path, options) });
  }
  return result;
}

function shown(path: string, { scanner }: DatasetEvidenceOptions): string {
  return relative(scanner.base, path).split(sep).join('/') || '.';
}

/** A name is a path where something stands there: beside the model, or below the root of its repository. */
function localPath(name: string, model: string, base: string): string | null {
  if (!/[/.]/.test(name) || /^[a-z][a-z\d+.-]+:/i.test(name)) return null;
  const folder = statSync(model).isFile() ? dirname(model) : model;
  for (const from of [folder, base]) {
    const path = resolve(from, name);
    if (path.startsWith(base + sep) && statSync(path, { throwIfNoEntry: false })) return path;
  }
  return null;
}

/** The record of a folder speaks of the files in it. */
function around(states: readonly DatasetState[], path: string): DatasetState | undefined {
  return states.find((each) => each.isFolder && (each.path === '.' || path.startsWith(`${each.path}/`)));
}

function evidenceOf(
  state: DatasetState | undefined,
): Pick<DatasetEvidence, 'registered' | 'verified' | 'record' | 'classified' | 'classification'> {
  if (!state || state.state === 'unregistered' || state.state === 'no-digest') {
    return { registered: false, verified: null, record: null, classified: null, classification: null };
  }
  const own = state.records.find(({ kind }) => kind === 'provenance');
  const record = own ?? state.records.find(({ digests }) => digests.length > 0);
  const verified = { verified: true, mismatch: false, missing: false }[state.state as string] ?? null;
  return {
    registered: true,
    verified,
    record: record?.path ?? null,
    classified: own ? state.classification !== null : null,
    classification: state.classification,
  };
}

interface RecordedScan {
  /** As the scan showed it: from where it ran. */
  path: string;
  /** Of what it read. */
  sha256: string;
  errors: number;
}

/** What recorded results of `weighbridge dataset scan --format json` looked at. */
function recordedScans({ scanner, recorded }: DatasetEvidenceOptions): RecordedScan[] {
  const folder = scanner.configuration.policy.evidence;
  const inFolder =
    folder !== null && statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true
      ? entriesOf(folder)
          .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
          .map(({ name }) => join(folder, name))
          .sort()
      : [];
  return [...inFolder, ...recorded].flatMap((file) => {
    const fields = read(file);
    if (!('detectionLimit' in fields) || !Array.isArray(fields['datasets'])) return [];
    const findings = listOf(fields['findings']).map(fieldsOf);
    return listOf(fields['datasets']).flatMap((each) => {
      const { path, sha256 } = fieldsOf(each);
      const [named, digest] = [textOf(path), textOf(sha256)];
      if (named === null || digest === null) return [];
      const errors = findings.filter((finding) => finding['path'] === named && finding['severity'] === 'error').length;
      return [{ path: named, sha256: digest, errors }];
    });
  });
}

/**
 * Whether every data file at the path was scanned with the bytes that it has now, wherever the scan ran. False where a scan looked at other
 * bytes of it, null where none looked at it at all.
 */
async function scanOf(
  path: string,
  scans: readonly RecordedScan[],
  { scanner: { base }, mayUseCache, signal }: DatasetEvidenceOptions,
  root: string,
): Promise<Pick<DatasetEvidence, 'scanned' | 'scan_errors'>> {
  if (scans.length === 0) return { scanned: null, scan_errors: null };
  const files = dataFiles(path);
  const measured = await measure(
    files.map((file) => ({ path: file, algorithm: 'sha256' as const })),
    { root, cache: mayUseCache ? new DigestCache(datasetCacheFile(root)) : null, signal },
  );
  const last = measured.map((digest) => digest && scans.findLast(({ sha256 }) => sha256 === digest.digest));
  const found = last.flatMap((scan) => scan ?? []);
  if (files.length > 0 && found.length === files.length) {
    return { scanned: true, scan_errors: found.reduce((sum, { errors }) => sum + errors, 0) };
  }
  const isAbout = found.length > 0 || scans.some((scan) => files.includes(resolve(base, scan.path)));
  return { scanned: isAbout ? false : null, scan_errors: null };
}

const longest = 64 << 20;

function read(file: string): Record<string, Json> {
  try {
    return statSync(file).size > longest ? {} : fieldsOf(JSON.parse(readFileSync(file, 'utf8')) as Json);
  } catch {
    // Recorded evidence that cannot be read is told of where it is read for what it is.
    return {};
  }
}
