// Puts what `weighbridge diff --format markdown` wrote under a pull request: a comment that is there already is changed in place.
// Environment: COMMENT (the file), GITHUB_TOKEN, GITHUB_API_URL, GITHUB_REPOSITORY, and PULL_REQUEST (its number) or HEAD_OWNER, HEAD_BRANCH
// and HEAD_SHA, by which it is found.
import { readFileSync } from 'node:fs';

/** Whose comments are changed: those of the job's own token. Others can write the same marker. */
const author = 'github-actions[bot]';

/** GitHub's most for a page; pull requests with more comments than fifty pages get a new one. */
const pageSize = 100;
const mostPages = 50;

const { env } = process;
const repository = `repos/${required('GITHUB_REPOSITORY')}`;

/** @param {string} name @returns {string} */
function required(name) {
  const value = env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
}

/**
 * @param {'GET' | 'POST' | 'PATCH'} method
 * @param {string} path @param {object} [content]
 * @returns {Promise<any>}
 */
async function call(method, path, content) {
  const response = await fetch(`${required('GITHUB_API_URL')}/${path}`, {
    method,
    headers: {
      accept: 'application/vnd.github+json',
      authorization: `Bearer ${required('GITHUB_TOKEN')}`,
      'content-type': 'application/json',
      'user-agent': 'weighbridge',
      'x-github-api-version': '2022-11-28',
    },
    ...(content === undefined ? {} : { body: JSON.stringify(content) }),
    signal: AbortSignal.timeout(60_000),
  });
  if (response.ok) return response.json();
  const hint = response.status === 403 ? ' (the job needs the permission pull-requests: write)' : '';
  throw new Error(`GitHub answered ${response.status} to ${method} ${path}${hint}`);
}

/** @returns {Promise<number | null>} null where the pull request was closed, or got other commits, in the meantime. */
async function pullRequest() {
  const given = env['PULL_REQUEST'];
  if (given) return Number(given);
  const head = encodeURIComponent(`${required('HEAD_OWNER')}:${required('HEAD_BRANCH')}`);
  const sha = required('HEAD_SHA');
  const open = await call('GET', `${repository}/pulls?state=open&head=${head}&per_page=${pageSize}`);
  return open.find((each) => each.head.sha === sha)?.number ?? null;
}

/** @param {number} number @param {string} marker @returns {Promise<{ id: number, body: string } | null>} */
async function earlierComment(number, marker) {
  for (let page = 1; page <= mostPages; page++) {
    const comments = await call('GET', `${repository}/issues/${number}/comments?per_page=${pageSize}&page=${page}`);
    const found = comments.find(({ body, user }) => user?.login === author && body?.split(/\r?\n/, 1)[0] === marker);
    if (found) return found;
    if (comments.length < pageSize) return null;
  }
  return null;
}

async function main() {
  const body = readFileSync(required('COMMENT'), 'utf8').trimEnd();
  const [marker = '', heading = ''] = body.split('\n', 2);
  if (!marker.startsWith('<!-- weighbridge ')) throw new Error(`${env['COMMENT']} is no comment of Weighbridge`);
  const number = await pullRequest();
  if (number === null) return 'No open pull request has this commit as its last: nothing to comment on.';
  const earlier = await earlierComment(number, marker);
  if (earlier?.body.replaceAll('\r\n', '\n') === body) return 'The comment is as it should be.';
  if (earlier) {
    await call('PATCH', `${repository}/issues/comments/${earlier.id}`, { body });
    return 'Changed the comment.';
  }
  // Who has nothing new is told nothing, but where something was.
  if (heading.endsWith('no new findings')) return 'Nothing is new, and no comment says otherwise.';
  await call('POST', `${repository}/issues/${number}/comments`, { body });
  return 'Commented.';
}

try {
  console.log(await main());
} catch (error) {
  console.log(`::error::The pull request got no comment: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
