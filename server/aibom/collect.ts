import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { FileSource } from '../files/fileSource.ts';
import type { Inspection } from '../formats/facts.ts';
import { identify } from '../formats/identify.ts';
import { inspect } from '../formats/inspect.ts';
import { Draft } from './draft.ts';
import { fileHashes, type KeptDigests } from './fileHashes.ts';
import { type FolderFile, headOf, ModelFolder } from './folder.ts';
import { lfsPointer, longestPointer } from './lfsPointer.ts';
import { readLicences } from './licence/reconcile.ts';
import type { FileRecord, LibraryRecord, VulnerabilityRecord } from './record.ts';
import { readCard } from './sources/card.ts';
import { readConfigs } from './sources/config.ts';
import { readDvc } from './sources/dvc.ts';
import { readEnvironment } from './sources/environment.ts';
import { readEvaluations } from './sources/evaluation.ts';
import { type Identity, identityOf, readIdentity } from './sources/identity.ts';
import { hashLocalDatasets, readCroissant } from './sources/localDatasets.ts';
import { readMlflow } from './sources/mlflow.ts';
import { readSideFile } from './sources/sideFile.ts';
import { readSignatures } from './sources/signature.ts';
import { readTraining } from './sources/training.ts';
import { countParameters, readWeights, type Weights } from './sources/weights.ts';

/** All that is known of a model on disk. */
export interface ModelRecord {
  draft: Draft;
  identity: Identity;
  /** SHA-256 over the sorted lines `<hash>  <path>` of all files, as `sha256sum` writes them. */
  digest: string;
  /** A version made of the digest, for models that nobody has given one. */
  contentVersion: string;
  /** Milliseconds: `SOURCE_DATE_EPOCH`, or the newest change of a file. */
  timestamp: number;
  /** False where files could not be listed or read. */
  complete: boolean;
}

/** What this tool found in one file, by rule. */
export interface FileFinding {
  ruleId: string;
  severity: 'error' | 'warning' | 'info';
}

export interface CollectOptions {
  /** Absolute paths that are no part of the model, such as the file that is about to be written. */
  without?: readonly string[];
  signal?: AbortSignal;
  /** Told of each file when it is done. */
  onProgress?: (done: number, total: number, path: string) => void;
  /** Told while files are hashed, in bytes. */
  onHashing?: (done: number, total: number) => void;
  /** Inspects a model file; by default here and now, which blocks the thread. */
  examine?: (path: string) => Promise<{ inspection: Inspection; findings: readonly FileFinding[] }>;
  /** SHA-256 of a file, hex; by default all files are read. A caller that knows hashes of unchanged files can give them. */
  hash?: (path: string, signal?: AbortSignal) => Promise<string>;
  /** Where digests of files are kept between runs. */
  digestCache?: KeptDigests;
  environment?: NodeJS.ProcessEnv;
  /** Knows what is wrong with versions of packages; by default nothing is looked up. */
  vulnerabilities?: (packages: readonly LibraryRecord[]) => Promise<readonly VulnerabilityRecord[]>;
}

/** Formats that hold no model, and are not inspected. */
const plain = new Set(['text', 'unknown', 'empty', 'template']);

/**
 * Reads a model's folder, or one file. Nothing in it is executed, and nothing is fetched.
 * @throws {WeighbridgeError} `not-found`, `unreadable`; `AbortError`.
 */
export async function collect(path: string, options: CollectOptions = {}): Promise<ModelRecord> {
  const folder = new ModelFolder(path, options.without);
  const draft = new Draft();
  readSideFile(folder, draft);
  readIdentity(folder, draft);
  readCard(folder, draft);
  readConfigs(folder, draft);
  const weights = await readFiles(folder, draft, options);
  countParameters(weights, draft);
  readTraining(folder, draft);
  readMlflow(folder, draft);
  readDvc(folder, draft);
  readCroissant(folder, draft);
  await hashLocalDatasets(folder, draft, options.signal);
  readEvaluations(folder, draft);
  readEnvironment(folder, draft);
  if (options.vulnerabilities) draft.vulnerabilities.push(...(await options.vulnerabilities(draft.libraries)));
  readLicences(folder, draft);
  readSignatures(folder, draft);
  draft.trim();
  const identity = identityOf(folder, draft);
  if (identity.purl !== undefined) {
    const url = `https://huggingface.co/${identity.group}/${identity.name}`;
    draft.reference({ type: 'distribution', url, origin: { file: '.', technique: 'manifest-analysis' } });
  }
  for (const problem of folder.problems) draft.note(problem);
  const digest = digestOf(draft.files);
  return {
    draft,
    identity,
    digest,
    contentVersion: `sha256-${digest.slice(0, 12)}`,
    timestamp: timestampOf(folder, options.environment ?? process.env),
    complete: folder.problems.length === 0 && draft.files.every(({ sha256 }) => sha256 !== null),
  };
}

