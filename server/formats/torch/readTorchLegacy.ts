import type { Reader } from '../reader.ts';
import { SliceSource } from '../source.ts';
import { legacyExtents, legacyPickles, readLegacyCheckpoint } from './legacyLayout.ts';
import { scanMachineLimits } from './machineLimits.ts';
import { Refusal } from './refusal.ts';
import { refusedFacts, torchFacts } from './torchFacts.ts';

/**
 * Reads a PyTorch file from before 1.6 (or `_use_new_zipfile_serialization=False`): five pickles one after another,
 * each of which PyTorch loads, then raw storages, which it does not.
 */
export const readTorchLegacy: Reader = (source, context) => {
  const limits = scanMachineLimits(context.budget);
  const { extents, failure } = legacyExtents(source, limits);
  for (const { name, start, end } of extents) {
    context.descend(new SliceSource(source, start, end - start), name, 'torch-legacy');
  }
  if (failure) {
    // What has no end is still run up to where it breaks.
    const start = extents.at(-1)?.end ?? 0;
    context.descend(
      new SliceSource(source, start, source.size - start),
      legacyPickles[extents.length]!,
      'torch-legacy',
    );
    context.add(refusedFacts(failure, 'legacy', context.entry));
    return;
  }
  try {
    const { checkpoint, end } = readLegacyCheckpoint(source, extents, limits);
    context.add(torchFacts(checkpoint, context.entry));
    if (end < source.size) {
      context.descend(new SliceSource(source, end, source.size - end), '(after the storages)', 'torch-legacy');
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    context.add(refusedFacts(error, 'legacy', context.entry));
    if (/^the file ends/.test(error.message)) {
      context.problem({ code: 'truncated', offset: error.offset, message: error.message, incomplete: false });
    }
  }
};
