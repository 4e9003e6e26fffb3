import type { ArchiveFacts, FormatId } from '../facts.ts';
import type { ReadContext, Reader } from '../reader.ts';
import { GraphCollector } from '../graph/collector.ts';
import { readTorchScriptCode } from '../torchscript/code.ts';
import { readZip } from '../zip/reader.ts';
import { scanMachineLimits } from './machineLimits.ts';
import { Refusal } from './refusal.ts';
import { refusedFacts, torchFacts } from './torchFacts.ts';
import { isTorchScript, readZipCheckpoint, torchFolder } from './zipLayout.ts';

/** `model/code/__torch__/net.py`, at any depth below the code folder. */
const codeFile = /(?:^|\/)code\/.+\.py$/i;

/**
 * Reads a PyTorch archive: as the ZIP archive that it is (every entry is inspected, whatever its name), and as a
 * checkpoint. Pickles inside are read as PyTorch's, where persistent ids are ordinary.
 */
export const readTorchZip: Reader = (source, context) => {
  let archive: ArchiveFacts | null = null;
  let parent: FormatId = 'torch-zip';
  let complete = true;
  let code: GraphCollector | null = null;
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
    descend: (child, name) => {
      if (parent === 'torchscript' && codeFile.test(name)) {
        const where = context.entry === '' ? name : `${context.entry}!${name}`;
        code ??= new GraphCollector(context, 'torchscript');
        if (!readTorchScriptCode(child, where, code)) {
          const message = `a code file is too long to be read whole (${JSON.stringify(name.slice(0, 200))})`;
          context.problem({ code: 'limit-memory', offset: null, message, incomplete: true });
        }
      }
      context.descend(child, name, parent);
    },
  };
  readZip(source, inner);
  (code as GraphCollector | null)?.finish();
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
