import type { FormatId } from '../facts.ts';
import type { Budget } from '../limits.ts';
import type { ByteSource } from '../source.ts';
import { readZipDirectory } from './directory.ts';

/**
 * What a ZIP archive is, by the names in it. Sources: PyTorch `caffe2/serialize/inline_container.cc`, NumPy `npyio.py`,
 * Keras `saving_lib.py`,
 * TorchServe's model archiver.
 */
export function zipFormat(source: ByteSource, budget: Budget): FormatId {
  const { entries } = readZipDirectory(source, budget);
  const names = entries.map((entry) => entry.name.toLowerCase());
  const inTopFolder = (path: string) =>
    names.some(
      (name) => name === path || (name.endsWith(`/${path}`) && name.split('/').length === path.split('/').length + 1),
    );
  if (inTopFolder('data.pkl')) {
    const scripted = inTopFolder('constants.pkl') && names.some((name) => /^([^/]+\/)?code\//.test(name));
    return scripted ? 'torchscript' : 'torch-zip';
  }
  if (names.length > 0 && names.every((name) => name.endsWith('.npy'))) return 'npz';
  if (names.includes('config.json') && names.includes('metadata.json')) return 'keras';
  if (names.includes('mar-inf/manifest.json')) return 'torchserve';
  if (names.includes('schema.json') && names.every((name) => !name.includes('/'))) return 'skops';
  return 'zip';
}
