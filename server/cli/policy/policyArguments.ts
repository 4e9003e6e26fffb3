import { resolve } from 'node:path';
import { WeighbridgeError } from '../../errors.ts';
import type { PolicyModule } from '../../policy/compiler/protocol.ts';
import { PolicyEngine } from '../../policy/policyEngine.ts';
import { readPolicies } from '../../policy/policySet.ts';
import { flag, type OptionValues } from '../options.ts';

/** The policies of the one folder (or file) that an action works on. @throws {WeighbridgeError} `bad-usage` and others. */
export function policiesOf(action: string, positionals: readonly string[], cwd: string): PolicyModule[] {
  return readPolicies(policyPath(action, positionals, cwd), cwd);
}

/** The folder itself, absolute. @throws {WeighbridgeError} `bad-usage`. */
export function policyPath(action: string, positionals: readonly string[], cwd: string): string {
  const [only] = positionals;
  if (only === undefined || only === '') {
    throw new WeighbridgeError('bad-usage', `name the folder of the policies: weighbridge policy ${action} DIR`);
  }
  if (positionals.length > 1) {
    throw new WeighbridgeError('bad-usage', `policy ${action} takes one folder, and ${positionals.length} were named`);
  }
  return resolve(cwd, only);
}

/** Gives an action an engine, and ends it afterwards. */
export async function withEngine<T>(values: OptionValues, act: (engine: PolicyEngine) => Promise<T>): Promise<T> {
  const engine = new PolicyEngine(flag(values, 'no-cache') ? { cache: false } : {});
  try {
    return await act(engine);
  } finally {
    await engine.close();
  }
}
