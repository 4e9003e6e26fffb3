import { isWeighbridgeError } from '../errors.ts';
import { replaceFile } from '../files/replaceFile.ts';
import { coloured, plain, type Colours } from '../report/colour.ts';
import { printable } from '../report/printable.ts';

/** What a command is given of the process that it runs in. */
export interface Io {
  stdout: NodeJS.WritableStream & { isTTY?: boolean };
  stderr: NodeJS.WritableStream & { isTTY?: boolean };
  /** Absolute. */
  cwd: string;
  environment: NodeJS.ProcessEnv;
  /** Aborted when the person presses Ctrl-C, from `takeInterrupts` on. */
  signal: AbortSignal;
  /** From here on the command has something to clean up behind itself; until then Ctrl-C ends the process, whatever it computes. */
  takeInterrupts?: () => void;
  /** True: files are read in workers, because this thread has to hear what ends the work. */
  isolate?: boolean;
}

/** One subcommand: its help, and what it does. */
export interface Command {
  help: string;
  /**
   * True where nothing has to be cleaned up. While a hostile file keeps this thread busy, no handler of a signal runs: without one, the
   * system ends the process. Before it writes, such a command calls `takeInterrupts` itself.
   */
  endsAtOnce?: boolean;
  /** @returns the exit code. @throws {WeighbridgeError} what the person is told in one line; the exit code is then 2. */
  run(args: string[], io: Io): Promise<number>;
}

/** 0: nothing at or above the threshold. 1: findings, not verified, denied. 2: wrong usage or an operational error. */
export const exitCodes = { ok: 0, findings: 1, failed: 2, interrupted: 130 } as const;

/** Writes a report to a file, whole or not at all, or to standard output. */
export async function emit(io: Io, text: string, output: string | undefined): Promise<void> {
  if (output !== undefined) {
    // What the command itself wrote there in the meantime is not replaced either.
    const { refuseModel } = await import('./outputFile.ts');
    await refuseModel(output);
    replaceFile(output, text);
  } else {
    await write(io.stdout, text);
  }
}

/** Waits until the text is handed over, so that a pipe gets all of it; a reader that has gone is no error. */
export function write(stream: NodeJS.WritableStream, text: string): Promise<void> {
  return new Promise((resolve) => {
    if (text === '') resolve();
    else stream.write(text, () => resolve());
  });
}

/** Colours for what goes to standard output. */
export function coloursFor(
  { stdout, environment }: Io,
  options: { noColor: boolean; output: string | undefined },
): Colours {
  const wanted = stdout.isTTY === true && options.output === undefined && !options.noColor;
  return wanted && !environment['NO_COLOR'] && environment['TERM'] !== 'dumb' ? coloured : plain;
}

/** One line on standard error, for what a person has to know and a script must not read. */
export function complain({ stderr }: Pick<Io, 'stderr'>, message: string): Promise<void> {
  return write(stderr, `weighbridge: ${printable(message)}\n`);
}

/** What a person is told of an error; a stack only for what is our own mistake. */
export function messageOf(error: unknown): string {
  if (isWeighbridgeError(error)) return error.message;
  return error instanceof Error ? `internal error: ${error.message} (please report it)` : String(error);
}
