import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

interface Message {
  id?: number | string;
  method?: string;
  params?: unknown;
}

interface Published {
  uri: string;
  diagnostics: unknown[];
}

/** A text that is open in the server. */
export interface OpenText {
  /** Types at a place, both from 0. */
  insert(position: { line: number; character: number }, text: string): void;
  /** Asks for the diagnostics of the text as it stands, and waits for them. */
  diagnostics(): Promise<void>;
}

/** The least a client can be: enough to time the server from outside, as an editor would see it. */
export class TimedServer {
  readonly #child: ChildProcessWithoutNullStreams;
  #buffer = Buffer.alloc(0);
  #id = 0;
  readonly #answers = new Map<number | string, () => void>();
  #onReady: () => void = () => {};
  #onPublished: (published: Published) => void = () => {};

  constructor(command: string[]) {
    const [program = '', ...args] = command;
    this.#child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child.stderr.resume();
    this.#child.stdout.on('data', (chunk: Buffer) => this.#receive(chunk));
  }

  /** Opens a workspace in a server that has just been started, and waits for the first diagnostics of any file. */
  async firstDiagnostics(folder: string): Promise<void> {
    const seen = this.#published(({ diagnostics }) => diagnostics.length > 0);
    await this.start(folder, { textDocument: { publishDiagnostics: {} } });
    await seen;
  }

  /** Opens a workspace in a server that has just been started. */
  async start(folder: string, capabilities: object): Promise<void> {
    const uri = pathToFileURL(folder).href;
    await this.#request('initialize', {
      processId: process.pid,
      rootUri: uri,
      workspaceFolders: [{ uri, name: 'bench' }],
      initializationOptions: { status: true },
      capabilities,
    });
    this.#notify('initialized', {});
  }

  /** Waits until the workspace has been scanned. */
  scanned(): Promise<void> {
    return new Promise((resolve) => (this.#onReady = resolve));
  }

  /** Opens a text whose diagnostics are asked for. */
  open(file: string, languageId: string): OpenText {
    const uri = pathToFileURL(file).href;
    let version = 1;
    const text = readFileSync(file, 'utf8');
    this.#notify('textDocument/didOpen', { textDocument: { uri, languageId, version, text } });
    return {
      insert: (start, inserted) => {
        const contentChanges = [{ range: { start, end: start }, text: inserted }];
        this.#notify('textDocument/didChange', { textDocument: { uri, version: ++version }, contentChanges });
      },
      diagnostics: () => this.#request('textDocument/diagnostic', { textDocument: { uri } }),
    };
  }

  /** Opens a text and waits for its diagnostics; gives a function that types into it, and waits again. */
  async type(file: string, language: string): Promise<(text: string, version: number) => Promise<void>> {
    const uri = pathToFileURL(file).href;
    const mine = (): Promise<void> => this.#published((published) => published.uri === uri);
    const opened = mine();
    const text = readFileSync(file, 'utf8');
    this.#notify('textDocument/didOpen', { textDocument: { uri, languageId: language, version: 1, text } });
    await opened;
    return async (changed, version) => {
      const judged = mine();
      this.#notify('textDocument/didChange', { textDocument: { uri, version }, contentChanges: [{ text: changed }] });
      await judged;
    };
  }

  /** Peak resident memory in bytes, where the system tells (Linux). */
  peakBytes(): number {
    return this.#memory('VmHWM');
  }

  /** Resident memory in bytes as it is now, where the system tells (Linux). */
  residentBytes(): number {
    return this.#memory('VmRSS');
  }

  #memory(measure: 'VmHWM' | 'VmRSS'): number {
    try {
      const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
      return Number(new RegExp(`^${measure}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? Number.NaN) * 1024;
    } catch {
      return Number.NaN;
    }
  }

  /** Seconds that the processors have worked for it, where the system tells (Linux). */
  cpuSeconds(): number {
    try {
      const tasks = `/proc/${this.#child.pid}/task`;
      const spent = readdirSync(tasks).map((task) =>
        Number(readFileSync(`${tasks}/${task}/schedstat`, 'utf8').split(' ')[0]),
      );
      return spent.reduce((sum, each) => sum + each, 0) / 1e9;
    } catch {
      return Number.NaN;
    }
  }

  async stop(): Promise<void> {
    const gone = new Promise<void>((resolve) => this.#child.once('exit', () => resolve()));
    await this.#request('shutdown', null);
    this.#notify('exit', null);
    await gone;
  }

  /** @throws {Error} after half a minute without them. */
  #published(wanted: (published: Published) => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const patience = setTimeout(() => {
        this.#child.kill();
        reject(new Error('the language server sent no diagnostics for 30 seconds'));
      }, 30_000);
      this.#onPublished = (published) => {
        if (!wanted(published)) return;
        clearTimeout(patience);
        resolve();
      };
    });
  }

  #request(method: string, params: unknown): Promise<void> {
    const id = ++this.#id;
    this.#send({ id, method, params });
    return new Promise((resolve) => this.#answers.set(id, resolve));
  }

  #notify(method: string, params: unknown): void {
    this.#send({ method, params });
  }

  #send(message: object): void {
    const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message }));
    this.#child.stdin.write(`Content-Length: ${body.length}\r\n\r\n`);
    this.#child.stdin.write(body);
  }

  #receive(chunk: Buffer): void {
    this.#buffer = Buffer.concat([this.#buffer, chunk]);
    for (;;) {
      const end = this.#buffer.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = Number(/Content-Length: (\d+)/i.exec(this.#buffer.toString('latin1', 0, end))?.[1]);
      if (this.#buffer.length < end + 4 + length) return;
      const message = JSON.parse(this.#buffer.toString('utf8', end + 4, end + 4 + length)) as Message;
      this.#buffer = this.#buffer.subarray(end + 4 + length);
      this.#take(message);
    }
  }

  #take({ id, method, params }: Message): void {
    if (method === 'textDocument/publishDiagnostics') this.#onPublished(params as Published);
    else if (method === 'weighbridge/status') {
      if ((params as { state?: string }).state === 'ready') this.#onReady();
    } else if (method !== undefined && id !== undefined) this.#send({ id, result: null });
    else if (id !== undefined) this.#answers.get(id)?.();
  }
}
