import type { ServerContext } from '../context.ts';
import { standingOf } from '../registers.ts';
import type { VerifyDatasetsOutcome } from '../protocol.ts';
import type { LongWork } from './longWork.ts';

/** Compares all registered data with its records, every byte. */
export async function verifyDatasets(context: ServerContext, run: LongWork): Promise<VerifyDatasetsOutcome> {
  const outcome: VerifyDatasetsOutcome = { datasets: 0, mismatches: 0, unregistered: 0 };
  for (const folder of context.folders.all()) {
    await folder.verifyDatasets({
      signal: run.signal,
      onProgress: ({ done, total, path }) => run.report(path, done, total),
    });
    for (const state of await folder.scanner.datasets()) {
      outcome.datasets++;
      const standing = standingOf(state);
      if (standing === 'mismatch') outcome.mismatches++;
      if (standing === 'unregistered') outcome.unregistered++;
    }
  }
  if (!context.session.reportsOutcomes) {
    context.session.tell(
      `Compared ${outcome.datasets} datasets with their records: ${outcome.mismatches} are not what was recorded, ${outcome.unregistered} are not registered.`,
    );
  }
  return outcome;
}
