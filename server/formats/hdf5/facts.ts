import type { TensorFact } from '../facts.ts';

export interface Hdf5Facts {
  kind: 'hdf5';
  entry: string;
  /** Version of the superblock. */
  version: number;
  groups: number;
  /** Datasets; `dtype` as safetensors names it, or `string`, `reference`, `compound` and the like. */
  tensors: TensorFact[];
  tensorCount: number;
  /** Attributes with their values cut short. */
  attributes: { object: string; name: string; value: string; offset: number }[];
  /** Links that lead out of the file. */
  externalLinks: { path: string; file: string; target: string; offset: number }[];
  /** Datasets whose bytes stand in other files. */
  externalStorage: { path: string; file: string; offset: number }[];
  /** Datasets that are put together from others; `.` is the file itself. */
  virtualSources: { path: string; file: string; dataset: string; offset: number }[];
  /** Objects that hold references to objects or regions. */
  references: string[];
  /** Datasets that claim far more than the file can hold. */
  oversized: { path: string; bytes: number; offset: number }[];
}
