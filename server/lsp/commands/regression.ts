import { regressionHtml, regressionJson } from '../../report/scans/regression.ts';
import type { ServerContext } from '../context.ts';
import type { CompareBehaviourArguments, ModelScanReport } from '../protocol.ts';
import { localPath } from '../signing/signatures.ts';
import type { LongWork } from './longWork.ts';
import { askedOf, scanModel, starting } from './modelScans.ts';

/** Compares a model with the one that it is to replace, and keeps the result for gates. @throws {WeighbridgeError} */
export async function compareBehaviour(
  context: ServerContext,
  argument: CompareBehaviourArguments,
  run: LongWork,
): Promise<ModelScanReport> {
  const { model: candidate, samples, provider, seed, batch } = await askedOf(context, argument);
  const production = localPath(argument.production);
  return scanModel(
    context,
    argument.uri,
    {
      kind: 'regression',
      models: [candidate, production],
      samples: samples.path,
      title: 'Regression',
      json: (scan, facts, [, other]) => regressionJson(scan, { ...facts, production: other! }),
      html: (scan, facts, [, other]) => regressionHtml(scan, { ...facts, production: other! }),
    },
    starting('regression', { candidate, production, samples, provider, seed, batch }),
    run,
  );
}
