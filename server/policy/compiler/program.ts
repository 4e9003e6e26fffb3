// The process of the policy compiler: OPA, compiled to WebAssembly, one fresh instance a request.
//
// It is a process of its own because OPA's own limits are not ours: what hangs or eats memory is killed from outside.
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { Fd, File, OpenFile, WASI } from '@bjorn3/browser_wasi_shim';
import type { CompilerJob, CompilerReply, CompilerRequest, CompilerResponse } from './protocol.ts';

// Optimising 40 MB of WebAssembly costs far more than it gains in so short a life: see docs/decisions.
setFlagsFromString('--liftoff-only');
setFlagsFromString('--wasm-lazy-compilation');

const compiling = WebAssembly.compile(readFileSync(process.argv[2] ?? ''));

/**
 * Who started this process ends it when it takes too long. Should that one be killed, this thread does: the main thread is
 * busy then, and does not learn that nobody waits any more.
 */
const watchdog = new Worker(
  `const { parentPort } = require('node:worker_threads');
  let timer;
  parentPort.on('message', (milliseconds) => {
    clearTimeout(timer);
    if (milliseconds > 0) timer = setTimeout(() => process.kill(process.pid, 'SIGKILL'), milliseconds);
  });`,
  { eval: true },
);
watchdog.unref();

/** Milliseconds that it waits longer. */
const grace = 2000;

/** Keeps what is written to it. */
class Sink extends Fd {
  readonly #chunks: Uint8Array[] = [];

  override fd_write(data: Uint8Array): { ret: number; nwritten: number } {
    this.#chunks.push(data);
    return { ret: 0, nwritten: data.byteLength };
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString();
  }
}

function answer(compiled: WebAssembly.Module, request: CompilerRequest): CompilerResponse {
  const input = new OpenFile(new File(Buffer.from(JSON.stringify(request))));
  const output = new Sink();
  const errors = new Sink();
  const host = new WASI([], [], [input, output, errors], { debug: false });
  const instance = new WebAssembly.Instance(compiled, { wasi_snapshot_preview1: host.wasiImport });
  const code = host.start(instance as Parameters<WASI['start']>[0]);
  if (code !== 0) throw new Error(errors.text().split('\n', 1)[0] || `exit code ${code}`);
  return JSON.parse(output.text()) as CompilerResponse;
}

async function receive({ id, request, timeoutMs }: CompilerJob): Promise<void> {
  watchdog.postMessage(timeoutMs + grace);
  const reply = await compiling
    .then((compiled): CompilerReply => ({ id, response: answer(compiled, request) }))
    .catch((error: unknown): CompilerReply => ({
      id,
      failure: error instanceof Error ? error.message : String(error),
    }));
  watchdog.postMessage(0);
  process.send?.(reply);
}

process.on('message', (job: CompilerJob) => void receive(job));
// Whoever started this process has ended: nobody is left to answer.
process.on('disconnect', () => process.exit());
