import path from 'node:path';
import { DiagnosticSeverity, type Diagnostic } from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { unknownKeys } from '../../aibom/editing/sideFileKeys.ts';
import { sideFileName } from '../../aibom/names.ts';
import { diagnosticSource } from '../diagnostics.ts';
import type { Aiboms } from './aiboms.ts';

const severities = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  info: DiagnosticSeverity.Information,
};

/** What is wrong with a bill of materials, or with the side file beside it; empty for any other text. */
export async function aibomDiagnostics(aiboms: Aiboms, file: string, document: TextDocument): Promise<Diagnostic[]> {
  if (path.basename(file) === sideFileName) return slips(document);
  const found = await aiboms.diagnostics(file, document.getText());
  return found.map(({ start, end, severity, code, message }) => ({
    range: { start: document.positionAt(start), end: document.positionAt(end) },
    severity: severities[severity],
    code,
    source: diagnosticSource,
    message,
  }));
}

function slips(document: TextDocument): Diagnostic[] {
  return unknownKeys(document.getText()).map(({ key, line }) => ({
    range: { start: { line: line - 1, character: 0 }, end: { line: line - 1, character: key.length } },
    severity: DiagnosticSeverity.Warning,
    code: 'aibom/unknown-key',
    source: diagnosticSource,
    message: `Nothing reads the key ${key}, so it says nothing in the bill of materials: is it spelled as documented?`,
  }));
}
