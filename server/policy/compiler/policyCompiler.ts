import { fork, type ChildProcess } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build, version } from '../../engine/build.ts';
import { WeighbridgeError } from '../../errors.ts';
import type { CompilerJob, CompilerReply, CompilerRequest, CompilerResponse, PolicyModule } from './protocol.ts';

export interface CompilerOptions {
  /** Milliseconds that one request may take. Default: 20,000. */
  timeoutMs?: number;
  signal?: AbortSignal;
}

/** All sources of one request together, in bytes: a policy is written by hand, and 4 MiB of it are 100,000 lines. */
const mostBytes = 4 << 20;
const mostModules = 5000;

/** Work that nobody wants any more may end by itself for so long, in milliseconds: a new process costs as much. */
const leniency = 1000;

/** How long the process waits for the next request, in milliseconds. */
const idleMs = 60_000;

interface Job {
  id: number;
  request: CompilerRequest;
  timeoutMs: number;
  resolve(response: CompilerResponse): void;
  reject(error: Error): void;
}

/**
 * OPA's compiler in a process of its own. The process starts with the first request and ends when it has been idle; one
 * that crashes, hangs or takes too much memory costs the request that it worked on, and the next one gets a new process.
 */
export class PolicyCompiler {
  #child: ChildProcess | null = null;
  #running: Job | null = null;
  #watchdog: NodeJS.Timeout | undefined;
  #idle: NodeJS.Timeout | undefined;
  readonly #queue: Job[] = [];
  #nextId = 1;
  #closed = false;

  /** True where this build has a compiler: it was built with Go. */
  static isAvailable(): boolean {
    return existsSync(compilerFile());
  }

  /** Tells one build of the compiler from another. */
  static identity(): string {
    const stat = statSync(compilerFile(), { throwIfNoEntry: false });
    return `${version} ${build} ${stat?.size} ${stat?.mtimeMs}`;
  }

