import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach } from 'node:test';
import { buildTorchZip, floats, stateDictPickle, type BuildTensor } from '../formats/torch/torchBuilder.fixture.ts';

/** A folder of a suite, empty before each of its tests. */
export interface CheckpointFolder {
  file: (name: string) => string;
  /** Writes a file. @returns its path. */
  put: (bytes: Uint8Array | string, name?: string) => string;
  /** The names of what is there, sorted. */
  names: () => string[];
}

/** Makes it before the tests of the suite that this is called in, and removes it after them. */
export function checkpointFolder(): CheckpointFolder {
  let folder = '';
  const file = (name: string): string => join(folder, name);
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'weighbridge-convert-'));
  });
  beforeEach(() => {
    for (const name of readdirSync(folder)) rmSync(file(name), { recursive: true });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  return {
    file,
    put: (bytes, name = 'model.pt') => {
      writeFileSync(file(name), bytes);
      return file(name);
    },
    names: () => readdirSync(folder).sort(),
  };
}

/** The data of a storage of six elements. */
export const six = floats(0, 1, 2, 3, 4, 5);

/** A tensor over all of it, unless told. */
export const tensor = (name: string, more: Partial<BuildTensor> = {}): BuildTensor => ({
  name,
  key: '0',
  elements: 6,
  shape: [6],
  ...more,
});

/** A checkpoint of tensors of that storage. @param more lines of the listing, for what stands beside them. */
export const zip = (tensors: BuildTensor[], more = ''): Uint8Array =>
  buildTorchZip(stateDictPickle(tensors, 'zip', more), { 0: six });

/** Lines that call os.system. */
export const system = "BINUNICODE 'x'\nGLOBAL posix system\nBINUNICODE 'echo hi'\nTUPLE1\nREDUCE";
