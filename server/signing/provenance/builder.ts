/** Where the statement was made, which is what it is worth: https://slsa.dev/spec/v1.0/provenance#builder.id */
export interface Builder {
  id: string;
  invocationId?: string;
  /** Of the workflow, in continuous integration. */
  externalParameters: Record<string, unknown>;
  internalParameters: Record<string, unknown>;
}

/** Nobody but the person at the machine vouches for what a local run says. */
export const localBuilder = 'urn:weighbridge:builder:local';

/**
 * By the variables of GitHub Actions, in the form of npm's own provenance; else local. They are the process's word: only a
 * keyless signature with the token of the same run says that they are true.
 */
export function builderOf(environment: NodeJS.ProcessEnv): Builder {
  const { GITHUB_ACTIONS, GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID, GITHUB_WORKFLOW_REF } = environment;
  if (GITHUB_ACTIONS !== 'true' || !GITHUB_SERVER_URL || !GITHUB_REPOSITORY || !GITHUB_RUN_ID || !GITHUB_WORKFLOW_REF) {
    return { id: localBuilder, externalParameters: {}, internalParameters: {} };
  }
  const [path = '', ref = ''] = GITHUB_WORKFLOW_REF.replace(`${GITHUB_REPOSITORY}/`, '').split('@');
  const attempt = environment['GITHUB_RUN_ATTEMPT'] ?? '1';
  return {
    id: `https://github.com/actions/runner/${environment['RUNNER_ENVIRONMENT'] ?? 'unknown'}`,
    invocationId: `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/actions/runs/${GITHUB_RUN_ID}/attempts/${attempt}`,
    externalParameters: { workflow: { ref, repository: `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}`, path } },
    internalParameters: {
      github: {
        event_name: environment['GITHUB_EVENT_NAME'] ?? '',
        repository_id: environment['GITHUB_REPOSITORY_ID'] ?? '',
        repository_owner_id: environment['GITHUB_REPOSITORY_OWNER_ID'] ?? '',
      },
    },
  };
}
