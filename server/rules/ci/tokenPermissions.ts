import { entryOf, keysOf, leafAt, nodeAt } from '../../formats/text/configTree.ts';
import type { ConfigLeaf, ConfigNode } from '../../formats/text/facts.ts';
import { placeOf, replace } from '../load/place.ts';
import { defineRule, type Report } from '../rule.ts';
import { documentsOf } from '../text.ts';
import { mutableUses } from './mutableAction.ts';

export const tokenPermissions = defineRule({
  subject: 'text',
  meta: {
    id: 'ci/token-permissions',
    title: 'The token of a workflow may write more than it needs',
    severity: 'warning',
    description:
      'A GitHub workflow, or a job of it, asks for `permissions: write-all` (a warning), or the workflow says nothing of permissions while it uses an action that is not pinned to a commit (information): then the setting of the repository decides, which in older ones lets the token write.',
    why: 'An action that is taken over, a dependency that is installed or a test that a stranger wrote has the token of the workflow: with it, it changes the repository, its releases and its packages.',
    howToFix:
      'Write `permissions: {contents: read}` at the top of the workflow, and give a single job what it needs beyond that (`packages: write`).',
    avoid: [
      {
        file: '.github/workflows/train.yml',
        text: 'on: push\npermissions: write-all\njobs:\n  train:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: make train\n',
      },
      {
        file: '.github/workflows/test.yml',
        text: 'on: push\njobs:\n  test:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: actions/checkout@v4\n',
        note: 'What the token may do, the settings of the repository say.',
      },
    ],
    prefer: [
      {
        file: '.github/workflows/train.yml',
        text: 'on: push\npermissions: {contents: read}\njobs:\n  train:\n    runs-on: ubuntu-24.04\n    permissions:\n      contents: read\n      packages: write\n    steps:\n      - uses: actions/checkout@v4\n',
      },
      {
        file: '.github/workflows/test.yml',
        text: 'on: push\njobs:\n  test:\n    runs-on: ubuntu-24.04\n    permissions: read-all\n    steps:\n      - uses: actions/checkout@v4\n',
        note: 'Each job says what it needs.',
      },
    ],
    references: [
      {
        title: 'GitHub documentation: use GITHUB_TOKEN for authentication in workflows',
        url: 'https://docs.github.com/en/actions/how-tos/security-for-github-actions/security-guides/use-github_token-in-workflows',
      },
    ],
    cwe: [250, 732],
    atlas: ['AML.T0010.001', 'AML.T0055'],
    owasp: ['LLM06:2025', 'LLM03:2025'],
    nistAiRmf: ['GOVERN 6.1'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(text, report) {
    for (const workflow of documentsOf(text, 'github-workflow')) {
      const jobs = nodeAt(workflow, 'jobs');
      const each = jobs?.kind === 'mapping' ? jobs.entries.map(({ value }) => value) : [];
      for (const node of [workflow, ...each]) {
        const asked = leafAt(node, 'permissions');
        if (asked?.value === 'write-all') sayAll(asked, report);
      }
      const says = (node: ConfigNode): boolean => keysOf(node).includes('permissions');
      if (says(workflow) || (each.length > 0 && each.every(says)) || mutableUses(workflow).length === 0) continue;
      sayNothing(workflow, report);
    }
  },
});

type Reporter = (report: Report) => void;

function sayAll({ range }: ConfigLeaf, report: Reporter): void {
  report({
    message:
      'Asks for a token that may write everything (`write-all`): whatever runs here changes the repository, its releases and its packages. Ask for what the jobs need.',
    location: placeOf(range),
    evidence: { permissions: 'write-all' },
    fixes: ['set-safe-value'],
    edits: [
      {
        fix: 'set-safe-value',
        kind: 'suggestion',
        title: 'Let the token read the contents alone',
        changes: [replace(range, '{contents: read}')],
      },
    ],
  });
}

/** Where the key would stand: before `jobs`. */
function sayNothing(workflow: ConfigNode, report: Reporter): void {
  const jobs = entryOf(workflow, 'jobs');
  if (!jobs || workflow.kind !== 'mapping') return;
  const { line, column } = jobs.keyRange;
  const change = replace({ line, column, endLine: line, endColumn: column }, 'permissions:\n  contents: read\n');
  report({
    message:
      'Sets no permissions: the token of the workflow may be one that writes. Set `permissions: {contents: read}` before the jobs.',
    severity: 'info',
    location: placeOf(jobs.keyRange),
    evidence: { permissions: null },
    ...(!workflow.flow &&
      column === 1 && {
        fixes: ['set-safe-value' as const],
        edits: [
          {
            fix: 'set-safe-value' as const,
            kind: 'suggestion' as const,
            title: 'Let the token read the contents alone',
            changes: [change],
          },
        ],
      }),
  });
}
