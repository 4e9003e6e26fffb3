import type { FormatId } from '../facts.ts';
import type { Budget } from '../limits.ts';
import type { ByteSource } from '../source.ts';
import { readTarEntries } from './entries.ts';

/**
 * What a tar archive is, by the names in it: PyTorch 0.1 wrote `sys_info`, `pickle`, `storages` and `tensors`;
 * NeMo archives have a `model_config.yaml`. Sources: `torch/serialization.py`, `nemo/core/connectors/save_restore_connector.py`.
 */
export function tarFormat(source: ByteSource, budget: Budget): FormatId {
  const names = new Set(readTarEntries(source, budget).entries.map((entry) => entry.name.replace(/^\.\//, '')));
  // Any of the three that hold pickles is reason enough to read them as PyTorch would.
  if (names.has('storages') || names.has('tensors') || (names.has('pickle') && names.has('sys_info')))
    return 'torch-tar';
  return names.has('model_config.yaml') ? 'nemo' : 'tar';
}
