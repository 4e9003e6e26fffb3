import { inspect } from '../../formats/inspect.ts';
import { leadsOutside } from '../../formats/graph/outsidePath.ts';
import { defaultLimits } from '../../formats/limits.ts';
import type { DirectorySubject } from '../directory.ts';

/** Beyond this the model has its tensors in itself. */
const longestModel = 64 << 20;
/** What is read of the models of one folder: bytes, because what a model costs is its length, and models in all. */
const bytesRead = 1 << 30;
const modelsRead = 4_000;
/** Steps, not time, so that the same model gives the same answer: far more than a graph without its tensors takes. */
const limits = { ...defaultLimits, opcodes: 1_000_000 };

export interface OnnxDataFiles {
  /** By model of the directory: the files that it takes tensors from, and the bytes that each has to have. */
  models: Map<string, Map<string, number>>;
  /** Models that were not looked at, because the others took all that may be read. */
  left: string[];
}

/** Several rules ask about the same directory. */
const known = new WeakMap<DirectorySubject, OnnxDataFiles>();

/** The data files of the ONNX models that stand in a directory. */
export function onnxDataFiles(directory: DirectorySubject): OnnxDataFiles {
  let files = known.get(directory);
  if (files === undefined) known.set(directory, (files = readDataFiles(directory)));
  return files;
}

function readDataFiles(directory: DirectorySubject): OnnxDataFiles {
  const models = new Map<string, Map<string, number>>();
  const left: string[] = [];
  let room = bytesRead;
  for (const { name, format, size } of directory.artifacts) {
    if (format !== 'onnx') continue;
    const cost = size > longestModel ? 0 : size;
    if (models.size >= modelsRead || cost > room) {
      left.push(name);
      continue;
    }
    room -= cost;
    models.set(name, dataFilesOf(directory, name));
  }
  return { models, left };
}

/** The files inside the folder that a model takes tensors from, and the bytes that each has to have. */
function dataFilesOf(directory: DirectorySubject, model: string): Map<string, number> {
  const files = new Map<string, number>();
  const parts = directory.read(model, (source) =>
    source.size > longestModel ? [] : inspect(source, model, limits).parts,
  );
  for (const part of parts ?? []) {
    if (part.kind !== 'graph' || part.format !== 'onnx' || part.entry !== '') continue;
    for (const { what, name, breach, end } of part.references) {
      if (what !== 'data' || name === '' || breach !== undefined || leadsOutside(name) !== null) continue;
      files.set(name, Math.max(files.get(name) ?? 0, end ?? 0));
    }
  }
  return files;
}
