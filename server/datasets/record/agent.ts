import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/**
 * Who takes data in: the job, in continuous integration; otherwise the person whom git knows. Null where nobody is known: then
 * it has to be asked for.
 */
export function agentOf(folder: string, environment: NodeJS.ProcessEnv): string | null {
  const { GITHUB_ACTIONS, GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID, GITLAB_CI, CI_JOB_URL } = environment;
  if (GITHUB_ACTIONS === 'true' && GITHUB_REPOSITORY && GITHUB_RUN_ID) {
    return `${GITHUB_SERVER_URL ?? 'https://github.com'}/${GITHUB_REPOSITORY}/actions/runs/${GITHUB_RUN_ID}`;
  }
  if (GITLAB_CI === 'true' && CI_JOB_URL) return CI_JOB_URL;
  const named = person(environment['GIT_AUTHOR_NAME'], environment['GIT_AUTHOR_EMAIL']);
  if (named) return named;
  for (const file of [repositoryConfig(folder), join(environment['HOME'] ?? homedir(), '.gitconfig')]) {
    const user = file === null ? null : userIn(file);
    if (user) return user;
  }
  return null;
}

function person(name: string | undefined, email: string | undefined): string | null {
  if (!name) return email ?? null;
  return email ? `${name} <${email}>` : name;
}

function repositoryConfig(folder: string): string | null {
  for (let at = folder; ; at = dirname(at)) {
    const file = join(at, '.git', 'config');
    if (statSync(file, { throwIfNoEntry: false })?.isFile()) return file;
    if (dirname(at) === at) return null;
  }
}

/** `user.name` and `user.email` of a git configuration. Source: git-config(1), "Syntax". */
function userIn(file: string): string | null {
  let section = '';
  const found: Record<string, string> = {};
  try {
    if (statSync(file).size > 1 << 20) return null;
    for (const line of readFileSync(file, 'utf8').split(/\r?\n/)) {
      const header = /^\s*\[\s*([\w.-]+)\s*(?:".*")?\s*\]/.exec(line);
      if (header) section = header[1]?.toLowerCase() ?? '';
      const entry = /^\s*(name|email)\s*=\s*(.*?)\s*$/i.exec(line);
      if (entry && section === 'user')
        found[entry[1]?.toLowerCase() ?? ''] = (entry[2] ?? '').replace(/^"(.*)"$/, '$1');
    }
  } catch {
    return null;
  }
  return person(found['name'], found['email']);
}
