import type { FileInspection } from '../engine/fileWork.ts';
import type { PartFacts, TensorFact } from '../formats/facts.ts';
import { modelRows } from './modelRows.ts';
import { printable } from './printable.ts';

/** Hexadecimal digits of a digest that are shown: enough to tell any two tensors of a model apart. */
const digitsShown = 16;

/**
 * What a model file is, one fact a line, in an order that depends on names alone: the lines of two files that an editor
 * compares then differ where the models do. Offsets and sizes of containers are left out, because they differ where
 * nothing else does.
 * @param digests of the tensors in the order of the parts, as `tensorDigests` gives them.
 */
export function comparableText(
  { summary, inspection, findings }: FileInspection,
  digests: readonly (string | null)[],
): string {
  const sections: [title: string, rows: string[]][] = [
    ['Format', [`${summary.format}${summary.complete ? '' : ', not completely inspected'}`]],
    ['Findings', findings.map(({ severity, ruleId, message }) => `${severity}  ${ruleId}  ${message}`)],
    ['Imports', inspection.parts.flatMap(importsOf)],
    ['Operators and references', inspection.parts.flatMap(operatorsOf)],
    ['Metadata', inspection.parts.flatMap(metadataOf)],
    ['Other values', inspection.parts.flatMap((part) => ('others' in part ? part.others.map(other) : []))],
    ['Tensors (name, type, shape, SHA-256 of the values)', tensorRows(inspection.parts, digests)],
  ];
  return sections
    .filter(([, rows]) => rows.length > 0)
    .map(
      ([title, rows]) =>
        `${title}\n${[...new Set(rows)]
          .sort()
          .map((row) => `  ${printable(row)}\n`)
          .join('')}`,
    )
    .join('\n');
}

function tensorRows(parts: readonly PartFacts[], digests: readonly (string | null)[]): string[] {
  const tensors: TensorFact[] = parts.flatMap((part) => ('tensors' in part ? part.tensors : []));
  return tensors.map(({ name, dtype, shape }, index) => {
    const digest = digests[index]?.slice(0, digitsShown) ?? 'values not read: they do not stand in one piece';
    return `${name}  ${dtype}  [${shape.join(', ')}]  ${digest}`;
  });
}

function importsOf(part: PartFacts): string[] {
  if (part.kind !== 'pickle') return [];
  return part.imports.map(
    ({ module, name, call, called }) =>
      `${module ?? '(computed)'}.${name ?? '(computed)'}${call === undefined ? (called ? '  called' : '') : `  ${call}`}`,
  );
}

function operatorsOf(part: PartFacts): string[] {
  if (part.kind !== 'graph') return [];
  return [
    ...part.operators.map(({ domain, name, count }) => `${domain ? `${domain}.` : ''}${name}  x ${count}`),
    ...part.references.map(({ what, by, name }) => `${what} ${name}  named by ${by}`),
  ];
}

function metadataOf(part: PartFacts): string[] {
  const pairs = (record: Record<string, string>) => Object.entries(record).map(([key, value]) => `${key} = ${value}`);
  switch (part.kind) {
    case 'safetensors':
      return pairs(part.metadata);
    case 'graph':
      return [...pairs(part.properties), ...pairs(part.metadata)];
    case 'numpy':
      return [`${part.entry || 'array'} = ${part.descr ?? 'unreadable'}, shape (${part.shape.join(', ')})`];
    case 'hdf5':
    case 'keras':
    case 'gguf':
    case 'template':
    case 'names':
    case 'rds':
    case 'msgpack':
      return modelRows(part).rows.map(({ name, value }) => `${name} = ${value}`);
    default:
      return [];
  }
}

const other = ({ key, what }: { key: string; what: string }): string => `${key}  ${what}`;
