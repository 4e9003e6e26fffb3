import { basename, resolve } from 'node:path';
import type { Configuration } from '../engine/configuration.ts';
import type { FileInspection } from '../engine/fileWork.ts';
import { WorkspaceScanner } from '../engine/workspaceScanner.ts';
import { WeighbridgeError } from '../errors.ts';
import { FileSource } from '../files/fileSource.ts';
import { openEntry } from '../formats/inspect.ts';
import { disassemble } from '../formats/pickle/disassemble.ts';
import { withStack } from '../formats/pickle/symbolicStack.ts';
import { inspectionText, type EntryListing } from '../report/inspectionText.ts';
import { jsonFinding, tool } from '../report/json.ts';
import { addressForms, isSourceAddress } from '../sources/address.ts';
import { coloursFor, emit, exitCodes, type Command, type Io } from './io.ts';
import { choice, commonHelp, configuration, flag, readArguments } from './options.ts';
import { outputFile } from './outputFile.ts';

const help = `Usage: weighbridge inspect FILE|SOURCE [OPTION...]

Shows what a file is: its format by content, tensors, metadata, imports, and what the rules say of it. Nothing is executed.

A SOURCE names one file elsewhere, of which only what is read is fetched (docs/sources.md):
  ${Object.values(addressForms).join('\n  ')}

Options:
  --format FORMAT   text (default) or json
  --disassemble     List the opcodes of every pickle in the file, with byte offsets and what each leaves on the stack

${commonHelp}
Examples:
  weighbridge inspect pytorch_model.bin
  weighbridge inspect model.pkl --disassemble
  weighbridge inspect model.safetensors --format json
  weighbridge inspect hf://organisation/model/model.safetensors
`;

/** Opcodes that one listing shows at most. */
const longestListing = 100_000;

export const inspect: Command = {
  help,
  endsAtOnce: true,
  async run(args, io) {
    const { values, positionals } = readArguments('inspect', args, { disassemble: { type: 'boolean' } });
    const format = choice(values, 'format', ['text', 'json'], 'text');
    const [name, ...more] = positionals;
    if (name === undefined || name === '')
      throw new WeighbridgeError('bad-usage', 'name the file to inspect: weighbridge inspect FILE');
    if (more.length > 0)
      throw new WeighbridgeError('bad-usage', `inspect takes one file, and ${positionals.length} were named`);
    const isSource = isSourceAddress(name);
    const path = resolve(io.cwd, name);
    const output = await outputFile(values, io.cwd, isSource ? [] : [path]);
    const settings = await configuration(values, io.cwd);
    const colours = coloursFor(io, { noColor: flag(values, 'no-color'), output });
    const shown = (inspected: FileInspection, file: string) => {
      const listings = flag(values, 'disassemble') ? listingsOf(file, inspected) : null;
      return format === 'json' ? inspectionJson(inspected, listings) : inspectionText(inspected, listings, colours);
    };
    const text = isSource
      ? await inspectElsewhere(name, settings, io, shown)
      : await inspectHere(path, settings, io, shown);
    io.takeInterrupts?.();
    if (!flag(values, 'quiet') || output !== undefined || format !== 'text') await emit(io, text, output);
    return exitCodes.ok;
  },
};

type Show = (inspected: FileInspection, file: string) => string;

async function inspectHere(path: string, settings: Configuration, io: Io, show: Show): Promise<string> {
  const isolate = io.isolate === true;
  const scanner = new WorkspaceScanner({ base: io.cwd, configuration: settings, cache: false, isolate });
  try {
    return show(await scanner.files.inspectFile(path, { signal: io.signal }), path);
  } finally {
    await scanner.dispose();
  }
}

async function inspectElsewhere(address: string, settings: Configuration, io: Io, show: Show): Promise<string> {
  const { inspectSource } = await import('../engine/scanSource.ts');
  const { environment, signal } = io;
  io.takeInterrupts?.();
  return inspectSource(address, { configuration: settings, environment, signal }, show);
}

function inspectionJson({ summary, inspection, findings }: FileInspection, listings: EntryListing[] | null): string {
  const { path, format, size, complete, conversion } = summary;
  return `${JSON.stringify(
    {
      schemaVersion: 1,
      tool,
      path,
      format,
      size,
      complete,
      ...(conversion ? { conversion } : {}),
      parts: inspection.parts,
      problems: inspection.problems,
      findings: findings.map(jsonFinding),
      ...(listings ? { disassembly: listings } : {}),
    },
    null,
    2,
  )}\n`;
}

/** The opcodes of every pickle in the file. */
function listingsOf(path: string, { inspection }: FileInspection): EntryListing[] {
  const entries = new Set(inspection.parts.filter(({ kind }) => kind === 'pickle').map(({ entry }) => entry));
  const source = new FileSource(path);
  try {
    return [...entries].map((entry) => {
      const content = openEntry(source, basename(path), entry);
      if (!content) return { entry, rows: [], problem: 'the entry cannot be opened' };
      const { rows, next, problem } = disassemble(content, 0, longestListing);
      const cut = next === null ? problem : `the listing is cut after ${longestListing} opcodes`;
      return { entry, rows: withStack(content, rows), ...(cut ? { problem: cut } : {}) };
    });
  } finally {
    source.close();
  }
}
