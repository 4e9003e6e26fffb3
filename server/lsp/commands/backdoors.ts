import { backdoorHtml, backdoorJson } from '../../report/scans/backdoor.ts';
import { backdoorMethods, type BackdoorJob, type PartialBackdoor } from '../../scans/backdoor.ts';
import { runScan } from '../../scans/process/scanProcess.ts';
import type { ServerContext } from '../context.ts';
import type { ModelScanArguments, ModelScanReport } from '../protocol.ts';
import type { LongWork } from './longWork.ts';
import { askedOf, scanModel } from './modelScans.ts';

/** Triggers that interrupted scans had found, by what was scanned: the next scan of the same goes on from there. */
const interrupted = new Map<string, PartialBackdoor['found'][]>();
const mostInterrupted = 16;

/** Scans a model for backdoors, and keeps the result for gates. @throws {WeighbridgeError} */
export async function scanBackdoors(
  context: ServerContext,
  argument: ModelScanArguments,
  run: LongWork,
): Promise<ModelScanReport> {
  const asked = await askedOf(context, argument);
  const job: BackdoorJob = {
    ...asked,
    inputs: null,
    methods: backdoorMethods,
    schedule: 'fast',
    classes: null,
    falseRejectionRate: 0.01,
    known: [],
  };
  return scanModel(
    context,
    argument.uri,
    {
      kind: 'backdoor',
      models: [asked.model],
      samples: asked.samples.path,
      title: 'Backdoor scan',
      json: backdoorJson,
      html: backdoorHtml,
    },
    async ([digest], options) => {
      const key = JSON.stringify([digest, job.samples, job.provider]);
      const known = interrupted.get(key) ?? [];
      interrupted.delete(key);
      const found = [...known];
      const onPartial = (partial: unknown): void => void found.push((partial as PartialBackdoor).found);
      try {
        const scan = await runScan('backdoor', { ...job, known }, { ...options, onPartial });
        if (known.length > 0) scan.notes.push(`${known.length} classes were taken from an interrupted scan.`);
        return scan;
      } catch (error) {
        if (found.length > 0) {
          if (interrupted.size >= mostInterrupted) interrupted.delete([...interrupted.keys()][0]!);
          interrupted.set(key, found);
        }
        throw error;
      }
    },
    run,
  );
}