export function digestOf(files: readonly Pick<FileRecord, 'path' | 'sha256'>[]): string {
  const hash = createHash('sha256');
  for (const { path, sha256 } of files) hash.update(`${sha256 ?? 'unreadable'}  ${path}\n`);
  return hash.digest('hex');
}

/** https://reproducible-builds.org/specs/source-date-epoch/ */
function timestampOf(folder: ModelFolder, environment: NodeJS.ProcessEnv): number {
  const epoch = environment['SOURCE_DATE_EPOCH'];
  if (epoch !== undefined && /^\d{1,11}$/.test(epoch)) return Number(epoch) * 1000;
  return folder.files.reduce((newest, { modified }) => Math.max(newest, modified), 0);
}

async function readFiles(folder: ModelFolder, draft: Draft, options: CollectOptions): Promise<Weights[]> {
  const weights: Weights[] = [];
  const hashes = options.hash ? null : await fileHashes(folder, options);
  let done = 0;
  for (const file of folder.files) {
    options.signal?.throwIfAborted();
    const read = await readFile(folder, file, draft, options, hashes?.get(file.path));
    if (read) weights.push(read);
    options.onProgress?.(++done, folder.files.length, file.path);
  }
  return weights;
}

async function readFile(
  folder: ModelFolder,
  file: FolderFile,
  draft: Draft,
  options: CollectOptions,
  hashed: string | undefined,
): Promise<Weights | null> {
  const absolute = folder.absolute(file.path);
  const record: FileRecord = {
    path: file.path,
    size: file.size,
    sha256: null,
    pointer: false,
    format: null,
    role: roleByName(file.path),
    properties: [],
  };
  draft.files.push(record);
  try {
    const pointer = file.size <= longestPointer ? lfsPointer(headOf(absolute, longestPointer)) : null;
    if (pointer) {
      Object.assign(record, { size: pointer.size, sha256: pointer.oid, pointer: true });
      return null;
    }
    record.sha256 = hashed ?? (await options.hash?.(absolute, options.signal)) ?? null;
    const format = formatOf(absolute);
    if (plain.has(format)) return null;
    const { inspection, findings } = await (options.examine ?? examineHere)(absolute);
    record.format = inspection.format;
    if (record.role === 'other') record.role = 'weights';
    for (const { ruleId, severity } of distinct(findings))
      record.properties.push({ name: `weighbridge:finding:${severity}`, value: ruleId });
    // The state of an optimiser is as large as the model, and no part of it.
    return record.role === 'training' ? null : readWeights(record, inspection, draft);
  } catch (error) {
    if (options.signal?.aborted) throw error;
    folder.problems.push(`${file.path} could not be read whole: ${(error as Error).message}`);
    return null;
  }
}

const distinct = (findings: readonly FileFinding[]): FileFinding[] =>
  [...new Map(findings.map((each) => [`${each.ruleId} ${each.severity}`, each])).values()].sort((a, b) =>
    a.ruleId < b.ruleId ? -1 : 1,
  );

function formatOf(path: string): string {
  const source = new FileSource(path);
  try {
    return identify(source, basename(path))[0] ?? 'unknown';
  } finally {
    source.close();
  }
}

function examineHere(path: string): Promise<{ inspection: Inspection; findings: readonly FileFinding[] }> {
  const source = new FileSource(path);
  try {
    return Promise.resolve({ inspection: inspect(source, basename(path)), findings: [] });
  } finally {
    source.close();
  }
}

function roleByName(path: string): FileRecord['role'] {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  if (
    /^(?:training_args|optimizer|scheduler|scaler|rng_state)[\w.-]*\.(?:bin|pt|pth)$|^trainer_state\.json$/.test(name)
  )
    return 'training';
  if (/^(?:licen[cs]e|copying|notice)\b|^use_policy/.test(name)) return 'licence';
  if (
    /\.(?:safetensors|gguf|onnx|pt|pth|ckpt|h5|keras|tflite|pb|msgpack|pdparams|ot|onnx_data|mlmodel|pkl|joblib)$/.test(
      name,
    ) ||
    /^(?:pytorch_model|model|adapter_model|tf_model|flax_model|diffusion_pytorch_model)[\w.-]*\.bin$/.test(name)
  )
    return 'weights';
  if (
    /^(?:tokenizer|vocab|merges|special_tokens|added_tokens|spiece|sentencepiece|chat_template)|\.(?:tiktoken|model)$/.test(
      name,
    )
  )
    return 'tokenizer';
  if (/\.(?:md|markdown|rst|pdf|png|jpe?g|svg)$/.test(name)) return 'documentation';
  if (/\.(?:py|ipynb|sh|js|ts|so|dll)$/.test(name)) return 'code';
  if (/\.(?:csv|tsv|parquet|arrow|jsonl)$/.test(name)) return 'data';
  if (/\.(?:json|ya?ml|toml|cfg|ini|txt|lock)$/.test(name) || name === 'mlmodel') return 'configuration';
  return 'other';
}
