import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { Writable } from 'node:stream';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  CancellationTokenSource,
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
  type CancellationToken,
  type Diagnostic,
  type InitializeResult,
  type MessageConnection,
} from 'vscode-languageserver/node';

const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');
const patienceMs = 90_000;

export interface ClientOptions {
  capabilities: Record<string, unknown>;
  initializationOptions?: unknown;
  /** Workspace folders, absolute. */
  folders: string[];
  /** Makes the server's first workers end in the middle of their work. */
  loseWorkers?: number;
  /** Program that runs the server; this test's own unless told. */
  runtime?: string;
}

/** Waiting for something that the server says. */
interface Wait {
  holds: () => boolean;
  resolve: () => void;
}

/** What goes to the server; it can be held back until a word comes by. */
class Outgoing extends Writable {
  readonly #to: Writable;
  readonly #held: Buffer[] = [];
  #word = '';

  constructor(to: Writable) {
    super();
    this.#to = to;
  }

  holdUntil(word: string): void {
    this.#word = word;
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.#held.push(Buffer.from(chunk));
    if (Buffer.concat(this.#held).includes(this.#word)) {
      this.#to.write(Buffer.concat(this.#held.splice(0)));
      this.#word = '';
    }
    done();
  }
}

/** A language client as small as it can be: it says exactly what a test tells it to, and notes all that it hears. */
export class LanguageClient {
  readonly diagnostics = new Map<string, Diagnostic[]>();
  /** Requests and notifications of the server, oldest first. */
  readonly heard: { method: string; params: unknown }[] = [];
  /** What requests of the server are answered with, by method; anything else gets what a client without a user says. */
  readonly answers = new Map<string, (params: never) => unknown>();
  readonly #process: ChildProcess;
  readonly #connection: MessageConnection;
  readonly #outgoing: Outgoing;
  readonly #waits = new Set<Wait>();
  #errors = '';

  private constructor(process: ChildProcess, connection: MessageConnection, outgoing: Outgoing) {
    this.#outgoing = outgoing;
    this.#process = process;
    this.#connection = connection;
  }

  static async start(options: ClientOptions): Promise<{ client: LanguageClient; initialized: InitializeResult }> {
    const program = path.join(repository, 'dist', 'weighbridge.mjs');
    const preload = pathToFileURL(path.join(repository, 'test', 'protocol', 'loseWorkers.mjs')).href;
    const child = spawn(
      options.runtime ?? process.execPath,
      [...(options.loseWorkers ? ['--import', preload] : []), program, 'lsp', '--stdio'],
      { stdio: 'pipe', env: { ...process.env, LOSE_WORKERS: String(options.loseWorkers ?? 0) } },
    );
    const outgoing = new Outgoing(child.stdin);
    const connection = createMessageConnection(
      new StreamMessageReader(child.stdout),
      new StreamMessageWriter(outgoing),
    );
    const client = new LanguageClient(child, connection, outgoing);
    child.stderr.setEncoding('utf8').on('data', (text: string) => (client.#errors += text));
    client.#listen();
    const folders = options.folders.map((folder) => ({ uri: pathToFileURL(folder).href, name: path.basename(folder) }));
    const initialized = await connection.sendRequest<InitializeResult>('initialize', {
      processId: process.pid,
      rootUri: folders[0]?.uri ?? null,
      workspaceFolders: folders,
      capabilities: options.capabilities,
      initializationOptions: options.initializationOptions,
    });
    await connection.sendNotification('initialized', {});
    return { client, initialized };
  }

  request(method: string, params: unknown, token?: CancellationToken): Promise<unknown> {
    if (token === undefined) return this.#connection.sendRequest<unknown>(method, params);
    return this.#connection.sendRequest<unknown>(method, params, token);
  }

  /** Both arrive in one piece: however fast the server is, the request is cancelled before it can be answered. */
  requestAndCancel(method: string, params: unknown): Promise<unknown> {
    this.#outgoing.holdUntil('$/cancelRequest');
    const source = new CancellationTokenSource();
    const answer = this.#connection.sendRequest<unknown>(method, params, source.token);
    source.cancel();
    return answer;
  }

  notify(method: string, params: unknown): Promise<void> {
    return this.#connection.sendNotification(method, params as object);
  }

  /** Settles as soon as `holds` does; it is asked again whenever the server says something. */
  async until(what: string, holds: () => boolean): Promise<void> {
    if (holds()) return;
    let timer: NodeJS.Timeout | undefined;
    const wait: Wait = { holds, resolve: () => undefined };
    this.#waits.add(wait);
    try {
      await new Promise<void>((resolve, reject) => {
        wait.resolve = resolve;
        timer = setTimeout(() => reject(new Error(`never came: ${what}\n${this.describe()}`)), patienceMs);
      });
    } finally {
      clearTimeout(timer);
      this.#waits.delete(wait);
    }
  }

  /** Everything that was heard, for the message of a failed test. */
  describe(): string {
    const diagnostics = [...this.diagnostics].map(([uri, all]) => `${uri}: ${JSON.stringify(all)}`);
    const log = this.heard.map(({ method, params }) => `${method} ${(JSON.stringify(params) ?? '').slice(0, 500)}`);
    return ['diagnostics:', ...diagnostics, 'heard:', ...log.slice(-30), this.#errors].join('\n');
  }

  /** Says goodbye as the protocol wants it. */
  async stop(): Promise<void> {
    const exited = once(this.#process, 'exit') as Promise<[number | null]>;
    await this.#connection.sendRequest('shutdown');
    await this.#connection.sendNotification('exit');
    const [code] = await exited;
    this.#connection.dispose();
    assert.equal(code, 0, `the server ended with ${code}\n${this.#errors}`);
  }

  /** Of the server. */
  get processId(): number | undefined {
    return this.#process.pid;
  }

  /** Ends a server that a failed test left behind. */
  kill(): void {
    this.#process.kill('SIGKILL');
  }

  #listen(): void {
    this.#connection.onNotification((method: string, params: unknown) => {
      this.heard.push({ method, params });
      if (method === 'textDocument/publishDiagnostics') {
        const { uri, diagnostics } = params as { uri: string; diagnostics: Diagnostic[] };
        this.diagnostics.set(uri, diagnostics);
      }
      this.#look();
    });
    this.#connection.onRequest((method: string, params: unknown) => {
      this.heard.push({ method, params });
      this.#look();
      const answer = this.answers.get(method) as ((params: unknown) => unknown) | undefined;
      if (answer) return answer(params);
      if (method === 'workspace/applyEdit') return { applied: true };
      if (method === 'workspace/configuration') return (params as { items: unknown[] }).items.map(() => null);
      return null;
    });
    // The library keeps progress to itself unless it is asked.
    this.#connection.onUnhandledProgress((params) => {
      this.heard.push({ method: '$/progress', params });
      this.#look();
    });
    this.#connection.onUnhandledNotification(() => undefined);
    this.#connection.listen();
  }

  #look(): void {
    for (const wait of this.#waits) if (wait.holds()) wait.resolve();
  }
}
