import type { Inspection, PickleFacts } from '../formats/facts.ts';
import type { FileInspection } from '../engine/fileWork.ts';
import { markOf } from './findingMark.ts';
import type { Finding, Severity } from '../rules/finding.ts';
import { modelRows } from '../report/modelRows.ts';
import { sectionsOf } from './inspectionSections.ts';
import { rulePageUrl } from '../rules/page.ts';
import type { InspectedPickle, InspectResult } from './protocol.ts';
import { verdict } from './verdict.ts';

/** What goes to a view at once; tensors and disassembly are paged, lists of entries are cut and say so. */
const entriesShown = 1_000;
const importsShown = 500;

/** Everything the inspector shows at first sight, in the words it shows it in. */
export function describeInspection(
  name: string,
  { summary, inspection }: FileInspection,
  findings: Finding[],
  mayWrite: boolean,
): InspectResult {
  const tensors = inspection.parts.filter((part) => 'tensors' in part);
  const archives = inspection.parts.filter((part) => part.kind === 'archive');
  const torch = inspection.parts.find((part) => part.kind === 'torch');
  return {
    name,
    format: inspection.format,
    size: summary.size,
    complete: summary.complete,
    verdict: verdict(inspection.parts, findings, summary.complete),
    findings: findings.map((finding) => ({
      fingerprint: markOf(finding),
      ruleId: finding.ruleId,
      rulePage: rulePageUrl(finding.ruleId),
      severity: finding.severity,
      message: finding.message,
      entry: finding.location.entry,
      byteOffset: finding.location.byteOffset,
    })),
    problems: inspection.problems.slice(0, entriesShown),
    properties: properties(inspection),
    pickles: pickles(inspection, findings),
    tensorCount: tensors.reduce((sum, part) => sum + part.tensorCount, 0),
    tensorsKept: tensors.reduce((sum, part) => sum + part.tensors.length, 0),
    others: torch?.others ?? [],
    sections: sectionsOf(inspection.parts),
    graphs: inspection.parts.flatMap((part) =>
      part.kind === 'graph' && part.format === 'onnx' ? [{ entry: part.entry, nodes: part.nodes }] : [],
    ),
    archives: archives.map(({ entry, format, entries, anomalies }) => ({
      entry,
      format,
      entryCount: entries.length,
      anomalyCount: anomalies.length,
    })),
    conversion: summary.conversion
      ? { state: summary.conversion.state, reason: summary.conversion.reason ?? null }
      : null,
    mayWrite,
  };
}

function properties({ parts }: Inspection): { name: string; value: string }[] {
  const rows: { name: string; value: string }[] = [];
  for (const part of parts) {
    switch (part.kind) {
      case 'torch':
        rows.push({ name: 'Byte order', value: `${part.byteOrder}-endian` });
        break;
      case 'safetensors':
        rows.push({ name: 'Header', value: `${part.headerBytes.toLocaleString('en')} bytes` });
        for (const [key, value] of Object.entries(part.metadata).slice(0, 50))
          rows.push({ name: key, value: cut(value) });
        break;
      case 'numpy':
        rows.push({
          name: part.entry || 'Array',
          value: `${part.descr ?? 'unreadable'}, shape (${part.shape.join(', ')})`,
        });
        if (part.objects) rows.push({ name: 'Elements', value: 'Python objects, which are unpickled when loaded' });
        break;
      case 'pickle':
        rows.push({
          name: part.entry || 'Pickle',
          value: `protocol ${part.protocol}, ${part.opcodes.toLocaleString('en')} opcodes`,
        });
        break;
      case 'graph':
        for (const [key, value] of Object.entries(part.properties).slice(0, 100))
          rows.push({ name: key, value: cut(value) });
        break;
      case 'hdf5':
      case 'keras':
      case 'gguf':
      case 'template':
      case 'names':
      case 'rds':
      case 'msgpack':
        rows.push({ name: part.entry || 'Content', value: modelRows(part).title });
        break;
      default:
        break;
    }
  }
  return rows.slice(0, 200);
}

function pickles({ parts }: Inspection, findings: Finding[]): InspectedPickle[] {
  return parts
    .filter((part) => part.kind === 'pickle')
    .map((part) => ({
      entry: part.entry,
      context: part.context,
      protocol: part.protocol,
      streams: part.streams,
      opcodes: part.opcodes,
      imports: byDanger(part, findings).slice(0, importsShown),
      importCount: part.importCount,
      violations: part.violations.slice(0, entriesShown),
      marked: marks(part, findings),
    }));
}

/** Opcodes that a finding speaks of: where the name is taken, and where it is called. */
function marks(part: PickleFacts, findings: Finding[]): InspectedPickle['marked'] {
  const marked = new Map<number, { offset: number; severity: Severity; message: string }>();
  for (const { location, severity, message } of findings) {
    if ((location.entry ?? '') !== part.entry || location.byteOffset === null || severity === 'info') continue;
    const offset = location.byteOffset;
    marked.set(offset, { offset, severity, message });
    const call = part.imports.find((each) => each.offset === offset)?.callOffset;
    if (call !== undefined && !marked.has(call)) marked.set(call, { offset: call, severity, message });
  }
  return [...marked.values()].sort((a, b) => a.offset - b.offset).slice(0, entriesShown);
}

function byDanger(part: PickleFacts, findings: Finding[]): PickleFacts['imports'] {
  const rank: Record<Severity, number> = { error: 0, warning: 1, info: 2 };
  const ranks = new Map<number, number>();
  for (const { location, severity } of findings) {
    if ((location.entry ?? '') !== part.entry || location.byteOffset === null) continue;
    ranks.set(location.byteOffset, Math.min(rank[severity], ranks.get(location.byteOffset) ?? 3));
  }
  return [...part.imports].sort(
    (a, b) => (ranks.get(a.offset) ?? 3) - (ranks.get(b.offset) ?? 3) || a.offset - b.offset,
  );
}

function cut(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)}...` : text;
}
