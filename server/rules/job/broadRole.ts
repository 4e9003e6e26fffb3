import { itemsAt, leafAt, mappingsIn, nodeAt, textAt } from '../../formats/text/configTree.ts';
import type { ConfigLeaf, ConfigNode } from '../../formats/text/facts.ts';
import { placeOf } from '../load/place.ts';
import { defineRule } from '../rule.ts';
import { documentsOf } from '../text.ts';

export const broadRole = defineRule({
  subject: 'text',
  meta: {
    id: 'job/broad-role',
    title: 'A job is given a role that may do everything',
    severity: 'warning',
    description:
      'A Kubernetes role with `*` verbs on `*` resources, a binding of `cluster-admin` to a service account, an IAM policy that allows `*` (or `s3:*`, `sagemaker:*`) on `*`, or an administrator’s policy attached to a role. A configuration of accelerate for SageMaker that names the role which `accelerate config` makes: it may do everything in SageMaker, and read and write every bucket.',
    why: 'Code that gets into the job has the role: it reads every bucket, replaces models, and starts machines.',
    howToFix: 'Name the verbs, the resources and the buckets that the job needs, and give each job a role of its own.',
    avoid: [
      {
        file: 'binding.yaml',
        text: 'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}\nsubjects:\n  - {kind: ServiceAccount, name: train, namespace: ml}\n',
      },
      {
        file: 'role.yaml',
        text: 'Resources:\n  Role:\n    Type: AWS::IAM::Role\n    Properties:\n      Policies:\n        - PolicyName: all\n          PolicyDocument:\n            Statement:\n              - Effect: Allow\n                Action: "s3:*"\n                Resource: "*"\n',
      },
      {
        file: 'default_config.yaml',
        text: 'compute_environment: AMAZON_SAGEMAKER\ndistributed_type: DATA_PARALLEL\nec2_instance_type: ml.p3.16xlarge\niam_role_name: accelerate_sagemaker_execution_role\nnum_machines: 2\n',
      },
    ],
    prefer: [
      {
        file: 'default_config.yaml',
        text: 'compute_environment: AMAZON_SAGEMAKER\ndistributed_type: DATA_PARALLEL\nec2_instance_type: ml.p3.16xlarge\niam_role_name: train-reviews\nnum_machines: 2\n',
        note: 'A role of its own, whose policy names the buckets.',
      },
      {
        file: 'role.yaml',
        text: 'apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: train}\nrules:\n  - apiGroups: [""]\n    resources: [pods]\n    verbs: [get, list]\n',
      },
    ],
    references: [
      {
        title: 'Kubernetes documentation: RBAC good practices',
        url: 'https://kubernetes.io/docs/concepts/security/rbac-good-practices/',
      },
      {
        title: 'accelerate: the role that `accelerate config` makes',
        url: 'https://github.com/huggingface/accelerate/blob/main/src/accelerate/commands/config/sagemaker.py',
      },
    ],
    cwe: [250, 732],
    atlas: ['AML.T0012'],
    owasp: ['LLM06:2025'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(text, report) {
    const say = (leaf: ConfigLeaf, what: string): void =>
      report({
        message: `${what}: code that gets into the job may do the same. Name what it needs.`,
        location: placeOf(leaf.range),
        evidence: { granted: String(leaf.value) },
      });
    for (const document of documentsOf(text, 'accelerate')) {
      const made = leafAt(document, 'iam_role_name');
      if (made?.value === 'accelerate_sagemaker_execution_role')
        say(made, 'Runs with the role that `accelerate config` makes, which may use all of SageMaker and every bucket');
    }
    for (const document of documentsOf(text, 'kubernetes')) {
      const kind = textAt(document, 'kind') ?? '';
      const role = leafAt(document, 'roleRef', 'name');
      const toAccount = itemsAt(document, 'subjects').some((subject) => textAt(subject, 'kind') === 'ServiceAccount');
      if (/RoleBinding$/.test(kind) && role?.value === 'cluster-admin' && toAccount)
        say(role, 'Binds a service account to cluster-admin');
      if (!/^(?:Cluster)?Role$/.test(kind)) continue;
      for (const rule of itemsAt(document, 'rules')) {
        const verb = star(rule, 'verbs');
        if (verb && star(rule, 'resources')) say(verb, 'Allows every verb on every resource');
      }
    }
    for (const document of documentsOf(text, 'cloudformation')) {
      for (const { node } of mappingsIn(document)) {
        if (textAt(node, 'Effect') !== 'Allow') continue;
        const action = [
          leafAt(node, 'Action'),
          ...itemsAt(node, 'Action').map((_, index) => leafAt(node, 'Action', index)),
        ].find(
          (leaf) =>
            typeof leaf?.value === 'string' &&
            /^(?:\*|(?:s3|sagemaker|iam|sts|ecr|bedrock|secretsmanager):\*)$/.test(leaf.value),
        );
        if (action && (textAt(node, 'Resource') === '*' || star(node, 'Resource')))
          say(action, `Allows ${String(action.value)} on every resource`);
      }
      for (const { node } of mappingsIn(document)) {
        for (const [index] of itemsAt(node, 'ManagedPolicyArns').entries()) {
          const leaf = leafAt(node, 'ManagedPolicyArns', index);
          if (
            typeof leaf?.value === 'string' &&
            /policy\/(?:AdministratorAccess|PowerUserAccess|AmazonSageMakerFullAccess|AmazonS3FullAccess)$/.test(
              leaf.value,
            )
          )
            say(leaf, `Attaches ${leaf.value.replace(/^.*\//, '')}`);
        }
      }
    }
  },
});

function star(node: ConfigNode, key: string): ConfigLeaf | undefined {
  const list = nodeAt(node, key);
  if (list?.kind !== 'sequence') return undefined;
  for (const [index] of list.items.entries()) {
    const leaf = leafAt(list, index);
    if (leaf?.value === '*') return leaf;
  }
  return undefined;
}
