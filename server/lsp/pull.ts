import { createHash } from 'node:crypto';
import {
  DocumentDiagnosticReportKind,
  LSPErrorCodes,
  ResponseError,
  type CancellationToken,
  type Diagnostic,
  type DocumentDiagnosticParams,
  type DocumentDiagnosticReport,
} from 'vscode-languageserver/node';
import { pathOfUri } from './address.ts';
import type { ServerContext } from './context.ts';

/** Answers for one open document. What is not open is pushed, so that the answer for it is empty. */
export async function pullDiagnostics(
  params: DocumentDiagnosticParams,
  token: CancellationToken,
  context: ServerContext,
): Promise<DocumentDiagnosticReport> {
  const items = await itemsOf(params.textDocument.uri, context);
  if (token.isCancellationRequested) throw new ResponseError(LSPErrorCodes.RequestCancelled, 'cancelled');
  if (items === null) {
    throw new ResponseError(LSPErrorCodes.ServerCancelled, 'the text changed meanwhile', { retriggerRequest: true });
  }
  const resultId = createHash('sha256').update(JSON.stringify(items)).digest('base64');
  if (resultId === params.previousResultId) return { kind: DocumentDiagnosticReportKind.Unchanged, resultId };
  return { kind: DocumentDiagnosticReportKind.Full, resultId, items };
}

/** Of an open document or of a cell of an open notebook; null where it changed meanwhile. */
async function itemsOf(uri: string, context: ServerContext): Promise<Diagnostic[] | null> {
  const { documents, notebooks, publisher } = context;
  const cell = notebooks.cell(uri);
  if (cell) {
    const byCell = await notebooks.judge(cell.path);
    // A name that one cell gives a value means the same in the others.
    if (byCell && notebooks.othersChanged(byCell, uri)) publisher.rejudgeOpen();
    return byCell && publisher.toDiagnostics(cell.folder, byCell.get(uri) ?? []);
  }
  const path = pathOfUri(uri);
  const judged = path === null ? undefined : await documents.judge(path);
  if (judged?.superseded) return null;
  return judged && path !== null ? publisher.judgementDiagnostics(path, judged) : [];
}
