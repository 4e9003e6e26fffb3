import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { judgeExample } from '../exampleFiles.fixture.ts';

/** Messages of a rule about a text. */
async function told(ruleId: string, file: string, text: string): Promise<string[]> {
  return (await judgeExample({ file, text })).filter((each) => each.ruleId === ruleId).map(({ message }) => message);
}

describe('job/no-security-context', () => {
  const rule = 'job/no-security-context';
  const pod = (fields: string): string =>
    `apiVersion: v1\nkind: Pod\nspec:\n${fields}  containers:\n  - name: a\n    image: a:1\n    securityContext: {runAsNonRoot: true, allowPrivilegeEscalation: false}\n`;

  test('the token of the account that all pods share', async () => {
    const [message = ''] = await told(rule, 'p.yaml', pod(''));
    assert.match(message, /: automountServiceAccountToken: false is missing/);
    assert.equal((await told(rule, 'p.yaml', pod('  serviceAccountName: default\n'))).length, 1);
    assert.deepEqual(await told(rule, 'p.yaml', pod('  automountServiceAccountToken: false\n')), []);
    assert.deepEqual(await told(rule, 'p.yaml', pod('  serviceAccountName: train\n')), [], 'one of its own');
  });

  test('an account default without a token, and a set of containers that is no pod', async () => {
    const account =
      'apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: default}\nautomountServiceAccountToken: false\n---\n';
    assert.deepEqual(await told(rule, 'p.yaml', account + pod('')), []);
    const set =
      'apiVersion: argoproj.io/v1alpha1\nkind: WorkflowTemplate\nspec:\n  templates:\n  - name: a\n    containerSet:\n      containers:\n      - {name: a, image: "a:1", securityContext: {runAsNonRoot: true, allowPrivilegeEscalation: false}}\n';
    assert.deepEqual(await told(rule, 't.yaml', set), []);
  });

  const workflow = (kind: string, spec: string): string =>
    `apiVersion: argoproj.io/v1alpha1\nkind: ${kind}\nspec:\n${spec}  templates:\n  - name: a\n    container: {image: "a:1", command: [a]}\n`;

  test('an Argo workflow without an account, once', async () => {
    const found = await told(rule, 'w.yaml', workflow('Workflow', ''));
    assert.equal(found.length, 1);
    assert.match(found[0] ?? '', /serviceAccountName/);
    assert.equal((await told(rule, 'c.yaml', workflow('CronWorkflow', '  workflowSpec: {entrypoint: a}\n'))).length, 1);
  });

  test('where the account is named, or elsewhere', async () => {
    for (const spec of [
      '  serviceAccountName: train\n',
      '  workflowTemplateRef: {name: a}\n',
      '  executor: {serviceAccountName: train}\n',
    ])
      assert.deepEqual(await told(rule, 'w.yaml', workflow('Workflow', spec)), [], spec);
    assert.deepEqual(await told(rule, 'w.yaml', workflow('WorkflowTemplate', '')), []);
  });
});

test('job/sagemaker-isolation: several machines speak to one another', async () => {
  const job = (count: number): string =>
    `RoleArn: a\nAlgorithmSpecification: {TrainingImage: "a:1"}\nEnableNetworkIsolation: true\nOutputDataConfig: {KmsKeyId: a}\nVpcConfig: {Subnets: [a]}\nResourceConfig: {InstanceCount: ${count}}\n`;
  const [message = ''] = await told('job/sagemaker-isolation', 'j.yaml', job(2));
  assert.match(message, /^Leaves out EnableInterContainerTrafficEncryption:/);
  assert.deepEqual(await told('job/sagemaker-isolation', 'j.yaml', job(1)), []);
});

test('job/vertex-isolation: a tuning job is one, too', async () => {
  const text = 'studySpec: {}\ntrialJobSpec:\n  serviceAccount: a@p\n  workerPoolSpecs: [{replicaCount: 1}]\n';
  const [message = ''] = await told('job/vertex-isolation', 't.yaml', text);
  assert.match(message, /^Leaves out network, encryptionSpec\.kmsKeyName:/);
});
