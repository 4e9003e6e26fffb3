import type { Configuration } from '../engine/configuration.ts';
import { WeighbridgeError } from '../errors.ts';
import { authorizationInput, jobEvidence, type JobEvidence } from './authorization.ts';
import { registeredData } from './jobDatasets.ts';
import type { PolicyOutcome } from './outcome.ts';
import type { PolicyEngine } from './policyEngine.ts';
import { authorizePolicies } from './shippedPolicies.ts';
import { readYamlDocument } from './yamlDocument.ts';

/**
 * Reads a submission (absolute path). Data of the repository that it names is compared with its registers: what a submission says of
 * its own data does not count against them.
 * @throws {WeighbridgeError} `not-found`, `unreadable`, `bad-config`; `bad-input` for what is no submission.
 */
export async function readJob(
  file: string,
  configuration: Configuration,
  { mayUseCache, signal }: { mayUseCache: boolean; signal?: AbortSignal },
): Promise<JobEvidence> {
  const document = readYamlDocument(file);
  if (Array.isArray(document) || (typeof document !== 'object' && document !== null)) {
    throw new WeighbridgeError('bad-input', `${file} is no job: it must hold fields such as environment and datasets`);
  }
  const job = jobEvidence(document);
  const names = job.datasets.map(({ name }) => name);
  const known = await registeredData(names, file, { configuration, mayUseCache, ...(signal ? { signal } : {}) });
  const datasets = job.datasets.map((dataset) => ({
    ...dataset,
    registered: known.get(dataset.name) ?? dataset.registered,
  }));
  return { ...job, datasets };
}

/** Whether somebody may submit a job. @param now RFC 3339. */
export async function authorizeJob(
  engine: PolicyEngine,
  job: JobEvidence,
  subject: { id: string; roles: string[] },
  now: string,
): Promise<PolicyOutcome> {
  const policies = await engine.compile(authorizePolicies(), ['weighbridge.authorize']);
  return engine.evaluate(policies, authorizationInput(subject, job, now));
}
