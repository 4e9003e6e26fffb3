import {
  CodeActionKind,
  ErrorCodes,
  ExecuteCommandRequest,
  LSPErrorCodes,
  PositionEncodingKind,
  ResponseError,
  TextDocumentSyncKind,
  type Connection,
  type DocumentDiagnosticReport,
  type InitializeParams,
  type InitializeResult,
} from 'vscode-languageserver/node';
import { version } from '../engine/build.ts';
import { pathOfUri, uriOfPath } from './address.ts';
import { Aiboms } from './aibom/aiboms.ts';
import { listenForAiboms } from './aibom/aibomReport.ts';
import { sideFileCompletion } from './aibom/sideFileCompletion.ts';
import { listenForAssistants } from './assistants/listen.ts';
import { codeActions, fixAllKind } from './codeActions.ts';
import { commandNames, executeCommand } from './commands/index.ts';
import type { ServerContext } from './context.ts';
import { DangerousUses } from './dangerousUses.ts';
import { DatasetScans } from './datasets/datasetScans.ts';
import { dataLenses, listenForDatasets } from './datasets/listen.ts';
import type { Folder } from './folder.ts';
import { Folders } from './folders.ts';
import { hover } from './hover.ts';
import { Inspector } from './inspector.ts';
import { Registers } from './registers.ts';
import { Models } from './models.ts';
import { Notebooks, notebookSync } from './notebooks.ts';
import { OpenDocuments } from './openDocuments.ts';
import { postureLenses } from './texts/textHelp.ts';
import { policyCompletion, policyFixes, policyHover, policyLenses } from './policy/documentFeatures.ts';
import { Policies } from './policy/policies.ts';
import { answerPolicyRequests, policyCapabilities, registerPolicyFeatures } from './policy/requests.ts';
import * as protocol from './protocol.ts';
import { Publisher } from './publisher.ts';
import { pullDiagnostics } from './pull.ts';
import { Session } from './session.ts';
import { readSettings } from './settings.ts';
import { listenForSignatures } from './signing/signatures.ts';
import { StatusReporter } from './status.ts';
import { textHover, valueCompletion } from './texts/textHelp.ts';
import { filesChanged, registerWatchers } from './watching.ts';

/** Serves one client over a connection until it says goodbye. */
export function serve(connection: Connection): void {
  let server: Server | undefined;
  connection.onInitialize((params) => {
    // "The initialize request may only be sent once" (LSP 3.17).
    if (server) throw new ResponseError(ErrorCodes.InvalidRequest, 'The server is initialized already.');
    server = new Server(connection, params);
    return server.initializeResult();
  });
  connection.onInitialized(() => void server?.start());
  connection.onShutdown(() => server?.dispose());
  connection.listen();
}

class Server {
  readonly #context: ServerContext;
  readonly #inspector: Inspector;

  constructor(connection: Connection, params: InitializeParams) {
    const session = new Session(connection, params.capabilities, params.initializationOptions);
    const folders = new Folders(session, {
      results: (folder, results) => {
        // Where workspace folders lie in one another, the inner one answers for its files.
        const own = results.filter(({ path }) => folder.loose || folders.holding(folder.absolute(path)) === folder);
        this.#context.publisher.results(folder, own);
        this.#inspector.forget(own.map(({ path }) => folder.absolute(path)));
        this.#changed();
      },
      activity: () => this.#changed(),
      settled: (folder, paths) => this.#context.policies.settled(folder, paths),
      failed: (what, error) => session.logFailure(what, error),
    });
    const aiboms = new Aiboms(session, folders, () => this.#context.publisher.rejudgeOpen());
    const datasets = new DatasetScans();
    const notebooks = new Notebooks(folders);
    const documents = new OpenDocuments(folders, aiboms, datasets, notebooks);
    const publisher = new Publisher(session, documents, notebooks);
    const status = new StatusReporter(session, folders);
    const models = new Models(session, folders);
    const registers = new Registers(session, folders);
    const uses = new DangerousUses(session, folders, publisher);
    const policies = new Policies({ session, folders, documents, publisher, models });
    this.#context = {
      session,
      folders,
      documents,
      notebooks,
      publisher,
      status,
      models,
      registers,
      uses,
      aiboms,
      datasets,
      policies,
    };
    this.#inspector = new Inspector(this.#context);
    for (const uri of workspaceFolders(params)) folders.add(uri);
    this.#followDocuments();
    this.#answerRequests();
  }

