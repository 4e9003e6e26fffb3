import type { ConfigMapping } from '../../formats/text/facts.ts';
import { dealias, entryOf, itemsAt, leafAt, textAt } from '../../formats/text/configTree.ts';
import { environmentOf } from '../../formats/text/podSpecs.ts';
import { placeOf, replace } from '../load/place.ts';
import { defineRule, type Report } from '../rule.ts';
import { credentialStrength, isSecretKey, secretsIn } from '../secret/secretShapes.ts';
import { unlessSilent } from '../silent.ts';
import { documentsOf, type TextSubject } from '../text.ts';
import { startedContainers } from './containers.ts';
import { launchVariables } from '../../formats/text/launches.ts';

export const secretInEnv = defineRule({
  subject: 'text',
  meta: {
    id: 'job/secret-in-env',
    title: 'A job is given a credential in plain text',
    severity: 'error',
    description:
      'A variable of a container whose name is that of a credential (`HF_TOKEN`, `WANDB_API_KEY`, `AWS_SECRET_ACCESS_KEY`), or whose value has the shape of one, is written into a Kubernetes object, into the values of a chart (`env`), into the `docker_env` of an MLflow project or baked into an image with `ENV`. What nobody would make up is an error, a short or guessable value a warning. `valueFrom`, references and placeholders are in order.',
    why: 'The object stands in the repository, in the cluster’s database and in the output of `kubectl describe`; an image keeps its `ENV` for everybody who can pull it.',
    howToFix:
      'Make a Secret and name it: `valueFrom: {secretKeyRef: {name: ..., key: ...}}`. While an image is built, `RUN --mount=type=secret`.',
    avoid: [
      {
        file: 'vertex.yaml',
        text: 'jobSpec:\n  workerPoolSpecs:\n    - containerSpec:\n        imageUri: example.org/train:1\n        env:\n          - name: WANDB_API_KEY\n            value: 3f9a7c1e5b8d2046af13c7e9b5d80246af13c7e9\n',
      },
      {
        file: 'MLproject',
        text: 'name: reviews\ndocker_env:\n  image: registry.example.org/train:1.4.2\n  environment: [[WANDB_API_KEY, 9b1c7f3e5d2a8064c1e7b3f9a5d2c8e4f60718ab]]\nentry_points:\n  main:\n    command: python train.py\n',
      },
      {
        file: 'job.yaml',
        text: 'apiVersion: batch/v1\nkind: Job\nspec:\n  template:\n    spec:\n      containers:\n        - name: train\n          image: example.org/train:1\n          env:\n            - name: WANDB_API_KEY\n              value: 9b1c7f3e5d2a8064c1e7b3f9a5d2c8e4f60718ab\n',
      },
      { file: 'Dockerfile', text: 'FROM python:3.12\nENV HF_TOKEN=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\nUSER 1000\n' },
    ],
    prefer: [
      {
        file: 'MLproject',
        text: 'name: reviews\ndocker_env:\n  image: registry.example.org/train:1.4.2\n  volumes: ["/data/reviews:/data:ro"]\n  environment: [WANDB_API_KEY, [MODE, train]]\nentry_points:\n  main:\n    command: python train.py\n',
      },
      {
        file: 'job.yaml',
        text: 'apiVersion: batch/v1\nkind: Job\nspec:\n  template:\n    spec:\n      containers:\n        - name: train\n          image: example.org/train:1\n          env:\n            - name: WANDB_API_KEY\n              valueFrom:\n                secretKeyRef: {name: wandb, key: api-key}\n            - name: TOKENIZERS_PARALLELISM\n              value: "false"\n            - name: API_KEY\n              value: $(KEY)\n',
      },
    ],
    references: [
      { title: 'Kubernetes documentation: secrets', url: 'https://kubernetes.io/docs/concepts/configuration/secret/' },
    ],
    cwe: [798, 526],
    atlas: ['AML.T0055'],
    owasp: ['LLM02:2025'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(text, report) {
    for (const { node, name } of startedContainers(text)) checkVariables(node, report, name);
    checkProjects(text, report);
    if (text.language !== 'dockerfile') return;
    const said = new Set<string>();
    for (const { name, value, range } of launchVariables(text, text.path)) {
      const strength = value === undefined ? null : judge(name, value);
      const key = `${range.line}:${range.column}`;
      if (strength === null || said.has(key)) continue;
      said.add(key);
      report({
        message: say(name, 'the image'),
        severity: strength === 'strong' ? 'error' : 'warning',
        location: placeOf(range),
        evidence: { variable: name },
      });
    }
  },
});

const checkVariables = unlessSilent((container: ConfigMapping, report, name: string) => {
  for (const { name: variable, value, node: place } of environmentOf(container)) {
    const strength = typeof value?.value === 'string' && value.tag === undefined ? judge(variable, value.value) : null;
    if (!value || strength === null) continue;
    const entry = dealias(place);
    report({
      message: say(variable, `the container ${JSON.stringify(name)}`),
      severity: strength === 'strong' ? 'error' : 'warning',
      location: placeOf(value.innerRange),
      evidence: { variable, container: name },
      fixes: ['use-environment-reference'],
      ...(entry?.kind === 'mapping' && edits(entry, variable)),
    });
  }
});

/**
 * `docker_env.environment` of an MLflow project: a pair is a name and its value, a name alone is copied from the machine that starts the run.
 * Source: github.com/mlflow/mlflow, mlflow/projects/_project_spec.py.
 */
function checkProjects(text: TextSubject, report: (report: Report) => void): void {
  for (const document of documentsOf(text, 'mlproject')) {
    for (const pair of itemsAt(document, 'docker_env', 'environment')) {
      const [variable, value] = [textAt(pair, 0), leafAt(pair, 1)];
      if (variable === undefined || typeof value?.value !== 'string') continue;
      const strength = judge(variable, value.value);
      if (strength === null) continue;
      report({
        message: `Gives the container of the project a credential in plain text (\`${variable}\`). Revoke it, and write the name alone, which copies it from the machine that starts the run.`,
        severity: strength === 'strong' ? 'error' : 'warning',
        location: placeOf(value.innerRange),
        evidence: { variable, container: 'docker_env' },
      });
    }
  }
}

function judge(variable: string, value: string): 'strong' | 'weak' | null {
  if (secretsIn(value).length > 0) return 'strong';
  return isSecretKey(variable) || /^(?:WANDB|HF|HUGGING_?FACE|AWS)\w*(?:KEY|TOKEN)$/.test(variable)
    ? credentialStrength(value)
    : null;
}

function say(variable: string, where: string): string {
  return `Gives ${where} a credential in plain text (\`${variable}\`). Revoke it, and take it from a Secret (secretKeyRef).`;
}

/** `value: x` becomes a reference to a secret, which has to be made. */
function edits(variable: ConfigMapping, name: string) {
  const entry = entryOf(variable, 'value');
  if (!entry || variable.flow) return {};
  const { line, column } = entry.keyRange;
  const { endLine, endColumn } = entry.value.range;
  const blank = ' '.repeat(column - 1);
  const secret = name.toLowerCase().replaceAll('_', '-');
  const newText = [
    'valueFrom:',
    `${blank}  secretKeyRef:`,
    `${blank}    name: ${secret}`,
    `${blank}    key: ${name}`,
  ].join('\n');
  return {
    edits: [
      {
        fix: 'use-environment-reference' as const,
        kind: 'suggestion' as const,
        title: `Take it from the secret "${secret}" (make that first)`,
        changes: [replace({ line, column, endLine, endColumn }, newText)],
      },
    ],
  };
}
