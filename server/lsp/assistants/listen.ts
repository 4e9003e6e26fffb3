import { LSPErrorCodes, ResponseError, type CancellationToken } from 'vscode-languageserver/node';
import type { Calls } from '../../cli/mcp/calls.ts';
import type { ServerContext } from '../context.ts';
import { requireFields } from '../parameters.ts';
import { callTool, type CallToolParams, type CallToolResult } from './protocol.ts';

/** Answers the assistants of an editor by the tools that `weighbridge mcp` has; the workspace's folders are their roots. */
export function listenForAssistants({ session, folders }: ServerContext): void {
  // Loaded when an assistant first asks.
  let calls: Calls | undefined;
  session.connection.onRequest(
    callTool,
    async (params: CallToolParams, token: CancellationToken): Promise<CallToolResult> => {
      requireFields(callTool, params, { tool: 'string', given: 'object' });
      const { tool, given, longest } = params;
      const { Calls } = await import('../../cli/mcp/calls.ts');
      const { Roots } = await import('../../cli/mcp/roots.ts');
      const { readsFiles } = await import('../../cli/mcp/inputs.ts');
      // The configuration of a workspace that nobody trusts could say that all is well.
      if (readsFiles(tool) && !session.trusted) {
        throw new ResponseError(
          LSPErrorCodes.RequestFailed,
          'This workspace is not trusted, so assistants are told nothing of its files: a person has to trust it first.',
        );
      }
      const roots = Roots.of(folders.all().map(({ path }) => path));
      const stop = new AbortController();
      const heard = token.onCancellationRequested(() => stop.abort());
      if (token.isCancellationRequested) stop.abort();
      const host = { roots, environment: process.env, signal: stop.signal };
      try {
        calls ??= new Calls();
        const { text, failed } = await calls.answer(tool, given, host, longest);
        if (token.isCancellationRequested) throw new ResponseError(LSPErrorCodes.RequestCancelled, 'cancelled');
        return { text, failed };
      } finally {
        heard.dispose();
      }
    },
  );
}
