import { createHash } from 'node:crypto';
import {
  DocumentDiagnosticReportKind,
  LSPErrorCodes,
  ResponseError,
  type CancellationToken,
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
  const path = pathOfUri(params.textDocument.uri);
  const judged = path === null ? undefined : await context.documents.judge(path);
  if (token.isCancellationRequested) throw new ResponseError(LSPErrorCodes.RequestCancelled, 'cancelled');
  if (judged?.superseded) {
    throw new ResponseError(LSPErrorCodes.ServerCancelled, 'the text changed meanwhile', { retriggerRequest: true });
  }
  const items = judged && path !== null ? context.publisher.judgementDiagnostics(path, judged) : [];
  const resultId = createHash('sha256').update(JSON.stringify(items)).digest('base64');
  if (resultId === params.previousResultId) return { kind: DocumentDiagnosticReportKind.Unchanged, resultId };
  return { kind: DocumentDiagnosticReportKind.Full, resultId, items };
}
