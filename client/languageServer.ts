import * as vscode from 'vscode';
import { LanguageClient, Trace, TransportKind } from 'vscode-languageclient/node';
import {
  aibomChanged,
  artifactChanged,
  dangerInUse,
  datasetsChanged,
  modelsChanged,
  statusChanged,
  trustGranted,
  type AibomChanged,
  type ArtifactChanged,
  type DangerInUse,
  type InitializationOptions,
  type Status,
} from '../server/lsp/protocol.ts';
import { plainMessage } from './plainMessage.ts';

import { gatesChanged } from '../server/lsp/policy/protocol.ts';

/** What commands of the server came to; features that say it to the user listen. */
export interface Outcome {
  command: string;
  argument: unknown;
  result: unknown;
}

/** The language server's process, and the events that features follow. */
export class LanguageServer implements vscode.Disposable {
  readonly #client: LanguageClient;
  readonly #log: vscode.LogOutputChannel;
  readonly #status = new vscode.EventEmitter<Status>();
  readonly #changed = new vscode.EventEmitter<ArtifactChanged>();
  readonly #aiboms = new vscode.EventEmitter<AibomChanged>();
  readonly #models = new vscode.EventEmitter<void>();
  readonly #datasets = new vscode.EventEmitter<void>();
  readonly #gates = new vscode.EventEmitter<void>();
  readonly #danger = new vscode.EventEmitter<DangerInUse>();
  readonly #outcomes = new vscode.EventEmitter<Outcome>();
  readonly #subscriptions: vscode.Disposable[] = [
    this.#status,
    this.#changed,
    this.#aiboms,
    this.#models,
    this.#datasets,
    this.#gates,
    this.#danger,
    this.#outcomes,
  ];
  readonly onStatus = this.#status.event;
  readonly onArtifactChanged = this.#changed.event;
  readonly onAibomChanged = this.#aiboms.event;
  readonly onModelsChanged = this.#models.event;
  readonly onDatasetsChanged = this.#datasets.event;
  readonly onGatesChanged = this.#gates.event;
  readonly onDangerInUse = this.#danger.event;
  readonly onOutcome = this.#outcomes.event;

  constructor(context: vscode.ExtensionContext, log: vscode.LogOutputChannel) {
    this.#log = log;
    this.#client = new LanguageClient(
      'weighbridge',
      'Weighbridge',
      {
        module: context.asAbsolutePath('dist/server.mjs'),
        transport: TransportKind.ipc,
        // Less room for new objects: measured, it takes as long, and 20 MB less (docs/decisions/0015).
        options: { execArgv: ['--max-semi-space-size=4'] },
      },
      {
        documentSelector: [
          { scheme: 'file' },
          { notebook: 'jupyter-notebook', language: 'python' },
          { notebook: 'jupyter-notebook', language: 'shellscript' },
        ],
        diagnosticCollectionName: 'weighbridge',
        diagnosticPullOptions: { onChange: true, onSave: true },
        // The one command that a hover may link to; its text quotes names from files.
        markdown: { isTrusted: { enabledCommands: ['weighbridge.inspect'] } },
        outputChannel: log,
        traceOutputChannel: log,
        // Asked for at every start: trust may have been granted meanwhile.
        initializationOptions: (): InitializationOptions => ({
          trusted: vscode.workspace.isTrusted,
          status: true,
          models: true,
          datasets: true,
          gates: true,
          dangerInUse: true,
          aiboms: true,
          clientCommands: [
            'weighbridge.acceptFinding',
            'weighbridge.changeSeverity',
            'weighbridge.inspect',
            'weighbridge.signModel',
            'weighbridge.registerDataset',
            'weighbridge.showSignature',
            'weighbridge.showAibom',
            'weighbridge.scanDataset',
            'weighbridge.showDatasetScan',
            'weighbridge.markRecord',
            'weighbridge.redactColumn',
            'weighbridge.pin',
            'weighbridge.evaluatePolicy',
          ],
        }),
        middleware: {
          executeCommand: (command, args, next) => this.#execute(command, args as unknown[], next),
        },
      },
    );
    this.#subscriptions.push(
      this.#client.onNotification(statusChanged, (status: Status) => this.#status.fire(status)),
      this.#client.onNotification(artifactChanged, (changed: ArtifactChanged) => this.#changed.fire(changed)),
      this.#client.onNotification(aibomChanged, (changed: AibomChanged) => this.#aiboms.fire(changed)),
      this.#client.onNotification(modelsChanged, () => this.#models.fire()),
      this.#client.onNotification(datasetsChanged, () => this.#datasets.fire()),
      this.#client.onNotification(gatesChanged, () => this.#gates.fire()),
      this.#client.onNotification(dangerInUse, (danger: DangerInUse) => this.#danger.fire(danger)),
      vscode.workspace.onDidGrantWorkspaceTrust(() => void this.#client.sendNotification(trustGranted)),
    );
  }

  async start(): Promise<void> {
    try {
      await this.#client.start();
    } catch (error) {
      this.#log.error(error instanceof Error ? error : String(error));
      const show = vscode.l10n.t('Show log');
      const chosen = await vscode.window.showErrorMessage(
        vscode.l10n.t('Weighbridge could not start its server, so nothing is checked. The log says why.'),
        show,
      );
      if (chosen === show) this.#log.show();
    }
  }

  async restart(): Promise<void> {
    await this.#client.restart();
  }

  async stop(): Promise<void> {
    if (this.#client.needsStop()) await this.#client.stop();
  }

  request<R>(method: string, params: unknown, token?: vscode.CancellationToken): Promise<R> {
    // Left out, and not undefined: that would count as a second parameter.
    return token ? this.#client.sendRequest<R>(method, params, token) : this.#client.sendRequest<R>(method, params);
  }

  /** As `request`, for a view that shows nothing while there is no answer. */
  async ask<R>(method: string, params: unknown): Promise<R | undefined> {
    if (!this.#client.isRunning()) return undefined;
    try {
      return await this.request<R>(method, params);
    } catch (error) {
      this.#log.error(error instanceof Error ? error : String(error));
      return undefined;
    }
  }

  /** Answers a request of the server. */
  onRequest<P>(method: string, answer: (params: P) => Promise<unknown>): vscode.Disposable {
    return this.#client.onRequest<unknown, void>(method, answer);
  }

  /** Keeps what is said meanwhile out of the protocol's trace, should somebody have turned that on: it may hold a passphrase. */
  async confidentially<R>(work: () => Promise<R>): Promise<R> {
    await this.#client.setTrace(Trace.Off);
    try {
      return await work();
    } finally {
      const wanted = vscode.workspace.getConfiguration('weighbridge').get<string>('trace.server', 'off');
      await this.#client.setTrace(Trace.fromString(wanted));
    }
  }

  /** Runs one of the server's commands; a failure is told to the user in the server's words. */
  async command<R>(command: string, argument?: unknown): Promise<R | undefined> {
    return vscode.commands.executeCommand<R | undefined>(command, ...(argument === undefined ? [] : [argument]));
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    void this.#client.dispose();
  }

  async #execute(
    command: string,
    args: unknown[],
    next: (command: string, args: unknown[]) => vscode.ProviderResult<unknown>,
  ): Promise<unknown> {
    try {
      const result: unknown = await next(command, args);
      this.#outcomes.fire({ command, argument: args[0], result });
      return result;
    } catch (error) {
      if (error instanceof vscode.CancellationError) return undefined;
      void vscode.window.showErrorMessage(plainMessage(error instanceof Error ? error.message : String(error)));
      return undefined;
    }
  }
}
