import { retryDead } from '../../fleet/status.ts';
import { count } from '../../report/printable.ts';
import { exitCodes, write, type Io } from '../io.ts';
import { flag, readArguments, requireNoMore } from '../options.ts';
import { fleetOptions, openQueue } from './fleetArguments.ts';

/** `weighbridge fleet retry`. */
export async function retryAction(args: string[], io: Io): Promise<number> {
  const { values, positionals } = readArguments('fleet', args, fleetOptions);
  requireNoMore(positionals);
  const queue = await openQueue(values, io);
  try {
    const retried = await retryDead(queue);
    if (!flag(values, 'quiet')) await write(io.stdout, `${count(retried, 'file')} will be tried again.\n`);
    return exitCodes.ok;
  } finally {
    await queue.close();
  }
}
