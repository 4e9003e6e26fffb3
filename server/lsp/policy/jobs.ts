import { WeighbridgeError } from '../../errors.ts';
import { authorizeJob, readJob } from '../../policy/authorizeJob.ts';
import type { PolicyEngine } from '../../policy/policyEngine.ts';
import { knownRoles, Roles } from '../../policy/roles.ts';
import { pathOfUri, uriOfPath } from '../address.ts';
import type { Folders } from '../folders.ts';
import { policyPath } from './gateState.ts';
import type { JobAnswer, JobParams } from './protocol.ts';

/**
 * Who may submit a job: everybody whom the file of roles names, or each role where there is none. Nothing is recorded.
 * @throws {WeighbridgeError} for what is no submission, or cannot be read.
 */
export async function whoMaySubmit(
  engine: PolicyEngine,
  folders: Folders,
  { uri }: JobParams,
  signal: AbortSignal,
): Promise<JobAnswer[]> {
  const file = pathOfUri(uri);
  if (file === null) throw new WeighbridgeError('bad-usage', 'Only a submission on this machine can be judged.');
  const folder = folders.of(file);
  const { configuration } = folder.scanner;
  const job = await readJob(file, configuration, { mayUseCache: true, signal });
  const roles = Roles.read(configuration.policy.roles);
  const now = new Date().toISOString();
  const answers: JobAnswer[] = [];
  for (const id of roles.people() ?? knownRoles) {
    const subject = { id, roles: roles.of(id) };
    const outcome = await authorizeJob(engine, job, subject, now);
    answers.push({
      subject: id,
      roles: subject.roles,
      decision: outcome.allow ? 'allow' : 'deny',
      reasons: outcome.deny.map(({ rule, message, file: policy, line }) => ({
        rule,
        message,
        policyUri: uriOfPath(policyPath(folder, policy)),
        line,
      })),
    });
  }
  return answers;
}
