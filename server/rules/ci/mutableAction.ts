import { itemsAt, leafAt, nodeAt } from '../../formats/text/configTree.ts';
import type { ConfigLeaf, ConfigNode } from '../../formats/text/facts.ts';
import { isCommit } from '../../formats/text/hubReference.ts';
import { answerMark, type AskedEdit } from '../finding.ts';
import { placeOf, replace } from '../load/place.ts';
import { defineRule } from '../rule.ts';
import { documentsOf } from '../text.ts';

export const mutableAction = defineRule({
  subject: 'text',
  meta: {
    id: 'ci/mutable-action',
    title: 'A workflow runs an action of others that can change',
    severity: 'warning',
    description:
      'A GitHub workflow or a composite action (`action.yml`) uses an action at a branch (`@main`: a warning, once a file), or, of owners other than GitHub, at a tag (information, once a file). Actions of the repository itself and images by digest are in order.',
    why: 'Whoever can push to the branch or move the tag runs code with the workflow’s token and secrets, as happened to `tj-actions/changed-files` in 2025.',
    howToFix:
      'Pin the full commit, with the version in a comment: `uses: owner/action@<40 digits> # v1.2.3`. Dependabot keeps it up to date.',
    avoid: [
      {
        file: '.github/workflows/train.yml',
        text: 'on: push\npermissions: {contents: read}\njobs:\n  train:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: org/setup-gpu@main\n',
      },
      {
        file: 'action.yml',
        text: 'name: setup\nruns:\n  using: composite\n  steps:\n    - uses: org/setup-gpu@main\n',
        note: 'Whoever uses this action runs that one.',
      },
    ],
    prefer: [
      {
        file: '.github/workflows/train.yml',
        text: 'on: push\npermissions: {contents: read}\njobs:\n  train:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: org/setup-gpu@0123456789abcdef0123456789abcdef01234567 # v1.2\n      - uses: ./.github/actions/local\n      - uses: actions/checkout@v4\n',
      },
    ],
    references: [
      {
        title: 'GitHub documentation: secure use reference',
        url: 'https://docs.github.com/en/actions/reference/security/secure-use',
      },
      { title: 'CVE-2025-30066', url: 'https://nvd.nist.gov/vuln/detail/CVE-2025-30066' },
    ],
    cwe: [829, 1357],
    atlas: ['AML.T0010.001'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['GOVERN 6.1'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(text, report) {
    for (const workflow of documentsOf(text, 'github-workflow', 'github-action')) {
      const uses = mutableUses(workflow);
      const branches = uses.filter(({ revision }) => !isTag(revision));
      const tags = uses.filter(({ name, revision }) => isTag(revision) && !/^(?:actions|github)\//.test(name));
      for (const [list, kind] of [
        [branches, 'branch'],
        [tags, 'tag'],
      ] as const) {
        const [first] = list;
        if (!first) continue;
        const more = list.length > 1 ? ` and ${list.length - 1} more` : '';
        report({
          message: `Runs ${JSON.stringify(first.name)} at the ${kind} ${JSON.stringify(first.revision)}${more}, which can be moved. Pin the full commit.`,
          severity: kind === 'branch' ? 'warning' : 'info',
          location: placeOf(first.leaf.range),
          evidence: { actions: list.map(({ name }) => name).slice(0, 20), kind },
          fixes: ['pin-action'],
          asked: list.slice(0, 20).map(pinning),
        });
      }
    }
  },
});

export interface Use {
  name: string;
  revision: string;
  leaf: ConfigLeaf;
}

/** The change that pins an action, which a person looks up. */
function pinning({ name, revision, leaf }: Use): AskedEdit {
  return {
    fix: 'pin-action',
    title: `Pin ${name} to the commit of ${revision}...`,
    wanted: 'commit',
    of: `${name} at ${revision}`,
    changes: [replace(leaf.innerRange, `${name}@${answerMark}`)],
  };
}

/** What a workflow or a composite action uses that is pinned to nothing that stays. */
export function mutableUses(workflow: ConfigNode): Use[] {
  const jobs = nodeAt(workflow, 'jobs');
  const steps = (node: ConfigNode): (ConfigLeaf | undefined)[] =>
    itemsAt(node, 'steps').map((step) => leafAt(step, 'uses'));
  const runs = nodeAt(workflow, 'runs');
  const inJobs = (jobs?.kind === 'mapping' ? jobs.entries : []).flatMap(({ value: job }) => [
    leafAt(job, 'uses'),
    ...steps(job),
  ]);
  return [...inJobs, ...(runs ? steps(runs) : [])].flatMap((leaf) => {
    const match = typeof leaf?.value === 'string' ? /^([\w.-]+\/[\w./-]+)@([^\s@]+)$/.exec(leaf.value) : null;
    if (!leaf || !match || isCommit(match[2]) || /\$\{\{/.test(match[0])) return [];
    return [{ name: match[1] ?? '', revision: match[2] ?? '', leaf }];
  });
}

function isTag(revision: string): boolean {
  return /^v?\d/.test(revision) || /^[\w-]+[-/]v?\d/.test(revision) || /^[0-9a-f]{7,39}$/.test(revision);
}
