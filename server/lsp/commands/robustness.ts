import { robustnessHtml, robustnessJson } from '../../report/scans/robustness.ts';
import { attackNames, usualAttacks } from '../../scans/robustness.ts';
import type { ServerContext } from '../context.ts';
import type { ModelScanArguments, ModelScanReport } from '../protocol.ts';
import type { LongWork } from './longWork.ts';
import { askedOf, scanModel, starting } from './modelScans.ts';

/** Attacks a model, and keeps the result for gates. @throws {WeighbridgeError} */
export async function testRobustness(
  context: ServerContext,
  argument: ModelScanArguments,
  run: LongWork,
): Promise<ModelScanReport> {
  const asked = await askedOf(context, argument);
  return scanModel(
    context,
    argument.uri,
    {
      kind: 'robustness',
      models: [asked.model],
      samples: asked.samples.path,
      title: 'Robustness',
      json: robustnessJson,
      html: robustnessHtml,
    },
    starting('robustness', { ...asked, attacks: attackNames, ...usualAttacks }),
    run,
  );
}
