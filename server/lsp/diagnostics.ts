import {
  DiagnosticSeverity,
  type Diagnostic,
  type DiagnosticRelatedInformation,
  type Range,
} from 'vscode-languageserver/node';
import { markOf } from './findingMark.ts';
import type { ConfigurationMistake } from '../engine/configurationFile.ts';
import type { Finding, Severity } from '../rules/finding.ts';
import { rulePageUrl } from '../rules/page.ts';
import { uriOfPath } from './address.ts';

export const diagnosticSource = 'weighbridge';

const severities: Record<Severity, DiagnosticSeverity> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  info: DiagnosticSeverity.Information,
};

/** "Character exceeds line length" means the end of the line (LSP 3.18, Position). */
const endOfLine = 2 ** 31 - 1;

const start: Range = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };

/** A text that names an artifact: where, and what it says of loading it. */
export interface Usage {
  /** Absolute. */
  path: string;
  /** 1-based. */
  line: number;
}

/** What turns a finding into a diagnostic, beside the finding. */
export interface Surroundings {
  /** Absolute path of a path that is relative to the folder. */
  absolute: (relative: string) => string;
  /** Where the file is used, when it is an artifact. */
  usedBy: Usage[];
  related: boolean;
}

export function toDiagnostic(finding: Finding, around: Surroundings): Diagnostic {
  const related = around.related ? relatedInformation(finding, around) : [];
  return {
    range: rangeOf(finding),
    severity: severities[finding.severity],
    code: finding.ruleId,
    codeDescription: { href: rulePageUrl(finding.ruleId) },
    source: diagnosticSource,
    message: finding.message,
    ...(related.length > 0 && { relatedInformation: related }),
    data: markOf(finding),
  };
}

/** A mistake in `weighbridge.yaml`: it is no finding, and no baseline accepts it. */
export function toMistakeDiagnostic({ line, column, message }: ConfigurationMistake): Diagnostic {
  return {
    range: { start: { line: line - 1, character: column - 1 }, end: { line: line - 1, character: endOfLine } },
    severity: DiagnosticSeverity.Error,
    source: diagnosticSource,
    message,
  };
}

/** Where a finding stands: its text, or the start of a binary file. */
export function rangeOf(finding: Finding): Range {
  const { line, column, endLine, endColumn } = finding.location;
  if (line === null) return start;
  const character = (column ?? 1) - 1;
  return {
    start: { line: line - 1, character },
    end: { line: (endLine ?? line) - 1, character: endColumn === undefined ? endOfLine : endColumn - 1 },
  };
}

function relatedInformation(finding: Finding, around: Surroundings): DiagnosticRelatedInformation[] {
  const related: DiagnosticRelatedInformation[] = [];
  const { entry, byteOffset } = finding.location;
  if (entry !== null || byteOffset !== null) {
    related.push({
      location: { uri: uriOfPath(around.absolute(finding.path)), range: start },
      message: describePlace(entry, byteOffset),
    });
  }
  for (const place of finding.related ?? []) {
    const at = describePlace(place.entry ?? null, place.byteOffset ?? null);
    related.push({
      location: { uri: uriOfPath(around.absolute(place.path)), range: lineRange(place.line ?? null) },
      message: at === '' ? place.message : `${place.message} (${at})`,
    });
  }
  for (const usage of around.usedBy) {
    related.push({
      location: { uri: uriOfPath(usage.path), range: lineRange(usage.line) },
      message: `line ${usage.line} uses this file`,
    });
  }
  return related;
}

/** `archive/data.pkl, byte 41` */
export function describePlace(entry: string | null, byteOffset: number | null): string {
  const parts = [];
  if (entry !== null && entry !== '') parts.push(entry);
  if (byteOffset !== null) parts.push(`byte ${byteOffset}`);
  return parts.join(', ');
}

function lineRange(line: number | null): Range {
  if (line === null) return start;
  return { start: { line: line - 1, character: 0 }, end: { line: line - 1, character: endOfLine } };
}
