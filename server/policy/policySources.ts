import { existsSync } from 'node:fs';
import type { Configuration } from '../engine/configuration.ts';
import { WeighbridgeError } from '../errors.ts';
import type { PolicySource } from './gate.ts';
import { readPolicies, readPolicyData } from './policySet.ts';
import { gatePolicies } from './shippedPolicies.ts';

/**
 * What a gate is decided by: shipped policies, those of the repository, and those that are named. Each set stands by itself.
 * @param base what the names of the repository's files are relative to, absolute. @param further folders, absolute.
 * @throws {WeighbridgeError} `bad-config` for a folder that is not there, and what reading it throws.
 */
export function policySources(
  { policy: { folder } }: Configuration,
  base: string,
  further: readonly string[] = [],
): PolicySource[] {
  if (folder !== null && !existsSync(folder)) {
    throw new WeighbridgeError('bad-config', `policy.folder in weighbridge.yaml: there is no folder ${folder}`);
  }
  const own = [...(folder === null ? [] : [folder]), ...further];
  return [
    { modules: gatePolicies(), shipped: true },
    ...own.map((each) => ({ modules: readPolicies(each, base), data: readPolicyData(each), shipped: false })),
  ];
}
