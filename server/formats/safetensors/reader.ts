import type { Reader } from '../reader.ts';
import { SliceSource } from '../source.ts';
import { parseSafetensorsHeader } from './header.ts';

export { parseSafetensorsHeader } from './header.ts';

/** Characters of a tensor's name that facts keep: a header may be one name of 100 MB. */
const nameKept = 4_096;

/** Reads a safetensors file: its header as facts, and whatever follows its last tensor. Tensor data is not read. */
export const readSafetensors: Reader = (source, context) => {
  const { headerBytes, dataStart, tensors, tensorCount, metadata, violations, problems } = parseSafetensorsHeader(
    source,
    context.budget,
  );
  context.add({
    kind: 'safetensors',
    entry: context.entry,
    headerBytes,
    tensors: tensors.map(({ name, dtype, shape, begin, end }) => ({
      name: name.slice(0, nameKept),
      dtype,
      shape,
      bytes: end - begin,
      offset: dataStart + begin,
    })),
    tensorCount,
    metadata,
    violations,
  });
  for (const problem of problems) context.problem(problem);
  const trailing = violations.find((violation) => violation.code === 'trailing-bytes');
  if (!trailing) return;
  context.descend(
    new SliceSource(source, trailing.offset, source.size - trailing.offset),
    '(after the tensors)',
    'safetensors',
  );
};
