import { nearest } from '../engine/nearest.ts';
import { isWeighbridgeError, WeighbridgeError } from '../errors.ts';
import { commands, overview } from './commands.ts';
import { complain, exitCodes, messageOf, write, type Command, type Io } from './io.ts';

/**
 * Finds the subcommand and runs it. What it throws is told in one line on standard error.
 * @returns the exit code.
 */
export async function runCommandLine(args: string[], io: Io): Promise<number> {
  try {
    const [first = 'help', ...rest] = args;
    if (first === '--version' || first === '-V') return await (await load('version')).run([], io);
    if (first === 'help' || first === '--help' || first === '-h') {
      await write(io.stdout, rest[0] === undefined ? overview() : (await load(rest[0])).help);
      return args.length === 0 ? exitCodes.failed : exitCodes.ok;
    }
    const command = await load(first);
    // After `--` stand names, whatever they look like.
    const options = rest.includes('--') ? rest.slice(0, rest.indexOf('--')) : rest;
    if (options.includes('--help') || options.includes('-h')) {
      await write(io.stdout, command.help);
      return exitCodes.ok;
    }
    if (command.endsAtOnce !== true) io.takeInterrupts?.();
    return await command.run(rest, io);
  } catch (error) {
    if (io.signal.aborted) return exitCodes.interrupted;
    await complain(io, messageOf(error));
    if (!isWeighbridgeError(error) && io.environment['WEIGHBRIDGE_TRACE']) {
      await write(io.stderr, `${(error as Error).stack}\n`);
    }
    return exitCodes.failed;
  }
}

function load(name: string): Promise<Command> {
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (entry) return entry.load();
  const near = nearest(name, Object.keys(commands));
  const hint = near ? `; did you mean "${near}"?` : '';
  throw new WeighbridgeError('bad-usage', `unknown command "${name}"${hint} ("weighbridge --help" lists all)`);
}