  initializeResult(): InitializeResult {
    return {
      serverInfo: { name: 'weighbridge', version },
      capabilities: {
        positionEncoding: PositionEncodingKind.UTF16,
        textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: { includeText: false } },
        notebookDocumentSync: notebookSync,
        codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix, fixAllKind] },
        hoverProvider: true,
        completionProvider: { triggerCharacters: ['.'] },
        codeLensProvider: {},
        executeCommandProvider: { commands: commandNames },
        ...policyCapabilities(this.#context),
        workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
        ...(this.#context.session.pullsDiagnostics && {
          diagnosticProvider: {
            identifier: 'weighbridge',
            interFileDependencies: true,
            workspaceDiagnostics: false,
          },
        }),
      },
    };
  }

  async start(): Promise<void> {
    const { session, folders } = this.#context;
    const { connection } = session;
    if (session.hasWorkspaceFolders) {
      connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
        for (const { uri } of removed) void this.#close(uri);
        for (const { uri } of added) void this.#open(uri);
      });
    }
    await session.guard('Could not register with the client', undefined, () => registerWatchers(session));
    await session.guard('Could not register with the client', undefined, () => registerPolicyFeatures(this.#context));
    if (await session.guard('Could not read the settings', false, () => readSettings(session))) {
      await Promise.all(folders.all().map((folder) => folder.reconfigure()));
    }
    if (session.settings.scan?.onOpen !== false) await this.#scanAll();
    else this.#context.status.changed();
  }

  async dispose(): Promise<void> {
    this.#context.publisher.dispose();
    this.#context.status.dispose();
    this.#context.models.dispose();
    this.#context.registers.dispose();
    this.#context.uses.dispose();
    await this.#context.aiboms.dispose();
    await this.#context.policies.dispose();
    await this.#context.folders.dispose();
  }

  #followDocuments(): void {
    const { session, folders, documents, publisher } = this.#context;
    const { manager } = documents;
    manager.onDidOpen(({ document }) => {
      const path = pathOfUri(document.uri);
      if (path === null) return;
      publisher.opened(path);
      const folder = folders.of(path);
      if (folder.loose) folder.changed([path]);
    });
    manager.onDidChangeContent(({ document }) => {
      const path = pathOfUri(document.uri);
      if (path !== null) publisher.edited(path);
    });
    manager.onDidClose(({ document }) => {
      const path = pathOfUri(document.uri);
      if (path === null) return;
      this.#context.policies.closed(path);
      publisher.closed(document.uri, folders.of(path), path);
    });
    manager.onDidSave(({ document }) => {
      const path = pathOfUri(document.uri);
      if (path === null) return;
      folders.of(path).changed([path]);
      this.#context.aiboms.touched([path]);
    });
    manager.listen(session.connection);
    this.#followNotebooks();
  }

  #followNotebooks(): void {
    const { session, folders, notebooks, publisher } = this.#context;
    const { manager } = notebooks;
    manager.onDidOpen(({ uri }) => {
      const path = pathOfUri(uri);
      if (path === null) return;
      const folder = folders.of(path);
      publisher.notebookOpened(path, folder);
      if (folder.loose) folder.changed([path]);
    });
    manager.onDidChange(({ notebookDocument: { uri }, cells }) => {
      const path = pathOfUri(uri);
      if (path === null) return;
      for (const { document } of cells?.removed ?? []) publisher.cellClosed(document);
      publisher.edited(path);
    });
    manager.onDidSave(({ uri }) => {
      const path = pathOfUri(uri);
      if (path !== null) folders.of(path).changed([path]);
    });
    manager.onDidClose(({ uri, cells }) => {
      const path = pathOfUri(uri);
      if (path === null) return;
      const addresses = cells.map(({ document }) => document);
      publisher.notebookClosed(path, folders.of(path), addresses);
    });
    manager.listen(session.connection);
  }

  #answerRequests(): void {
    const context = this.#context;
    const { session, folders } = context;
    const { connection } = session;
    const empty: DocumentDiagnosticReport = { kind: 'full', items: [] };
    connection.languages.diagnostics.on((params, token) =>
      session.guard('Could not answer for diagnostics', empty, () => pullDiagnostics(params, token, context)),
    );
    connection.onCodeAction((params, token) =>
      session.guard('Could not offer code actions', [], async () => {
        const actions = [...(await codeActions(params, context)), ...(await policyFixes(params, context))];
        if (token.isCancellationRequested) throw new ResponseError(LSPErrorCodes.RequestCancelled, 'cancelled');
        return actions;
      }),
    );
    connection.onHover((params, token) =>
      session.guard(
        'Could not tell of a path',
        null,
        async () =>
          (await hover(params, token, context, this.#inspector)) ??
          (await textHover(params, context)) ??
          (await policyHover(params, context)),
      ),
    );
    // Not `onExecuteCommand`, which takes the client's progress token out of the request before it can be seen.
    connection.onRequest(ExecuteCommandRequest.type, (params, token) => executeCommand(context, params, token));
    connection.onCompletion((params) =>
      session.guard(
        'Could not complete',
        null,
        async () =>
          sideFileCompletion(params, context) ??
          (await policyCompletion(params, context)) ??
          valueCompletion(params, context),
      ),
    );
    connection.onCodeLens(({ textDocument: { uri } }) =>
      session.guard('Could not offer code lenses', [], async () => [
        ...dataLenses(uri, context),
        ...(await postureLenses(uri, context)),
        ...(await policyLenses(uri, context)),
      ]),
    );
    connection.onDidChangeWatchedFiles(({ changes }) => {
      filesChanged(changes, folders);
      context.aiboms.touched(changes.flatMap(({ uri }) => pathOfUri(uri) ?? []));
    });
    connection.onDidChangeConfiguration(({ settings }) => void this.#settingsChanged(settings));
    connection.onNotification(protocol.trustGranted, () => void this.#trustGranted());
    this.#inspector.listen();
    this.#context.models.listen();
    this.#context.registers.listen();
    listenForSignatures(this.#context);
    listenForAiboms(this.#context);
    listenForDatasets(this.#context);
    listenForAssistants(this.#context);
    answerPolicyRequests(this.#context);
  }

  /** What is known, or what is being done, is not what it was. */
  #changed(): void {
    const { status, models, registers, uses } = this.#context;
    status.changed();
    models.changed();
    registers.changed();
    uses.changed();
  }

  async #settingsChanged(given: unknown): Promise<void> {
    const { session } = this.#context;
    const changed = await session.guard('Could not read the settings', false, () => readSettings(session, given));
    if (changed) await this.#startOver();
  }

  async #trustGranted(): Promise<void> {
    this.#context.session.grantTrust();
    await this.#startOver();
  }

  /** After what decides about findings has changed. The client may say goodbye meanwhile, which closes the folders. */
  async #startOver(): Promise<void> {
    await this.#context.session.guard('Could not start over', undefined, () => this.#judgeAnew());
  }

  async #judgeAnew(): Promise<void> {
    await Promise.all(this.#context.folders.all().map((folder) => folder.reconfigure()));
    if (this.#context.session.settings.scan?.onOpen !== false) await this.#scanAll();
    for (const folder of this.#context.folders.all()) this.#context.policies.settled(folder, []);
    this.#context.publisher.rejudgeOpen();
    this.#context.status.changed();
  }

  async #open(uri: string): Promise<void> {
    const folder = this.#context.folders.add(uri);
    if (folder && this.#context.session.settings.scan?.onOpen !== false) await this.#scan(folder);
  }

  async #close(uri: string): Promise<void> {
    const folder = this.#context.folders.remove(uri);
    if (!folder) return;
    this.#context.publisher.forget(folder);
    this.#context.policies.forget(folder);
    this.#changed();
    await folder.dispose();
  }

  async #scanAll(): Promise<void> {
    await Promise.all(this.#context.folders.all().map((folder) => this.#scan(folder)));
    this.#context.status.started();
  }

  async #scan(folder: Folder): Promise<void> {
    const { session } = this.#context;
    await session.guard(`Could not scan ${folder.path}`, undefined, () => folder.scan(undefined, {}));
  }
}

/** Folders of the workspace as the client gave them; older clients name one root only. */
function workspaceFolders(params: InitializeParams): string[] {
  if (params.workspaceFolders) return params.workspaceFolders.map(({ uri }) => uri);
  const { rootUri, rootPath } = params;
  if (rootUri) return [rootUri];
  return rootPath ? [uriOfPath(rootPath)] : [];
}
