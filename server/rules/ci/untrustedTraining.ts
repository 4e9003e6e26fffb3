import { itemsAt, leafAt, nodeAt, textAt } from '../../formats/text/configTree.ts';
import type { ConfigNode } from '../../formats/text/facts.ts';
import { placeOf } from '../load/place.ts';
import { wordsOf } from '../../formats/text/shellWords.ts';
import { defineRule, type Report } from '../rule.ts';
import { documentsOf } from '../text.ts';
import { eventsOf } from './workflowEvents.ts';

export const untrustedTraining = defineRule({
  subject: 'text',
  meta: {
    id: 'ci/untrusted-training',
    title: 'A workflow runs code of strangers where secrets or accelerators are',
    severity: 'warning',
    description:
      'A GitHub workflow checks out the code of a pull request on `pull_request_target` or `workflow_run`, where secrets are at hand (an error), or runs pull requests on a machine of your own (`self-hosted`, GPU runners: a warning), or puts what a stranger writes (a title, a comment, the name of a branch) into a script where secrets are at hand (an error), or hands out an identity (`id-token: write`) on `pull_request` (a warning). A workflow on `pull_request_target` that checks nothing out is in order.',
    why: 'A pull request from anybody may change the training script that runs: with secrets in reach it reads them, on a machine of your own it stays there.',
    howToFix:
      'Use `pull_request` without secrets on hosted runners, and split what needs secrets into a workflow that runs after a review and never checks out the pull request’s code.',
    avoid: [
      {
        file: '.github/workflows/comment.yml',
        text: 'on: issue_comment\npermissions: {contents: read}\njobs:\n  train:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: python train.py --note "${{ github.event.comment.body }}"\n',
      },
      {
        file: '.github/workflows/train.yml',
        text: 'on: pull_request_target\npermissions: {contents: read}\njobs:\n  train:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683\n        with:\n          ref: ${{ github.event.pull_request.head.sha }}\n      - run: python train.py\n',
      },
      {
        file: '.github/workflows/gpu.yml',
        text: 'on: [pull_request]\npermissions: {contents: read}\njobs:\n  train:\n    runs-on: [self-hosted, gpu]\n    steps:\n      - run: python train.py\n',
      },
    ],
    prefer: [
      {
        file: '.github/workflows/comment.yml',
        text: 'on: issue_comment\npermissions: {contents: read}\njobs:\n  train:\n    runs-on: ubuntu-24.04\n    if: contains(github.event.comment.body, \'/train\')\n    steps:\n      - run: python train.py --note "$NOTE" --by ${{ github.event.issue.number }}\n        env:\n          NOTE: ${{ github.event.comment.body }}\n',
      },
      {
        file: '.github/workflows/label.yml',
        text: 'on: pull_request_target\npermissions: {pull-requests: write}\njobs:\n  label:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: actions/labeler@8558fd74291d67161a8a78ce36a881fa63b766a9\n',
      },
      {
        file: '.github/workflows/test.yml',
        text: 'on: [push, pull_request]\npermissions: {contents: read}\njobs:\n  test:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: pytest\n',
      },
    ],
    references: [
      {
        title: 'GitHub documentation: secure use reference',
        url: 'https://docs.github.com/en/actions/reference/security/secure-use',
      },
    ],
    cwe: [829],
    atlas: ['AML.T0010.001', 'AML.T0055'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['GOVERN 6.1'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(text, report) {
    for (const workflow of documentsOf(text, 'github-workflow')) {
      const events = eventsOf(workflow);
      const privilegedEvent = events.find((event) => event === 'pull_request_target' || event === 'workflow_run');
      const outside = events.find((event) => startedByAnybody.has(event));
      const fromForks = events.includes('pull_request');
      const jobs = nodeAt(workflow, 'jobs');
      for (const { value: job } of jobs?.kind === 'mapping' ? jobs.entries : []) {
        if (outside) checkInjection(job, jobs, outside, report);
        if (privilegedEvent) {
          for (const step of itemsAt(job, 'steps')) {
            const ref = leafAt(step, 'with', 'ref');
            const uses = textAt(step, 'uses') ?? '';
            if (
              !uses.startsWith('actions/checkout@') ||
              !/pull_request\.head|github\.head_ref|workflow_run\.head_(?:sha|branch)|refs\/pull\//.test(
                String(ref?.value ?? ''),
              )
            )
              continue;
            report({
              message: `Checks out the code of a pull request on ${privilegedEvent}, where secrets are at hand: anybody can change what runs. Split the workflow.`,
              severity: guarded(job, jobs) ? 'warning' : 'error',
              location: placeOf(ref?.range ?? step.range),
              evidence: { event: privilegedEvent },
            });
          }
        }
        if (!fromForks) continue;
        const runner = runnerOf(job);
        if (runner && !guarded(job, jobs)) {
          report({
            message: `Runs pull requests on a machine of your own (\`${runner.label}\`): what a stranger's code leaves there stays. Use a hosted runner, or ask for an approval first.`,
            location: placeOf(runner.range),
            evidence: { runner: runner.label },
          });
        }
        const token = leafAt(job, 'permissions', 'id-token') ?? leafAt(workflow, 'permissions', 'id-token');
        if (token?.value === 'write' && !guarded(job, jobs)) {
          report({
            message:
              'Hands an identity to jobs of pull requests (`id-token: write`). Ask for it only in jobs that run after a review.',
            location: placeOf(token.range),
            evidence: { permission: 'id-token' },
          });
          break;
        }
      }
    }
  },
});

/** Events with secrets at hand that anybody may start. */
const startedByAnybody: ReadonlySet<string> = new Set([
  'pull_request_target',
  'workflow_run',
  'issue_comment',
  'issues',
  'discussion',
  'discussion_comment',
  'pull_request_review',
  'pull_request_review_comment',
]);

/** What strangers write, and GitHub puts into the script before a shell sees it. */
const written =
  /\$\{\{\s*(github\.(?:head_ref|event\.(?:issue|pull_request|comment|review|discussion|workflow_run|head_commit)\.(?:[\w.]+\.)?(?:title|body|message|ref|label|email|name|head_branch)))\s*(?:\|\|[^}]*)?\}\}/;

function checkInjection(
  job: ConfigNode,
  jobs: ConfigNode | undefined,
  event: string,
  report: (report: Report) => void,
): void {
  for (const step of itemsAt(job, 'steps')) {
    for (const leaf of [leafAt(step, 'run'), leafAt(step, 'with', 'script')]) {
      const word = leaf && wordsOf(leaf).find(({ value }) => written.test(value));
      const taken = word && written.exec(word.value)?.[1];
      if (!word || taken === undefined) continue;
      report({
        message: `Puts what a stranger writes (\`${taken}\`) into a script on ${event}, where secrets are at hand: a quote or \`$(...)\` in it becomes a command. Hand it over as a variable (env:), and use that in quotes.`,
        severity: guarded(job, jobs) ? 'warning' : 'error',
        location: placeOf(word.range),
        evidence: { event, value: taken },
      });
    }
  }
}

/** Whether a job, or one that it waits for, has a condition on who or what, or an environment that may ask for an approval. */
function guarded(job: ConfigNode, jobs: ConfigNode | undefined): boolean {
  const waiting = [job];
  const seen = new Set<string>();
  for (const each of waiting) {
    if (isGuarded(each)) return true;
    for (const name of neededBy(each)) {
      const needed = nodeAt(jobs, name);
      if (!needed || seen.has(name)) continue;
      seen.add(name);
      waiting.push(needed);
    }
  }
  return false;
}

function neededBy(job: ConfigNode): string[] {
  const one = textAt(job, 'needs');
  return one === undefined ? itemsAt(job, 'needs').flatMap((_, index) => textAt(job, 'needs', index) ?? []) : [one];
}

function isGuarded(job: ConfigNode): boolean {
  const condition = textAt(job, 'if') ?? '';
  return (
    nodeAt(job, 'environment') !== undefined ||
    /head\.repo\.full_name|\.fork|author_association|github\.actor|event_name\s*(?:!=\s*'pull_request'|==\s*'(?:push|schedule|workflow_dispatch)')/.test(
      condition,
    )
  );
}

function runnerOf(job: ConfigNode): { label: string; range: ConfigNode['range'] } | undefined {
  const runs = nodeAt(job, 'runs-on');
  const leaves = runs?.kind === 'sequence' ? runs.items : runs ? [runs] : [];
  for (const leaf of leaves) {
    if (leaf.kind === 'scalar' && typeof leaf.value === 'string' && /self-hosted/i.test(leaf.value))
      return { label: leaf.value, range: leaf.range };
  }
  return undefined;
}
