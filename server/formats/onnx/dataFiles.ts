import type { Inspection } from '../facts.ts';
import { leadsOutside } from '../graph/outsidePath.ts';

/** A file beside an ONNX model that holds data of its tensors. */
export interface DataFile {
  /** Relative to the model's folder, as the model writes it. */
  name: string;
  /** Bytes that the file has to have, for the tensor that reaches furthest. */
  bytes: number;
}

/** The files inside its folder that an ONNX model takes tensors from. What leads elsewhere has a finding of its own. */
export function dataFilesOf({ parts }: Inspection): DataFile[] {
  const files = new Map<string, number>();
  for (const part of parts) {
    if (part.kind !== 'graph' || part.format !== 'onnx' || part.entry !== '') continue;
    for (const { what, name, breach, end } of part.references) {
      if (what !== 'data' || name === '' || breach !== undefined || leadsOutside(name) !== null) continue;
      files.set(name, Math.max(files.get(name) ?? 0, end ?? 0));
    }
  }
  return [...files].map(([name, bytes]) => ({ name, bytes }));
}
