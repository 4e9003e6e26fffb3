import {
  DocumentFormattingRequest,
  InlayHintRequest,
  LSPErrorCodes,
  ResponseError,
  type CancellationToken,
  type InlayHint,
  type TextEdit,
} from 'vscode-languageserver/node';
import { WeighbridgeError } from '../../errors.ts';
import type { ServerContext } from '../context.ts';
import { requireFields, type Fields } from '../parameters.ts';
import { auditLogText } from './auditText.ts';
import { openPolicy } from './documentFeatures.ts';
import { formatPolicy } from './formatting.ts';
import { whoMaySubmit } from './jobs.ts';
import * as protocol from './protocol.ts';
import { resultHints } from './ruleResults.ts';
import { runTests, testsIn } from './tests.ts';

/** Only policies: an editor would otherwise ask for every text that it shows, and offer a formatter of everything. */
const documentSelector = [{ scheme: 'file', pattern: '**/*.rego' }];

/** Registers what concerns policies alone with clients that can be told so; the others find it in the capabilities. */
export async function registerPolicyFeatures({ session }: ServerContext): Promise<void> {
  const { client } = session.connection;
  if (session.registers('formatting')) await client.register(DocumentFormattingRequest.type, { documentSelector });
  if (session.registers('inlayHint')) await client.register(InlayHintRequest.type, { documentSelector });
}

/** What a client is told at the start, where it cannot be told later. */
export function policyCapabilities({ session }: ServerContext): Record<string, unknown> {
  return {
    ...(!session.registers('formatting') && { documentFormattingProvider: true }),
    ...(!session.registers('inlayHint') && { inlayHintProvider: true }),
  };
}

/** Answers requests about policies and gates. */
export function answerPolicyRequests(context: ServerContext): void {
  const { session, policies, folders } = context;
  const { connection } = session;

  const policyAt = (uri: string) => openPolicy(context, uri);

  connection.onDocumentFormatting(({ textDocument }, token) =>
    session.guard<TextEdit[]>('Could not lay out the policy', [], () => {
      const policy = policyAt(textDocument.uri);
      return policy ? formatPolicy(policies.typing, policy.document, signalOf(token)) : [];
    }),
  );
  connection.languages.inlayHint.on(({ textDocument, range }) =>
    session.guard<InlayHint[]>('Could not show results', [], async () => {
      const policy = policyAt(textDocument.uri);
      const results = policy && (await policies.resultsFor(policy.path));
      return results ? resultHints(policy.document, results, range) : [];
    }),
  );

  const answer = <P>(
    method: string,
    fields: Fields,
    work: (params: P, signal: AbortSignal) => Promise<object> | object,
  ) =>
    connection.onRequest(method, async (params: P, token: CancellationToken) => {
      requireFields(method, params, fields);
      return inWords(context, method, () => work(params, signalOf(token)));
    });
  answer(protocol.gates, {}, () => policies.list());
  answer(protocol.evaluateGate, { uri: 'string', gate: 'string' }, (params: protocol.GateParams, signal) =>
    policies.evaluateGate(params, { signal }),
  );
  answer(protocol.policyTests, { uris: 'texts' }, (params: protocol.PolicyFilesParams) =>
    testsIn(policies.typing, policies.sets, params),
  );
  answer(protocol.runPolicyTests, { uris: 'texts' }, (params: protocol.RunPolicyTestsParams, signal) => {
    policies.requireTrust();
    return runTests(policies.deciding, policies.sets, params, signal);
  });
  answer(protocol.whoMaySubmit, { uri: 'string' }, (params: protocol.JobParams, signal) =>
    whoMaySubmit(policies.deciding, folders, params, signal),
  );
  answer(protocol.auditLogs, {}, () =>
    folders
      .all()
      .map((folder) => auditLogText(folder, Date.now()))
      .filter((each) => each !== null),
  );
}

/** A failure of one of our own requests reaches the person in one sentence. */
async function inWords<T>({ session }: ServerContext, method: string, work: () => Promise<T> | T): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ResponseError) throw error;
    session.logFailure(`Could not answer ${method}`, error);
    if (!(error instanceof WeighbridgeError)) {
      throw new ResponseError(LSPErrorCodes.RequestFailed, 'This did not work, and the log says why.');
    }
    const code = error.code === 'cancelled' ? LSPErrorCodes.RequestCancelled : LSPErrorCodes.RequestFailed;
    throw new ResponseError(code, error.message);
  }
}

function signalOf(token: CancellationToken): AbortSignal {
  const controller = new AbortController();
  if (token.isCancellationRequested) controller.abort();
  token.onCancellationRequested(() => controller.abort());
  return controller.signal;
}
