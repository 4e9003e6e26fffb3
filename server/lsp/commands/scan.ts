import type { ServerContext } from '../context.ts';
import type { ScanOutcome, ScanPathArguments } from '../protocol.ts';
import { pathOfUri } from '../address.ts';
import type { Folder } from '../folder.ts';
import { WeighbridgeError } from '../../errors.ts';
import { describeProgress, type LongWork } from './longWork.ts';

/** Scans every folder of the workspace, one after the other. */
export async function scanWorkspace(context: ServerContext, run: LongWork): Promise<ScanOutcome> {
  const outcome: ScanOutcome = { artifacts: 0, counts: { error: 0, warning: 0, info: 0 }, cancelled: false };
  for (const folder of context.folders.all()) await scanInto(outcome, folder, undefined, run);
  context.status.started();
  return outcome;
}

/** Scans a file or a folder. */
export async function scanPath(
  context: ServerContext,
  { uri }: ScanPathArguments,
  run: LongWork,
): Promise<ScanOutcome> {
  const path = pathOfUri(uri);
  if (path === null) throw new WeighbridgeError('bad-usage', 'Only files on this machine can be scanned.');
  const outcome: ScanOutcome = { artifacts: 0, counts: { error: 0, warning: 0, info: 0 }, cancelled: false };
  await scanInto(outcome, context.folders.of(path), [path], run);
  context.status.started();
  return outcome;
}

async function scanInto(
  outcome: ScanOutcome,
  folder: Folder,
  paths: string[] | undefined,
  run: LongWork,
): Promise<void> {
  if (run.signal.aborted) {
    outcome.cancelled = true;
    return;
  }
  try {
    const report = await folder.scan(paths, {
      signal: run.signal,
      onProgress: (progress) => run.report(describeProgress(progress), progress.done, progress.total),
    });
    outcome.artifacts += report.artifacts.length;
    outcome.counts.error += report.counts.error;
    outcome.counts.warning += report.counts.warning;
    outcome.counts.info += report.counts.info;
  } catch (error) {
    if (!run.signal.aborted) throw error;
    outcome.cancelled = true;
  }
}
