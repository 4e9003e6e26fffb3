import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { WeighbridgeError } from '../errors.ts';
import type { Io } from './io.ts';

/** Whether there is a person who can be asked. */
export function canAsk({ stderr }: Io): boolean {
  return stderr.isTTY === true && process.stdin.isTTY;
}

/**
 * Asks for a secret on the terminal, without showing what is typed.
 * @throws {WeighbridgeError} `cancelled`.
 */
export async function askSecret(io: Io, question: string): Promise<string> {
  // The terminal would show the line as it is edited; it is given a place where nothing is seen.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  try {
    // Only once the terminal echoes nothing any more is anybody asked: who types fast would read the secret.
    return await ask(io, nowhere, '', () => io.stderr.write(question));
  } finally {
    io.stderr.write('\n');
  }
}

/** Asks a question that only `y` or `yes` affirms. */
export async function confirm(io: Io, question: string): Promise<boolean> {
  return /^y(?:es)?$/i.test((await ask(io, io.stderr, question)).trim());
}

/** @param whenReady called when the terminal hands over what is typed, and shows none of it itself. */
function ask(
  io: Io,
  output: NodeJS.WritableStream,
  question: string,
  whenReady: () => void = () => undefined,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const terminal = createInterface({ input: process.stdin, output, terminal: true });
    const stop = (): void => {
      terminal.close();
      reject(new WeighbridgeError('cancelled', 'nothing was entered'));
    };
    io.signal.addEventListener('abort', stop, { once: true });
    terminal.on('SIGINT', stop);
    terminal.on('close', () => io.signal.removeEventListener('abort', stop));
    terminal.question(question, (answer) => {
      resolve(answer);
      terminal.close();
    });
    terminal.once('close', stop);
    whenReady();
  });
}
