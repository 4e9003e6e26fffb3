import { Writable } from 'node:stream';
import { WeighbridgeError } from '../../errors.ts';
import type { Command } from '../../cli/io.ts';
import { pathOfUri } from '../address.ts';
import type { ServerContext } from '../context.ts';
import type { VerbArguments, VerbOutcome } from '../protocol.ts';
import type { LongWork } from './longWork.ts';

/** What editors run by the same code as the command line, so that both say the same. Each is loaded when it is called. */
const verbs: Record<VerbArguments['verb'], () => Promise<Command>> = {
  impact: async () => (await import('../../cli/impact.ts')).impact,
  incident: async () => (await import('../../cli/incident.ts')).incident,
  drift: async () => (await import('../../cli/drift.ts')).drift,
  redteam: async () => (await import('../../cli/redteam.ts')).redteam,
};

/** Runs a verb of the command line in a workspace folder, and gives what it says. Only `impact` changes and contacts nothing. */
export async function runVerb(
  context: ServerContext,
  { verb, args, uri }: VerbArguments,
  run: LongWork,
): Promise<VerbOutcome> {
  const load = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
  if (!load || !Array.isArray(args) || !args.every((each) => typeof each === 'string')) {
    throw new WeighbridgeError('bad-usage', 'This is no command that an editor can run.');
  }
  // `impact` only reads where nothing but its query is given: its options could name a file to write.
  if (verb !== 'impact' || args[0] !== '--') context.session.requireTrust();
  const path = pathOfUri(uri);
  if (path === null) throw new WeighbridgeError('bad-usage', 'Open a folder first: this works in one.');
  const said = new Collector();
  const command = await load();
  run.report(`weighbridge ${verb}`);
  const exitCode = await command.run(args, {
    stdout: said,
    stderr: new Collector(),
    cwd: context.folders.of(path).path,
    environment: process.env,
    signal: run.signal,
  });
  return { text: said.text, exitCode };
}

/** Keeps what is written; a report is a few hundred lines. */
class Collector extends Writable {
  text = '';

  override _write(chunk: unknown, _encoding: BufferEncoding, done: () => void): void {
    this.text += String(chunk);
    done();
  }
}
