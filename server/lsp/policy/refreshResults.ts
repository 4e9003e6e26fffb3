import { CodeLensRefreshRequest, InlayHintRefreshRequest } from 'vscode-languageserver/node';
import type { Session } from '../session.ts';

/** Asks the editor to show what stands beside and above rules anew. */
export async function refreshResults(session: Session): Promise<void> {
  if (session.refreshes('inlayHint')) await session.connection.sendRequest(InlayHintRefreshRequest.type);
  if (session.refreshes('codeLens')) await session.connection.sendRequest(CodeLensRefreshRequest.type);
}
