import { connect } from '../../fleet/jobQueue.ts';
import { ruleSetOf } from '../../fleet/ruleSet.ts';
import { work, type WorkerEvent } from '../../fleet/worker.ts';
import { count, printable } from '../../report/printable.ts';
import { complain, exitCodes, write, type Io } from '../io.ts';
import { choice, configuration, flag, readArguments, requireNoMore } from '../options.ts';
import {
  examineSettings,
  fleetOptions,
  openStore,
  queueName,
  redisUrl,
  requireQueueServer,
  wholeNumber,
} from './fleetArguments.ts';

/** `weighbridge fleet work`. */
export async function workAction(args: string[], io: Io): Promise<number> {
  const { values, positionals } = readArguments('fleet', args, {
    ...fleetOptions,
    concurrency: { type: 'string' },
    drain: { type: 'boolean' },
    lease: { type: 'string' },
    grace: { type: 'string' },
  });
  requireNoMore(positionals);
  const format = choice(values, 'format', ['text', 'json'], 'text');
  const settings = examineSettings(await configuration(values, io.cwd));
  const redis = redisUrl(values, io);
  const asOptions = {
    queue: queueName(values),
    concurrency: wholeNumber(values, 'concurrency', 1, 64),
    leaseMs: wholeNumber(values, 'lease', 30, 86_400) * 1000,
    graceMs: wholeNumber(values, 'grace', 60, 86_400) * 1000,
    drain: flag(values, 'drain'),
  };
  const asked = connect(redis);
  await requireQueueServer(asked, io);
  asked.disconnect();
  const store = await openStore(values, io);
  const counts = { scanned: 0, known: 0, unchanged: 0, dead: 0 };
  const isQuiet = flag(values, 'quiet');
  const onEvent = (event: WorkerEvent) => {
    if (event.kind in counts) counts[event.kind as keyof typeof counts]++;
    if (isQuiet && !['dead', 'lost', 'trouble'].includes(event.kind)) return;
    const line = JSON.stringify({ time: new Date().toISOString(), ...event });
    void write(format === 'json' ? io.stdout : io.stderr, format === 'json' ? `${line}\n` : lineOf(event));
  };
  const ending = `ends when what it is at is done, after ${asOptions.graceMs / 1000} seconds at most; once more ends it at once`;
  if (!isQuiet) io.signal.addEventListener('abort', () => void complain(io, ending), { once: true });
  let isClosed = false;
  try {
    isClosed = await work({
      ...asOptions,
      redis,
      store,
      settings,
      rules: ruleSetOf(settings),
      signal: io.signal,
      environment: io.environment,
      onEvent,
    });
  } finally {
    await store.close();
  }
  if (format === 'text' && !isQuiet) {
    const { scanned, known, unchanged, dead } = counts;
    const parts = [
      `${count(scanned, 'content')} scanned`,
      `${known} known elsewhere`,
      `${unchanged} unchanged`,
      `${dead} given up`,
    ];
    await write(io.stdout, `${parts.join(', ')}.\n`);
  }
  // What waits for a server that is away would wait as long as it takes.
  if (!isClosed) process.exit(exitCodes.ok);
  return exitCodes.ok;
}

function lineOf(event: WorkerEvent): string {
  switch (event.kind) {
    case 'scanned':
    case 'known':
    case 'unchanged':
      return `${event.kind.padEnd(9)}  ${printable(event.uri)}  ${count(event.findings, 'finding')}\n`;
    case 'retry':
      return `retry      ${printable(event.uri)}  try ${event.attempt} failed: ${printable(event.reason)}\n`;
    case 'dead':
      return `dead       ${printable(event.uri)}  given up after ${event.attempt}: ${printable(event.reason)}\n`;
    case 'lost':
    case 'trouble':
      return `${event.kind.padEnd(9)}  ${printable(event.reason)}\n`;
  }
}
