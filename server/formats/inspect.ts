import type { FormatId, Inspection, PartFacts, ReadProblem, RecognisedFormat } from './facts.ts';
import { readBzip2, readGzip, readLz4, readLzma, readXz, readZlib, readZstd } from './compression/reader.ts';
import { readPackageManifest } from './coreml/packageManifest.ts';
import { readCoreml } from './coreml/reader.ts';
import { readExecutorch } from './executorch/reader.ts';
import { identify } from './identify.ts';
import { Budget, defaultLimits } from './limits.ts';
import type { Limits } from './limits.ts';
import { readGgml } from './gguf/ggml.ts';
import { readGguf } from './gguf/reader.ts';
import { readHdf5 } from './hdf5/reader.ts';
import { readKeras } from './keras/reader.ts';
import { readSkops } from './names/skops.ts';
import { readTextMember } from './names/textMember.ts';
import { readMsgpack } from './msgpack/reader.ts';
import { readNpy } from './numpy/reader.ts';
import { readOnnx } from './onnx/reader.ts';
import { readOpenvino } from './openvino/reader.ts';
import { readPaddle } from './paddle/reader.ts';
import { readPickle } from './pickle/reader.ts';
import { readPmml } from './pmml/reader.ts';
import type { ReadContext, Reader } from './reader.ts';
import { readSafetensors } from './safetensors/reader.ts';
import { readSevenZip } from './sevenzip/reader.ts';
import type { ByteSource } from './source.ts';
import { readTar } from './tar/reader.ts';
import { tarFormat } from './tar/format.ts';
import { readKerasMetadataFile, readMetaGraph, readSavedModel, readTensorflowGraph } from './tensorflow/reader.ts';
import { readRds } from './rds/reader.ts';
import { readTemplate } from './template/reader.ts';
import { readTensorrt } from './tensorrt/reader.ts';
import { readTflite } from './tflite/reader.ts';
import { readTorchLegacy, readTorchTar, readTorchZip } from './torch/reader.ts';
import { treeReader } from './trees/reader.ts';
import { readZip } from './zip/reader.ts';
import { zipFormat } from './zip/format.ts';

/**
 * Reads an artifact whole: what it is, and what every part of it holds, in memory and time bounded by the limits.
 * It never throws on content; an error of the source itself (a file that vanishes) is thrown on, unless `tell` puts it
 * into words: then it is a problem of the part that was being read, and what else was found stays.
 */
export function inspect(
  source: ByteSource,
  name: string,
  limits: Limits = defaultLimits,
  tell: ((cause: unknown) => string) | null = null,
): Inspection {
  const artifact = new Artifact(limits, source.size);
  artifact.tell = tell;
  const format = artifact.read(source, new PartContext(artifact, '', name, 0, null));
  if (artifact.budget.cutShort) artifact.outOfTime();
  return { format, size: source.size, parts: artifact.parts, problems: artifact.problems };
}

/**
 * What a file is, by its first bytes and its name alone; nothing in it is judged. A pickle that only its content shows to be
 * joblib's is a pickle here.
 */
export function formatOf(source: ByteSource, name: string, limits: Limits = defaultLimits): FormatId {
  const artifact = new Artifact(limits, source.size);
  const [format = 'unknown'] = identify(source, name);
  if (format === 'zip') return zipFormat(source, artifact.budget);
  return format === 'tar' ? tarFormat(source, artifact.budget) : format;
}

/**
 * The bytes of one entry of an artifact, by the name that its facts carry: for showing what was found in it. They may be
 * a window of `source`, which must stay open for as long as they are read.
 * @returns null when there is no such entry, or the limits end before it is reached.
 */
export function openEntry(
  source: ByteSource,
  name: string,
  entry: string,
  limits: Limits = defaultLimits,
): ByteSource | null {
  if (entry === '') return source;
  const artifact = new Artifact(limits, source.size, entry);
  artifact.read(source, new PartContext(artifact, '', name, 0, null));
  return artifact.found;
}

const readers: Partial<Record<FormatId, Reader>> = {
  pickle: readPickle,
  joblib: readPickle,
  'torch-zip': readTorchZip,
  torchscript: readTorchZip,
  'torch-legacy': readTorchLegacy,
  'torch-tar': readTorchTar,
  numpy: readNpy,
  npz: readZip,
  keras: readKeras,
  hdf5: readHdf5,
  gguf: readGguf,
  ggml: readGgml,
  skops: readSkops,
  rds: readRds,
  msgpack: readMsgpack,
  text: readTextMember,
  template: readTemplate,
  torchserve: readZip,
  nemo: readTar,
  zip: readZip,
  tar: readTar,
  gzip: readGzip,
  zlib: readZlib,
  bzip2: readBzip2,
  xz: readXz,
  lzma: readLzma,
  lz4: readLz4,
  zstd: readZstd,
  '7z': readSevenZip,
  safetensors: readSafetensors,
  onnx: readOnnx,
  tflite: readTflite,
  executorch: readExecutorch,
  coreml: readCoreml,
  'coreml-package': readPackageManifest,
  openvino: readOpenvino,
  paddle: readPaddle,
  pmml: readPmml,
  tensorrt: readTensorrt,
  xgboost: treeReader('xgboost'),
  lightgbm: treeReader('lightgbm'),
  catboost: treeReader('catboost'),
  'tf-saved-model': readSavedModel,
  'tf-meta-graph': readMetaGraph,
  'tf-graph': readTensorflowGraph,
  'keras-metadata': readKerasMetadataFile,
};

