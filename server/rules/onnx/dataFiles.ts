import { inspect } from '../../formats/inspect.ts';
import { leadsOutside } from '../../formats/graph/outsidePath.ts';
import { defaultLimits } from '../../formats/limits.ts';
import type { DirectorySubject } from '../directory.ts';

/** Beyond this the model has its tensors in itself. */
const longestModel = 64 << 20;
const modelsRead = 16;
/** Steps, not time, so that the same model gives the same answer: far more than a graph without its tensors takes. */
const limits = { ...defaultLimits, opcodes: 1_000_000 };

/** Several rules ask about the same directory. */
const known = new WeakMap<DirectorySubject, Map<string, Map<string, number>>>();

/** By model of the directory: the files that it takes tensors from, and the bytes that each has to have. */
export function onnxDataFiles(directory: DirectorySubject): Map<string, Map<string, number>> {
  let files = known.get(directory);
  if (files === undefined) {
    const models = directory.artifacts.filter(({ format }) => format === 'onnx').slice(0, modelsRead);
    files = new Map(models.map(({ name }) => [name, dataFilesOf(directory, name)]));
    known.set(directory, files);
  }
  return files;
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
