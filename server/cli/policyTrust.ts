import { relative } from 'node:path';
import { slashes } from '../engine/gitignore.ts';
import { TrustGlobs } from '../engine/trustGlobs.ts';
import { WeighbridgeError } from '../errors.ts';
import type { Trust } from '../signing/contract.ts';
import { modelRoot } from '../signing/modelFiles.ts';
import { trustsOf } from '../signing/trustPolicyFiles.ts';
import { complain, type Io } from './io.ts';
import { configuration, type OptionValues } from './options.ts';

/**
 * Whom `weighbridge.yaml` trusts to sign the model, where no option says it.
 * @param base what its paths count from where the model does not lie in a workspace.
 * @throws {WeighbridgeError} `bad-usage` when it names nobody, `bad-config` when nobody of those can be read.
 */
export async function policyTrust(values: OptionValues, io: Io, model: string, base = io.cwd): Promise<Trust[]> {
  const given = await configuration(values, io.cwd);
  const settings = base === io.cwd ? given : { ...given, folder: base };
  const globs = await TrustGlobs.of(settings, base);
  const path = slashes(relative(base, model));
  const entry = modelRoot(model).isFile ? globs.entryForFile(path) : globs.entryFor(path, []);
  const { trusts, unreadable } = entry ? await trustsOf(settings.trustPolicy, entry) : { trusts: [], unreadable: [] };
  if (trusts.length > 0) {
    for (const message of unreadable) await complain(io, `warning: ${message}`);
    return trusts;
  }
  if (unreadable.length > 0) {
    throw new WeighbridgeError(
      'bad-config',
      `nobody whom weighbridge.yaml trusts for this model can be read: ${unreadable.join('; ')}`,
    );
  }
  throw new WeighbridgeError(
    'bad-usage',
    'say whom you trust: --key PEM, --certificate-chain PEM, --identity ID with --identity-provider URL, or signing.trust in weighbridge.yaml',
  );
}
