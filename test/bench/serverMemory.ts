import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { TimedServer } from './languageServer.ts';
import { medianOf } from './measure.ts';
import type { Goal, Row } from './table.ts';
import { writeRepository } from './texts.ts';

const mostBytes = 250e6;
/** A server gives back what it does not need when it has had nothing to do for a while, in milliseconds. */
const quiet = 15_000;
/** As the extension starts it (`client/languageServer.ts`). */
const flags = ['--max-semi-space-size=4'];

/** What the language server takes for a workspace of 20,000 files: while it scans, and when it has nothing to do. */
export async function benchServerMemory(folder: string, python: string, dist: string): Promise<Row[]> {
  const workspace = path.join(folder, 'twenty-thousand');
  writeRepository(workspace, python, { code: 4000, configurations: 4000, others: 12_000 });
  process.env['XDG_CACHE_HOME'] = path.join(folder, 'cache');
  const server = new TimedServer([process.execPath, ...flags, path.join(dist, 'server.cjs'), '--stdio']);
  const scanned = server.scanned();
  const begun = performance.now();
  await server.start(workspace, { textDocument: { diagnostic: {} } });
  await scanned;
  const cost = { seconds: (performance.now() - begun) / 1000, cpuSeconds: server.cpuSeconds() };
  const peakBytes = server.peakBytes();
  await setTimeout(quiet);
  const residentBytes = server.residentBytes();
  await server.stop();
  return [
    {
      job: 'server memory: 20,000 files, during the first scan',
      ours: medianOf([{ ...cost, peakBytes }]),
      peers: {},
      goals: [goal(peakBytes)],
    },
    {
      job: 'server memory: 20,000 files, when they are scanned',
      ours: medianOf([{ seconds: Number.NaN, cpuSeconds: Number.NaN, peakBytes: residentBytes }]),
      peers: {},
      goals: [goal(residentBytes)],
    },
  ];
}

function goal(bytes: number): Goal {
  return { wanted: 'below 250 MB', reached: `${Math.round(bytes / 1e6)} MB`, met: bytes < mostBytes };
}
