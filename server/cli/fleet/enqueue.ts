import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { WeighbridgeError } from '../../errors.ts';
import { enqueue, type Enqueued } from '../../fleet/enqueue.ts';
import { listFolder } from '../../fleet/folderSource.ts';
import type { Priority } from '../../fleet/jobQueue.ts';
import { listRemote } from '../../fleet/remoteSource.ts';
import { ruleSetOf } from '../../fleet/ruleSet.ts';
import { jsonText, tool } from '../../report/json.ts';
import { count, printable } from '../../report/printable.ts';
import { isSourceAddress } from '../../sources/address.ts';
import { complain, emit, exitCodes, type Io } from '../io.ts';
import { choice, configuration, flag, readArguments, text, type OptionValues } from '../options.ts';
import { outputFile } from '../outputFile.ts';
import { examineSettings, fleetOptions, openQueue, openStore, wholeNumber } from './fleetArguments.ts';

/** `weighbridge fleet enqueue`. */
export async function enqueueAction(args: string[], io: Io): Promise<number> {
  const { values, positionals } = readArguments('fleet', args, {
    ...fleetOptions,
    priority: { type: 'string' },
    rate: { type: 'string' },
    tries: { type: 'string' },
    all: { type: 'boolean' },
    hash: { type: 'boolean' },
  });
  const format = choice(values, 'format', ['text', 'json'], 'text');
  const priority = choice<Priority>(values, 'priority', ['high', 'normal', 'low'], 'normal');
  const tries = wholeNumber(values, 'tries', 5, 100);
  const options = { priority, rate: rateOf(values), tries, all: flag(values, 'all') };
  if (positionals.length === 0 || positionals.includes('')) {
    throw new WeighbridgeError(
      'bad-usage',
      'name a source: a folder, a file, or an address such as s3://BUCKET/PREFIX',
    );
  }
  const sources = positionals.map((name) => (isSourceAddress(name) ? name : resolve(io.cwd, name)));
  const paths = sources.filter((name) => !isSourceAddress(name));
  const missing = paths.find((path) => !existsSync(path));
  if (missing !== undefined) throw new WeighbridgeError('not-found', `there is no file or folder ${missing}`);
  const settings = await configuration(values, io.cwd);
  const rules = ruleSetOf(examineSettings(settings));
  const output = await outputFile(values, io.cwd, paths);
  const queue = await openQueue(values, io);
  try {
    const store = await openStore(values, io);
    try {
      const results: ({ source: string } & Enqueued)[] = [];
      let unread = 0;
      for (const name of sources) {
        const listing = isSourceAddress(name)
          ? await listRemote(name, { signal: io.signal, environment: io.environment, hash: flag(values, 'hash') })
          : await listFolder(name, settings, io.signal);
        for (const { path: at, message } of listing.errors) await complain(io, `cannot read ${at}: ${message}`);
        unread += listing.errors.length;
        results.push({ source: listing.source, ...(await enqueue(listing, { queue, store, rules }, options)) });
      }
      const report =
        format === 'json' ? jsonText({ schemaVersion: 1, tool, sources: results }) : results.map(textOf).join('');
      if (!flag(values, 'quiet') || output !== undefined || format !== 'text') await emit(io, report, output);
      return unread > 0 ? exitCodes.failed : exitCodes.ok;
    } finally {
      await store.close();
    }
  } finally {
    await queue.close();
  }
}

/** @throws {WeighbridgeError} `bad-usage`. */
function rateOf(values: OptionValues): number | null {
  const given = text(values, 'rate');
  if (given === undefined) return null;
  const rate = Number(given);
  if (/^\d+(?:\.\d+)?$/.test(given) && rate >= 0.001 && rate <= 10_000) return rate;
  throw new WeighbridgeError('bad-usage', `--rate must be files a second, from 0.001 to 10000, not "${given}"`);
}

function textOf({ source, files, fresh, again, unchanged, gone }: { source: string } & Enqueued): string {
  const parts = [
    `${fresh} to scan`,
    again > 0 ? `${again} to scan again because rules changed` : '',
    unchanged > 0 ? `${unchanged} as they were` : '',
    gone > 0 ? `${gone} gone since the last time` : '',
  ].filter(Boolean);
  return `${printable(source)}: ${count(files, 'file')}: ${parts.join(', ')}.\n`;
}
