import {
  CodeLensRefreshRequest,
  LSPErrorCodes,
  MessageType,
  ResponseError,
  ShowMessageNotification,
  type ClientCapabilities,
  type Connection,
} from 'vscode-languageserver/node';
import type { ClientCommand, InitializationOptions, Settings } from './protocol.ts';
import { WeighbridgeError } from '../errors.ts';

/** What this client can do and may do. Features ask here instead of reading capabilities themselves. */
export class Session {
  readonly connection: Connection;
  readonly #capabilities: ClientCapabilities;
  readonly #options: InitializationOptions;
  #trusted: boolean;
  #settings: Settings;

  constructor(connection: Connection, capabilities: ClientCapabilities, options: unknown) {
    this.connection = connection;
    this.#capabilities = capabilities;
    this.#options = isObject(options) ? options : {};
    this.#trusted = this.#options.trusted !== false;
    this.#settings = this.#options.settings ?? {};
  }

  /** The client asks for the diagnostics of open documents; otherwise they are pushed. */
  get pullsDiagnostics(): boolean {
    return this.#capabilities.textDocument?.diagnostic !== undefined;
  }

  get canRefreshDiagnostics(): boolean {
    return this.#capabilities.workspace?.diagnostics?.refreshSupport === true;
  }

  get showsRelatedInformation(): boolean {
    const text = this.#capabilities.textDocument;
    return (text?.diagnostic?.relatedInformation ?? text?.publishDiagnostics?.relatedInformation) === true;
  }

  get showsMarkdown(): boolean {
    return this.#capabilities.textDocument?.hover?.contentFormat?.includes('markdown') === true;
  }

  get hasWorkspaceFolders(): boolean {
    return this.#capabilities.workspace?.workspaceFolders === true;
  }

  get canRegisterWatchers(): boolean {
    return this.#capabilities.workspace?.didChangeWatchedFiles?.dynamicRegistration === true;
  }

  get answersConfiguration(): boolean {
    return this.#capabilities.workspace?.configuration === true;
  }

  get canRegisterConfiguration(): boolean {
    return this.#capabilities.workspace?.didChangeConfiguration?.dynamicRegistration === true;
  }

  /** Asks the client to ask for lenses anew, where it can be asked. */
  refreshLenses(): void {
    if (this.#capabilities.workspace?.codeLens?.refreshSupport !== true) return;
    void this.connection.sendRequest(CodeLensRefreshRequest.type).catch((error: unknown) => {
      this.logFailure('Could not refresh the lenses', error);
    });
  }

  get canShowDocument(): boolean {
    return this.#capabilities.window?.showDocument?.support === true;
  }

  /** Whether a feature is registered once the client runs, for the documents that it is about. */
  registers(feature: 'formatting' | 'inlayHint'): boolean {
    return this.#capabilities.textDocument?.[feature]?.dynamicRegistration === true;
  }

  /** Whether the client asks anew for what it shows when it is told to. */
  refreshes(feature: 'codeLens' | 'inlayHint'): boolean {
    return this.#capabilities.workspace?.[feature]?.refreshSupport === true;
  }

  get appliesEdits(): boolean {
    return this.#capabilities.workspace?.applyEdit === true;
  }

  /** Edits may create files. */
  get canCreateByEdit(): boolean {
    const edit = this.#capabilities.workspace?.workspaceEdit;
    return edit?.documentChanges === true && edit.resourceOperations?.includes('create') === true;
  }

  get wantsStatus(): boolean {
    return this.#options.status === true;
  }

  get wantsModels(): boolean {
    return this.#options.models === true;
  }

  get wantsDatasets(): boolean {
    return this.#options.datasets === true;
  }

  get wantsAiboms(): boolean {
    return this.#options.aiboms === true;
  }

  /** Edits may name the version of the text that they are for. */
  get editsByVersion(): boolean {
    return this.#capabilities.workspace?.workspaceEdit?.documentChanges === true;
  }

  get completesBySnippets(): boolean {
    return this.#capabilities.textDocument?.completion?.completionItem?.snippetSupport === true;
  }

  get wantsGates(): boolean {
    return this.#options.gates === true;
  }

  get wantsDangerInUse(): boolean {
    return this.#options.dangerInUse === true;
  }

  /** Weighbridge's own client says itself what a command came to. */
  get reportsOutcomes(): boolean {
    return this.#options.clientCommands !== undefined;
  }

  hasCommand(command: ClientCommand): boolean {
    return this.#options.clientCommands?.includes(command) === true;
  }

  get trusted(): boolean {
    return this.#trusted;
  }

  grantTrust(): void {
    this.#trusted = true;
  }

  get settings(): Settings {
    return this.#settings;
  }

  set settings(settings: unknown) {
    this.#settings = isObject(settings) ? settings : {};
  }

  /** Says something to the user. A notification: a request would wait for an answer that nobody owes. */
  tell(message: string): void {
    void this.connection.sendNotification(ShowMessageNotification.type, { type: MessageType.Info, message });
  }

  /** @throws {ResponseError} when the workspace is not trusted. */
  requireTrust(): void {
    if (!this.#trusted) {
      throw new ResponseError(
        LSPErrorCodes.RequestFailed,
        'This workspace is not trusted, so Weighbridge writes nothing in it: trust the workspace first.',
      );
    }
  }

  /**
   * Runs a request; a failure is logged and gives `fallback`, so that nothing stale is shown and the server goes on.
   * Protocol answers (cancelled, superseded) pass through.
   */
  async guard<T>(what: string, fallback: T, work: () => Promise<T> | T): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof ResponseError) throw error;
      this.logFailure(what, error);
      return fallback;
    }
  }

  logFailure(what: string, error: unknown): void {
    const detail =
      error instanceof WeighbridgeError ? error.message : error instanceof Error ? error.stack : String(error);
    this.connection.console.error(`${what}: ${detail ?? 'unknown error'}`);
  }
}

function isObject(value: unknown): value is Record<string, never> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
