// The program that `weighbridge` starts: the process around the command line.
import { runCommandLine } from './commandLine.ts';
import { exitCodes } from './io.ts';

const interrupt = new AbortController();

/** In a container: what the system does with a signal that a program does not take, it does not do to the first process. */
const isFirst = process.pid === 1;
let takesInterrupts = false;

/** The first Ctrl-C lets the command clean up behind itself; the second ends it. */
function onInterrupt(): void {
  if (interrupt.signal.aborted) process.exit(exitCodes.interrupted);
  interrupt.abort();
}

function takeInterrupts(): void {
  if (takesInterrupts) return;
  takesInterrupts = true;
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onInterrupt);
}

if (isFirst) takeInterrupts();

// `weighbridge scan | head`: a reader that has seen enough is no error.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return;
    // Half a report must not pass for a verdict: the exit code says that there is none.
    if (stream === process.stdout)
      process.stderr.write(`weighbridge: the output cannot be written: ${error.message}\n`);
    process.exit(exitCodes.failed);
  });
}

const exitCode = runCommandLine(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  cwd: process.cwd(),
  environment: process.env,
  signal: interrupt.signal,
  takeInterrupts,
  ...(isFirst ? { isolate: true } : {}),
});
void exitCode.then((code) => (process.exitCode = code));
