import { setTimeout as pause } from 'node:timers/promises';
import { statusOf, type FleetStatus } from '../../fleet/status.ts';
import { jsonText, tool } from '../../report/json.ts';
import { count, printable } from '../../report/printable.ts';
import { emit, exitCodes, type Io } from '../io.ts';
import { choice, flag, readArguments, requireNoMore } from '../options.ts';
import { outputFile } from '../outputFile.ts';
import { progressOn } from '../progress.ts';
import { fleetOptions, openQueue, openStore } from './fleetArguments.ts';

/** Dead letters that a text shows; the JSON has up to a thousand times as many. */
const shownDead = 20;

/** `weighbridge fleet status`. */
export async function statusAction(args: string[], io: Io): Promise<number> {
  const { values, positionals } = readArguments('fleet', args, { ...fleetOptions, wait: { type: 'boolean' } });
  requireNoMore(positionals);
  const format = choice(values, 'format', ['text', 'json'], 'text');
  const output = await outputFile(values, io.cwd, []);
  const queue = await openQueue(values, io);
  try {
    const store = await openStore(values, io);
    const progress = progressOn(io, flag(values, 'quiet'));
    try {
      const ask = () => statusOf(queue, store, format === 'json' ? 1000 * shownDead : shownDead);
      let status = await ask();
      while (flag(values, 'wait') && status.waiting + status.delayed + status.active.length > 0) {
        const total = status.sources.reduce((sum, { files }) => sum + files, 0);
        const done = status.sources.reduce((sum, each) => sum + each.done, 0);
        progress.show({ done, total, path: status.active[0]?.uri ?? '' });
        await pause(300, undefined, { signal: io.signal });
        status = await ask();
      }
      progress.clear();
      const report = format === 'json' ? jsonText({ schemaVersion: 1, tool, ...status }) : textOf(status);
      await emit(io, report, output);
      return flag(values, 'wait') && status.deadLetters > 0 ? exitCodes.findings : exitCodes.ok;
    } finally {
      progress.clear();
      await store.close();
    }
  } finally {
    await queue.close();
  }
}

function textOf({ waiting, delayed, active, deadLetters, dead, sources }: FleetStatus): string {
  const lines = sources.map(({ source, done, files, rate }) => {
    const limit = rate === null ? '' : `, at most ${rate} a second`;
    return `${printable(source)}: ${done} of ${count(files, 'file')} done${limit}`;
  });
  lines.push(
    `${waiting} waiting, ${delayed} put back, ${active.length} being scanned, ${count(deadLetters, 'dead letter')}`,
  );
  for (const { uri, percent, attempt } of active) {
    lines.push(
      `  now   ${printable(uri)}${percent === null ? '' : `  ${percent} %`}${attempt > 1 ? `  try ${attempt}` : ''}`,
    );
  }
  for (const { uri, reason, attempts } of dead) {
    lines.push(`  dead  ${printable(uri)}  after ${count(attempts, 'try', 'tries')}: ${printable(reason)}`);
  }
  const more = deadLetters - dead.length;
  if (more > 0) lines.push(`  and ${count(more, 'more dead letter')}`);
  return `${lines.join('\n')}\n`;
}