  /**
   * @throws {WeighbridgeError} `not-found` in a build without the compiler, `bad-input` for sources that are too long,
   * `refused` when a limit was reached, `worker-lost` when the process ended, `cancelled`.
   */
  request(request: CompilerRequest, options: CompilerOptions = {}): Promise<CompilerResponse> {
    checkSize(request.modules ?? []);
    if (!PolicyCompiler.isAvailable()) {
      throw new WeighbridgeError(
        'not-found',
        'this build of Weighbridge has no policy compiler: install Go 1.26 or later and run "npm run build"',
      );
    }
    return new Promise((resolve, reject) => {
      if (this.#closed || options.signal?.aborted) return reject(cancelled());
      const stop = () => this.#cancel(job);
      const done = () => options.signal?.removeEventListener('abort', stop);
      const job: Job = {
        id: this.#nextId++,
        request,
        timeoutMs: options.timeoutMs ?? 20_000,
        resolve: (response) => (done(), resolve(response)),
        reject: (error) => (done(), reject(error)),
      };
      options.signal?.addEventListener('abort', stop, { once: true });
      this.#queue.push(job);
      this.#next();
    });
  }

  /** The id of the process, or undefined while there is none. */
  get processId(): number | undefined {
    return this.#child?.pid;
  }

  /** Ends the process; what waits is rejected as cancelled. */
  close(): void {
    this.#closed = true;
    for (const job of this.#queue.splice(0)) job.reject(cancelled());
    this.#fail(cancelled());
  }

  #next(): void {
    if (this.#running !== null) return;
    const job = this.#queue.shift();
    clearTimeout(this.#idle);
    if (job === undefined) {
      // Waiting keeps no program alive.
      this.#child?.unref();
      this.#child?.channel?.unref();
      this.#idle = setTimeout(() => this.#fail(cancelled()), idleMs).unref();
      return;
    }
    this.#running = job;
    const child = (this.#child ??= this.#start());
    child.ref();
    child.channel?.ref();
    this.#watchdog = setTimeout(() => {
      this.#fail(
        new WeighbridgeError(
          'refused',
          `the policy was stopped: ${verbs[job.request.operation] ?? 'working on'} it took longer than ${job.timeoutMs / 1000} seconds`,
        ),
      );
    }, job.timeoutMs);
    child.send({ id: job.id, request: job.request, timeoutMs: job.timeoutMs } satisfies CompilerJob, (error) => {
      if (error && this.#child === child) this.#fail(lost(error.message));
    });
  }

  #start(): ChildProcess {
    const program = programFile();
    const isSource = program.endsWith('.ts');
    const child = fork(isSource ? unbundledProgram : program, [compilerFile(), ...(isSource ? [program] : [])], {
      execArgv: [],
      serialization: 'advanced',
      // It needs nothing of the environment, and gets nothing but what lets Electron run as Node.
      env: process.env['ELECTRON_RUN_AS_NODE'] ? { ELECTRON_RUN_AS_NODE: '1' } : {},
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    child.on('message', (reply: CompilerReply) => this.#receive(child, reply));
    child.on('error', (error) => this.#child === child && this.#fail(lost(error.message)));
    child.on('exit', (code, signal) => {
      if (this.#child === child) this.#fail(lost(signal === null ? `exit code ${code}` : `signal ${signal}`));
    });
    return child;
  }

  #receive(child: ChildProcess, reply: CompilerReply): void {
    const job = this.#running;
    if (child !== this.#child || job?.id !== reply.id) return;
    clearTimeout(this.#watchdog);
    this.#running = null;
    if ('response' in reply) {
      if (reply.response.error === undefined) job.resolve(reply.response);
      else job.reject(new WeighbridgeError('bad-input', reply.response.error));
    } else {
      // Go ends itself where the stack or the memory is used up.
      job.reject(new WeighbridgeError('refused', `the policy was stopped: the compiler ended (${reply.failure})`));
    }
    this.#next();
  }

  /** Ends the process, and with it what it works on; the queue goes on in a new one. */
  #fail(error: Error): void {
    clearTimeout(this.#watchdog);
    clearTimeout(this.#idle);
    const child = this.#child;
    const job = this.#running;
    this.#child = null;
    this.#running = null;
    child?.kill('SIGKILL');
    job?.reject(error);
    if (!this.#closed && this.#queue.length > 0) this.#next();
  }

  #cancel(job: Job): void {
    const waiting = this.#queue.indexOf(job);
    if (waiting >= 0) {
      this.#queue.splice(waiting, 1);
      job.reject(cancelled());
    } else if (this.#running === job) {
      job.reject(cancelled());
      clearTimeout(this.#watchdog);
      this.#watchdog = setTimeout(() => this.#fail(cancelled()), Math.min(leniency, job.timeoutMs));
    }
  }
}

const verbs: Partial<Record<CompilerRequest['operation'], string>> = {
  compile: 'compiling',
  check: 'checking',
  test: 'testing',
  evaluate: 'evaluating',
};

function checkSize(modules: readonly PolicyModule[]): void {
  const bytes = modules.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
  if (bytes > mostBytes || modules.length > mostModules) {
    throw new WeighbridgeError(
      'bad-input',
      `the policies are too long: ${modules.length} files of ${bytes} bytes together, and at most ${mostModules} files of ${mostBytes} bytes are read`,
    );
  }
}

const cancelled = (): WeighbridgeError => new WeighbridgeError('cancelled', 'the work was cancelled');
const lost = (why: string): WeighbridgeError =>
  new WeighbridgeError('worker-lost', `the policy compiler ended unexpectedly (${why}); try again`);

const isUnbundled = import.meta.url.endsWith('.ts');
const unbundledProgram = fileURLToPath(new URL('./unbundledProgram.mjs', import.meta.url));

/** Bundled, the program stands beside this chunk; unbundled, it is the source file. */
const programFile = (): string =>
  fileURLToPath(new URL(isUnbundled ? './program.ts' : './policyCompiler.cjs', import.meta.url));

const compilerFile = (): string =>
  fileURLToPath(
    new URL(
      isUnbundled ? '../../../.tools/policy-compiler/policy-compiler.wasm' : './policy-compiler.wasm',
      import.meta.url,
    ),
  );
