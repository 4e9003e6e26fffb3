import type { FileInspection } from '../engine/fileWork.ts';
import type { PartFacts, TensorFact } from '../formats/facts.ts';
import type { DisassemblyRow } from '../formats/pickle/disassemble.ts';
import { plain, type Colours } from './colour.ts';
import { bytesInWords, count, printable } from './printable.ts';
import { modelRows } from './modelRows.ts';
import { findingLine } from './text.ts';

/** The opcodes of one pickle of a file. */
export interface EntryListing {
  /** Path inside containers; empty for the file itself. */
  entry: string;
  rows: DisassemblyRow[];
  /** Why the listing ends before the pickle does. */
  problem?: string;
}

/** Tensors and entries that are listed before the rest is only counted. */
const shown = 200;

/** What a file is, for a person at a terminal. */
export function inspectionText(
  { summary, inspection, findings }: FileInspection,
  listings: EntryListing[] | null,
  colours: Colours = plain,
): string {
  const lines: string[] = [];
  const section = (title: string, rows: string[]): void => {
    if (rows.length > 0) lines.push('', colours.strong(title), ...rows.map((row) => `  ${row}`));
  };
  const { path, format, size, complete, conversion } = summary;
  lines.push(
    `${colours.strong(printable(path))}: ${format}, ${bytesInWords(size)}${complete ? '' : ', not completely inspected'}`,
  );
  if (conversion) lines.push(conversionLine(conversion));
  for (const part of inspection.parts) section(printable(titleOf(part)), cut(rowsOf(part)));
  section(
    'Problems',
    inspection.problems.map(({ entry, message }) => printable(entry ? `${entry}: ${message}` : message)),
  );
  if (findings.length > 0)
    lines.push('', colours.strong('Findings'), ...findings.map((each) => findingLine(each, colours)));
  for (const { entry, rows, problem } of listings ?? []) {
    const width = String(rows.at(-1)?.offset ?? 0).length;
    section(printable(`Opcodes${entry ? ` of ${entry}` : ''}`), [
      ...rows.map(({ offset, opcode, argument, stack }) => {
        const row = `${String(offset).padStart(width)}  ${opcode} ${argument}`.trimEnd();
        return printable(stack ? `${row.padEnd(stackColumn)}  ; ${stack}` : row);
      }),
      ...(problem ? [printable(`(${problem})`)] : []),
    ]);
  }
  return `${lines.join('\n')}\n`;
}

/** Column of what an opcode leaves on the stack, where the opcode is shorter. */
const stackColumn = 40;

function conversionLine({ state, reason }: NonNullable<FileInspection['summary']['conversion']>): string {
  switch (state) {
    case 'yes':
      return 'Can be converted: weighbridge convert FILE';
    case 'tensors-only':
      return `Its tensors can be converted (weighbridge convert FILE --tensors-only): ${printable(reason ?? '')}`;
    case 'no':
      return `Cannot be converted: ${printable(reason ?? '')}`;
  }
}

function titleOf(part: PartFacts): string {
  const at = part.entry ? ` in ${part.entry}` : '';
  switch (part.kind) {
    case 'pickle':
      return `Pickle${at}: protocol ${part.protocol}, ${count(part.opcodes, 'opcode')}, ${count(part.importCount, 'import')}`;
    case 'archive':
      return `Archive${at}: ${part.format}, ${count(part.entries.length, 'entry', 'entries')}`;
    case 'torch':
      return `PyTorch checkpoint${at}: ${count(part.tensorCount, 'tensor')}, ${part.byteOrder}-endian`;
    case 'safetensors':
      return `safetensors${at}: ${count(part.tensorCount, 'tensor')}, header of ${bytesInWords(part.headerBytes)}`;
    case 'numpy':
      return `NumPy array${at}: version ${part.version}`;
    case 'graph':
      return `${part.format}${at}: ${count(part.nodes, 'node')}, ${count(part.operators.length, 'operator')}, ${count(part.tensorCount, 'tensor')}`;
    case 'hdf5':
    case 'keras':
    case 'gguf':
    case 'template':
    case 'names':
    case 'rds':
    case 'msgpack':
      return modelRows(part).title.replace(':', `${at}:`);
    case 'unread':
      return `${part.format}${at}: recognised, its content is not read`;
  }
}

function rowsOf(part: PartFacts): string[] {
  switch (part.kind) {
    case 'pickle':
      return part.imports.map(({ module, name, called, call, offset }) => {
        const full = `${module ?? '(computed)'}.${name ?? '(computed)'}`;
        return `${call ?? full}${called ? '  called' : ''}  @ byte ${offset}`;
      });
    case 'archive':
      return [
        ...part.entries.map(({ name, size }) => `${name}  ${bytesInWords(size)}`),
        ...part.anomalies.map(({ message }) => `! ${message}`),
      ];
    case 'torch':
      return [
        ...part.tensors.map(tensorRow),
        ...part.others.map(({ key, what }) => `${key}  ${what}`),
        ...part.violations.map(({ message }) => `! ${message}`),
      ];
    case 'safetensors':
      return [
        ...Object.entries(part.metadata).map(([key, value]) => `${key} = ${value}`),
        ...part.tensors.map(tensorRow),
        ...part.violations.map(({ message }) => `! ${message}`),
      ];
    case 'numpy':
      return [
        `${part.descr ?? '(unreadable)'}  [${part.shape.join(', ')}]${part.objects ? '  Python objects' : ''}`,
        ...part.violations.map(({ message }) => `! ${message}`),
      ];
    case 'graph':
      return [
        ...Object.entries(part.properties).map(([key, value]) => `${key} = ${value}`),
        ...Object.entries(part.metadata).map(([key, value]) => `${key} = ${value}`),
        ...part.references.map(({ what, by, name, offset }) => `${what} ${name}  named by ${by}  @ byte ${offset}`),
        ...part.operators.map(({ domain, name, count: times }) => `${domain ? `${domain}.` : ''}${name}  x ${times}`),
        ...part.tensors.map(tensorRow),
      ];
    case 'hdf5':
    case 'keras':
    case 'gguf':
    case 'template':
    case 'names':
    case 'rds':
    case 'msgpack':
      return [
        ...modelRows(part).rows.map(({ name, value }) => `${name}  ${value}`),
        ...('tensors' in part ? part.tensors.map(tensorRow) : []),
      ];
    case 'unread':
      return [];
  }
}

function tensorRow({ name, dtype, shape, bytes }: TensorFact): string {
  return `${name}  ${dtype}  [${shape.join(', ')}]  ${bytesInWords(bytes)}`;
}

function cut(rows: string[]): string[] {
  const printed = rows.slice(0, shown).map(printable);
  return rows.length > shown ? [...printed, `... and ${rows.length - shown} more (--format json lists all)`] : printed;
}
