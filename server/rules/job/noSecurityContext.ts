import { entryOf, hasMerge, mappingsIn, nodeAt, textAt } from '../../formats/text/configTree.ts';
import type { ConfigMapping, ConfigNode, TextRange } from '../../formats/text/facts.ts';
import { isFalse, isTrue, stateOf } from '../../formats/text/dynamicValue.ts';
import type { PodSpec } from '../../formats/text/podSpecs.ts';
import { placeOf } from '../load/place.ts';
import { defineRule } from '../rule.ts';
import { documentsOf, type TextSubject } from '../text.ts';
import { addedEntry, headOf, podsOf, setting } from './containers.ts';

export const noSecurityContext = defineRule({
  subject: 'text',
  meta: {
    id: 'job/no-security-context',
    title: 'A job runs with rights that nobody took away',
    severity: 'info',
    description:
      'Containers of a pod may run as root, may gain rights, or are handed the token of the service account `default`: `runAsNonRoot: true`, `allowPrivilegeEscalation: false` or `automountServiceAccountToken: false` is missing. An Argo workflow names no `serviceAccountName`. One finding a file, because nearly no file of training jobs says so. `runAsUser: 0` that is written out is a warning. A Dockerfile whose last stage never leaves root is told once, too.',
    why: 'A loaded pickle runs with the rights of the container: as root it writes everywhere, and with the token it speaks to the cluster.',
    howToFix:
      'Add a `securityContext` with `runAsNonRoot: true`, `allowPrivilegeEscalation: false`, `capabilities: {drop: [ALL]}`, and `automountServiceAccountToken: false` to the pod; `USER 1000` to the Dockerfile.',
    avoid: [
      {
        file: 'job.yaml',
        text: 'apiVersion: batch/v1\nkind: Job\nspec:\n  template:\n    spec:\n      containers:\n        - name: train\n          image: example.org/train:1\n',
      },
      {
        file: 'workflow.yaml',
        text: 'apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: {generateName: train-}\nspec:\n  entrypoint: train\n  templates:\n    - name: train\n      container: {image: "example.org/train:1", command: [python, train.py]}\n',
      },
      { file: 'Dockerfile', text: 'FROM python:3.12\nRUN pip install --require-hashes -r requirements.txt\n' },
    ],
    prefer: [
      {
        file: 'job.yaml',
        text: 'apiVersion: batch/v1\nkind: Job\nspec:\n  template:\n    spec:\n      automountServiceAccountToken: false\n      securityContext:\n        runAsNonRoot: true\n      containers:\n        - name: train\n          image: example.org/train:1\n          securityContext:\n            allowPrivilegeEscalation: false\n',
      },
      {
        file: 'workflow.yaml',
        text: 'apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: {generateName: train-}\nspec:\n  entrypoint: train\n  serviceAccountName: train\n  templates:\n    - name: train\n      container: {image: "example.org/train:1", command: [python, train.py]}\n',
      },
      {
        file: 'Dockerfile',
        text: 'FROM python:3.12 AS build\nRUN make\nFROM python:3.12\nCOPY --from=build /app /app\nUSER 1000\n',
      },
    ],
    references: [
      {
        title: 'Kubernetes documentation: security context',
        url: 'https://kubernetes.io/docs/tasks/configure-pod-container/security-context/',
      },
    ],
    cwe: [250],
    atlas: ['AML.T0011.000', 'AML.T0012'],
    owasp: ['LLM06:2025'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(text, report) {
    if (text.language === 'dockerfile') {
      const from = text.instructions.findLastIndex(({ keyword }) => keyword === 'FROM');
      const last = text.instructions[from];
      if (!last || last.words[0]?.value === 'scratch') return;
      const users = text.instructions.slice(from).filter(({ keyword }) => keyword === 'USER');
      const user = users.at(-1);
      // A base image may set a user of its own (`-nonroot`), and an earlier stage may have set one.
      if (user ? !/^(?:root|0)(?::|$)/.test(user.argument) : /nonroot|distroless|unprivileged/.test(last.argument))
        return;
      if (!user && text.instructions.some(({ keyword }) => keyword === 'USER')) return;
      report({
        message: user
          ? 'The image runs as root. End it with a user of its own (USER 1000).'
          : 'The image runs as its base image does, which is mostly root. End it with a user of its own (USER 1000).',
        severity: 'info',
        location: placeOf((user ?? last).range),
        evidence: { option: 'USER' },
      });
      return;
    }
    const [shared] = sharedAccounts(text);
    if (shared)
      report({
        message:
          'The workflow runs as the service account `default` of its namespace (serviceAccountName is missing): what it is allowed, every pod there is. Name an account of its own.',
        location: placeOf(shared.range),
        evidence: { missing: ['serviceAccountName'], kind: shared.kind },
      });
    const quiet = hasQuietAccount(text);
    let said = shared !== undefined;
    for (const pod of podsOf(text)) {
      const context = nodeAt(pod.node, 'securityContext');
      for (const { node, name } of pod.containers) {
        const own = nodeAt(node, 'securityContext');
        const asRoot = setting(own, 'runAsUser') ?? setting(context, 'runAsUser');
        if (asRoot?.value === 0) {
          report({
            message: `The container ${JSON.stringify(name)} runs as root (\`runAsUser: 0\`). Give it a user of its own.`,
            severity: 'warning',
            location: placeOf(asRoot.range),
            evidence: { option: 'runAsUser', container: name },
          });
          said = true;
        }
        const missing = said || !pod.whole ? [] : missingOf(pod, context, own, quiet);
        if (missing.length === 0) continue;
        said = true;
        const edit = securityEdit(node, own);
        report({
          message: `The container ${JSON.stringify(name)} keeps rights that a job needs not: ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing. Add a securityContext.`,
          location: placeOf(headOf(node)),
          evidence: { missing, container: name },
          fixes: ['drop-privileges'],
          ...(edit && {
            edits: [
              {
                fix: 'drop-privileges',
                kind: 'suggestion',
                title: 'Add a securityContext that drops privileges',
                changes: [edit],
              },
            ],
          }),
        });
      }
    }
  },
});

function missingOf(
  { node: pod, path }: PodSpec,
  context: ConfigNode | undefined,
  own: ConfigNode | undefined,
  quiet: boolean,
): string[] {
  if (hasMerge(pod) || hasMerge(own) || stateOf(own) === 'dynamic' || stateOf(context) === 'dynamic') return [];
  const missing: string[] = [];
  const nonRoot = setting(own, 'runAsNonRoot') ?? setting(context, 'runAsNonRoot');
  const user = setting(own, 'runAsUser') ?? setting(context, 'runAsUser');
  if (!(nonRoot && !isFalse(nonRoot.value)) && !(user && user.value !== 0)) missing.push('runAsNonRoot: true');
  const escalation = setting(own, 'allowPrivilegeEscalation');
  if (!escalation || isTrue(escalation.value)) missing.push('allowPrivilegeEscalation: false');
  // What has an account of its own may need its token. A set of containers in an Argo template is no pod.
  const token = setting(pod, 'automountServiceAccountToken');
  const account = textAt(pod, 'serviceAccountName') ?? textAt(pod, 'serviceAccount') ?? 'default';
  if (!quiet && account === 'default' && (!token || isTrue(token.value)) && path.at(-1) !== 'containerSet')
    missing.push('automountServiceAccountToken: false');
  return missing;
}

/** Whether the text says of the account `default` itself that its token is not handed out. */
function hasQuietAccount(text: TextSubject): boolean {
  return [...documentsOf(text, 'kubernetes')].some(
    (document) =>
      textAt(document, 'kind') === 'ServiceAccount' &&
      textAt(document, 'metadata', 'name') === 'default' &&
      isFalse(setting(document, 'automountServiceAccountToken')?.value),
  );
}

/** An Argo workflow that runs as whoever runs in its namespace without an account of its own. */
function* sharedAccounts(text: TextSubject): Generator<{ kind: string; range: TextRange }> {
  for (const document of documentsOf(text, 'argo')) {
    const kind = textAt(document, 'kind') ?? '';
    const spec = kind === 'CronWorkflow' ? nodeAt(document, 'spec', 'workflowSpec') : nodeAt(document, 'spec');
    const place = entryOf(document, 'spec');
    if (!/^(?:Cron)?Workflow$/.test(kind) || !spec || !place || hasMerge(spec)) continue;
    // A template that it refers to may name the account, and so may each of its own.
    if (nodeAt(spec, 'workflowTemplateRef')) continue;
    const named = [...mappingsIn(spec)].some(({ node }) => nodeAt(node, 'serviceAccountName') !== undefined);
    if (!named) yield { kind, range: place.keyRange };
  }
}

function securityEdit(container: ConfigMapping, own: ConfigNode | undefined) {
  if (own) return null;
  return addedEntry(container, [
    'securityContext:',
    '  runAsNonRoot: true',
    '  allowPrivilegeEscalation: false',
    '  capabilities:',
    '    drop: [ALL]',
  ]);
}