/** Recognised by their bytes, and not read (or, for an archive, read only for what any archive holds). */
const unread = new Set<FormatId>(['git-lfs-pointer']);

/** Problems that are kept: a hostile archive can have one per entry. */
const problemsKept = 1_000;

class Artifact {
  readonly parts: PartFacts[] = [];
  readonly problems: ReadProblem[] = [];
  readonly budget: Budget;
  /** When set, only what lies on the way to this entry is read. */
  readonly wanted: string | null;
  found: ByteSource | null = null;
  /** Puts an error of a reader into words; null when errors are thrown on. */
  tell: ((cause: unknown) => string) | null = null;

  constructor(limits: Limits, size: number, wanted: string | null = null) {
    this.budget = new Budget(limits, size);
    this.wanted = wanted;
  }

  /** True when an entry needs no reading: it is what was looked for, or does not hold it. */
  passes(entry: string, source: ByteSource): boolean {
    if (this.wanted === null) return false;
    if (entry === this.wanted) this.found ??= source;
    return this.found !== null || !this.wanted.startsWith(`${entry}!`);
  }

  /** Tells once that time ran out where no reader could tell. */
  outOfTime(): void {
    if (this.problems.some(({ code }) => code === 'limit-time')) return;
    const message = 'expanding it took longer than the limit allows';
    this.problems.push({ code: 'limit-time', entry: '', offset: null, message, incomplete: true });
  }

  /** Reads bytes by every reading that holds; gives the first, which names the whole. */
  read(source: ByteSource, context: PartContext): FormatId {
    const before = this.parts.length;
    const formats =
      this.#guard(context, () =>
        identify(source, context.name, context.parent).map((format) => this.#refine(source, format)),
      ) ?? [];
    for (const format of formats) {
      if (unread.has(format))
        this.parts.push({ kind: 'unread', entry: context.entry, format: format as RecognisedFormat });
      this.#guard(context, () => readers[format]?.(source, context));
    }
    return this.#nameOf(formats[0] ?? 'unknown', context, before);
  }

  /** Turns an error into a problem, where there is somebody to put it into words. */
  #guard<T>(context: PartContext, read: () => T): T | undefined {
    try {
      return read();
    } catch (cause) {
      if (this.tell === null) throw cause;
      const message = this.tell(cause);
      this.problems.push({ code: 'unreadable', entry: context.entry, offset: null, message, incomplete: true });
      return undefined;
    }
  }

  /** An archive is named by what it holds. */
  #refine(source: ByteSource, format: FormatId): FormatId {
    if (format === 'zip') return zipFormat(source, this.budget);
    if (format === 'tar') return tarFormat(source, this.budget);
    return format;
  }

  /** A pickle that names joblib's arrays is a joblib file. */
  #nameOf(format: FormatId, context: PartContext, before: number): FormatId {
    if (format !== 'pickle') return format;
    // Its own parts alone: an archive may have tens of thousands of pickles.
    for (let index = before; index < this.parts.length; index++) {
      const part = this.parts[index];
      if (part?.kind === 'pickle' && part.entry === context.entry && part.context === 'joblib') return 'joblib';
    }
    return format;
  }
}

class PartContext implements ReadContext {
  readonly entry: string;
  readonly name: string;
  readonly depth: number;
  readonly parent: FormatId | null;
  readonly budget: Budget;
  readonly #artifact: Artifact;

  constructor(artifact: Artifact, entry: string, name: string, depth: number, parent: FormatId | null) {
    this.#artifact = artifact;
    this.budget = artifact.budget;
    this.entry = entry;
    this.name = name;
    this.depth = depth;
    this.parent = parent;
  }

  add(part: PartFacts): void {
    this.#artifact.parts.push(part);
  }

  problem(problem: Omit<ReadProblem, 'entry'>): void {
    if (this.#artifact.problems.length < problemsKept) this.#artifact.problems.push({ ...problem, entry: this.entry });
  }

  descend(child: ByteSource, name: string, parent: FormatId): void {
    const { budget } = this;
    const entry = this.entry === '' ? name : `${this.entry}!${name}`;
    if (this.#artifact.passes(entry, child)) return;
    const stop = (code: ReadProblem['code'], message: string) => {
      const told = this.#artifact.problems.some((problem) => problem.code === code);
      if (!told) this.#artifact.problems.push({ code, entry, offset: null, message, incomplete: true });
    };
    if (this.depth >= budget.limits.depth) {
      return stop('limit-depth', `containers are nested deeper than ${budget.limits.depth}`);
    }
    if (budget.entries <= 0) return stop('limit-entries', `it has more than ${budget.limits.entries} entries in all`);
    if (budget.timeIsUp) return stop('limit-time', 'reading it took longer than the limit allows');
    budget.entries--;
    this.#artifact.read(child, new PartContext(this.#artifact, entry, name, this.depth + 1, parent));
  }
}
