import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { WeighbridgeError } from '../errors.ts';
import type { PolicyModule } from './compiler/protocol.ts';
import { readPolicies, withoutTests } from './policySet.ts';

export const shippedGates = ['dev-to-staging', 'staging-to-production', 'hotfix'] as const;

/** The policies of the shipped gates. */
export const gatePolicies = (): PolicyModule[] => shipped('gates');

/** The policies of `weighbridge authorize`. */
export const authorizePolicies = (): PolicyModule[] => shipped('authorize');

/** Their folder: bundled, beside this program; unbundled, in the repository. */
export function shippedFolder(): string {
  const isUnbundled = import.meta.url.endsWith('.ts');
  return fileURLToPath(new URL(isUnbundled ? '../../policies' : './policies', import.meta.url));
}

function shipped(name: 'gates' | 'authorize'): PolicyModule[] {
  const folder = shippedFolder();
  if (!existsSync(folder)) throw new WeighbridgeError('not-found', `the shipped policies are missing: ${folder}`);
  return withoutTests(readPolicies(`${folder}/${name}`, folder)).map(({ file, text }) => ({
    file: `weighbridge:${file}`,
    text,
  }));
}
