import { addToBaseline } from '../../engine/baseline.ts';
import { WeighbridgeError } from '../../errors.ts';
import { markOf } from '../findingMark.ts';
import { withBaseline } from '../configurationEdit.ts';
import { changeConfiguration } from '../configurationChange.ts';
import type { ServerContext } from '../context.ts';
import type { AddToBaselineArguments } from '../protocol.ts';

const defaultBaseline = 'weighbridge-baseline.json';

/** Accepts a finding: from now on it is left out, for everyone who works on this repository. */
export async function acceptFinding(context: ServerContext, args: AddToBaselineArguments): Promise<void> {
  const at = await context.documents.findingsAt(args.uri);
  const folder = at && context.folders.holding(at.path);
  if (!at || !folder) {
    throw new WeighbridgeError(
      'bad-usage',
      'Only findings in a workspace folder can be accepted: open the folder first.',
    );
  }
  const accepted = at.findings.filter((finding) => markOf(finding) === args.fingerprint);
  if (accepted.length === 0) {
    throw new WeighbridgeError('not-found', 'This finding is no longer there: it has changed or was accepted already.');
  }
  const file = folder.scanner.configuration.baseline ?? folder.absolute(defaultBaseline);
  addToBaseline(file, accepted, args.reason, folder.path);
  if (folder.scanner.configuration.baseline === null) {
    await changeConfiguration(context, folder, (text) => withBaseline(text, defaultBaseline));
  }
  await folder.reconfigure();
  await folder.scan(undefined, {});
}
