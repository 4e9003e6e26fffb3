import { hasMerge, keysOf, leafAt, nodeAt, textAt } from '../../formats/text/configTree.ts';
import type { ConfigNode } from '../../formats/text/facts.ts';
import { stateOf } from '../../formats/text/dynamicValue.ts';
import { podSpecsIn } from '../../formats/text/podSpecs.ts';
import { sageMakerRequests } from '../../formats/text/stateMachine.ts';
import { placeOf } from '../load/place.ts';
import { defineRule } from '../rule.ts';
import { documentsOf } from '../text.ts';
import { headOf } from './containers.ts';

export const noLimits = defineRule({
  subject: 'text',
  meta: {
    id: 'job/no-limits',
    title: 'A job may take as long and as much as it likes',
    severity: 'info',
    description:
      'A container of a training job has no memory limit, a batch job has no `activeDeadlineSeconds`, a SageMaker job no `MaxRuntimeInSeconds` (in a state of Step Functions, no `TimeoutSeconds` either), an Azure ML job no `limits.timeout`. One finding a file.',
    why: 'A job that hangs, or one that somebody started with stolen rights, holds the accelerators until someone looks at the bill.',
    howToFix:
      'Set `resources.limits.memory` and `activeDeadlineSeconds` (`StoppingCondition.MaxRuntimeInSeconds`, `limits.timeout`).',
    avoid: [
      {
        file: 'job.yaml',
        text: 'apiVersion: batch/v1\nkind: Job\nspec:\n  template:\n    spec:\n      containers:\n        - name: train\n          image: example.org/train:1\n          resources:\n            limits: {nvidia.com/gpu: 8}\n',
      },
      {
        file: 'train.json',
        text: '{"TrainingJobName": "a", "RoleArn": "arn:aws:iam::123456789012:role/train", "AlgorithmSpecification": {"TrainingImage": "example.org/train:1"}, "EnableNetworkIsolation": true}\n',
      },
    ],
    prefer: [
      {
        file: 'job.yaml',
        text: 'apiVersion: batch/v1\nkind: Job\nspec:\n  activeDeadlineSeconds: 86400\n  template:\n    spec:\n      containers:\n        - name: train\n          image: example.org/train:1\n          resources:\n            limits: {nvidia.com/gpu: 8, memory: 64Gi}\n',
      },
    ],
    references: [
      {
        title: 'Kubernetes documentation: job termination',
        url: 'https://kubernetes.io/docs/concepts/workloads/controllers/job/#job-termination-and-cleanup',
      },
    ],
    cwe: [400],
    atlas: ['AML.T0034', 'AML.T0029'],
    owasp: ['LLM10:2025'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(text, report) {
    for (const document of documentsOf(
      text,
      'kubernetes',
      'sagemaker',
      'azure-ml',
      'step-functions',
      'cloudformation',
    )) {
      const missing = missingIn(document);
      if (missing === null) continue;
      report({
        message: `Nothing ends or bounds the job: ${missing.what} is missing. Add it.`,
        location: placeOf(missing.range),
        evidence: { missing: missing.what },
      });
      return;
    }
  },
});

function missingIn(document: ConfigNode) {
  const kind = textAt(document, 'kind') ?? '';
  const place = document.kind === 'mapping' ? headOf(document) : document.range;
  const algorithm =
    nodeAt(document, 'AlgorithmSpecification') ??
    (kind === 'TrainingJob' ? nodeAt(document, 'spec', 'algorithmSpecification') : undefined);
  if (algorithm) {
    const stops =
      nodeAt(document, 'StoppingCondition', 'MaxRuntimeInSeconds') ??
      nodeAt(document, 'spec', 'stoppingCondition', 'maxRuntimeInSeconds');
    return stops ? null : { what: 'StoppingCondition.MaxRuntimeInSeconds', range: place };
  }
  for (const { action, node, state } of sageMakerRequests(document)) {
    const job = action === 'createHyperParameterTuningJob' ? nodeAt(node, 'TrainingJobDefinition') : node;
    if (!/^create(?:TrainingJob|HyperParameterTuningJob|ProcessingJob)$/.test(action) || job?.kind !== 'mapping')
      continue;
    const ends = [document, state].some((each) =>
      ['TimeoutSeconds', 'TimeoutSecondsPath'].some((key) => nodeAt(each, key)),
    );
    if (ends || keysOf(job).some((key) => /^StoppingCondition(?:\.\$)?$/.test(key))) continue;
    return { what: 'StoppingCondition.MaxRuntimeInSeconds', range: headOf(job) };
  }
  const schema = textAt(document, '$schema') ?? '';
  if (/(?:command|sweep|pipeline)Job/i.test(schema)) {
    return nodeAt(document, 'limits', 'timeout') ||
      nodeAt(document, 'limits', 'trial_timeout') ||
      /pipeline/i.test(schema)
      ? null
      : { what: 'limits.timeout', range: place };
  }
  const spec = nodeAt(document, 'spec');
  if (!/(?:^|[a-z])Job$|^Workflow$/.test(kind) || !spec || hasMerge(spec)) return null;
  for (const { containers, whole } of podSpecsIn(document)) {
    for (const { node, init } of containers) {
      if (init || !whole) continue;
      const limits = nodeAt(node, 'resources', 'limits');
      if (
        leafAt(limits, 'memory') ||
        hasMerge(node) ||
        stateOf(nodeAt(node, 'resources')) === 'dynamic' ||
        stateOf(limits) === 'dynamic'
      )
        continue;
      return { what: 'resources.limits.memory', range: headOf(node) };
    }
  }
  const deadline = nodeAt(spec, 'activeDeadlineSeconds');
  return kind === 'Job' && !deadline ? { what: 'activeDeadlineSeconds', range: place } : null;
}
