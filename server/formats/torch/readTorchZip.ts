import type { ArchiveFacts, FormatId } from '../facts.ts';
import type { ReadContext, Reader } from '../reader.ts';
import { readZip } from '../zip/reader.ts';
import { scanMachineLimits } from './machineLimits.ts';
import { Refusal } from './refusal.ts';
import { refusedFacts, torchFacts } from './torchFacts.ts';
import { isTorchScript, readZipCheckpoint, torchFolder } from './zipLayout.ts';

/**
 * Reads a PyTorch archive: as the ZIP archive that it is (every entry is inspected, whatever its name), and as a
 * checkpoint. Pickles inside are read as PyTorch's, where persistent ids are ordinary.
 */
export const readTorchZip: Reader = (source, context) => {
  let archive: ArchiveFacts | null = null;
  let parent: FormatId = 'torch-zip';
  let complete = true;
  const inner: ReadContext = {
    entry: context.entry,
    name: context.name,
    depth: context.depth,
    parent: context.parent,
    budget: context.budget,
    add(part) {
      if (part.kind === 'archive' && archive === null) {
        archive = part;
        const folder = torchFolder(part.entries);
        if (folder !== null && isTorchScript(part.entries, folder)) parent = 'torchscript';
      }
      context.add(part);
    },
    problem(problem) {
      if (problem.code.startsWith('limit-')) complete = false;
      context.problem(problem);
    },
    descend: (child, name) => context.descend(child, name, parent),
  };
  readZip(source, inner);
  const { entries, anomalies } = (archive as ArchiveFacts | null) ?? { entries: [], anomalies: [] };
  if (torchFolder(entries) === null) return;
  try {
    const checkpoint = readZipCheckpoint(source, entries, anomalies, scanMachineLimits(context.budget), complete);
    context.add(torchFacts(checkpoint, context.entry));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    context.add(refusedFacts(error, 'zip', context.entry));
  }
};
