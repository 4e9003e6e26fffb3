import { dealias, leafAt, nodeAt, textAt } from '../../formats/text/configTree.ts';
import type { ConfigMapping, ConfigNode } from '../../formats/text/facts.ts';
import { isFalse, stateOf } from '../../formats/text/dynamicValue.ts';
import { sageMakerRequests } from '../../formats/text/stateMachine.ts';
import { placeOf } from '../load/place.ts';
import { defineRule } from '../rule.ts';
import { documentsOf } from '../text.ts';
import { headOf } from './containers.ts';

export const sagemakerIsolation = defineRule({
  subject: 'text',
  meta: {
    id: 'job/sagemaker-isolation',
    title: 'A SageMaker job is less isolated than it could be',
    severity: 'warning',
    description:
      'A training or processing job, model, endpoint configuration or notebook of SageMaker (request in JSON, CloudFormation, ACK, a state of Step Functions) leaves network isolation, encryption between the containers of several machines, a key of its own (KMS) or a VPC out. A key of the volume is not asked for: instances with disks of their own refuse it. One finding a resource: information where the options are left out, a warning where `EnableNetworkIsolation` is set to false, and where a notebook in a VPC reaches the internet past it (`DirectInternetAccess: Enabled`). Of a notebook, `DirectInternetAccess` and `RootAccess` are meant to be `Disabled`.',
    why: 'Without network isolation the code of a model or a dependency sends data and credentials anywhere; without a key of its own, who reads the bucket or the volume reads the weights.',
    howToFix:
      'Set `EnableNetworkIsolation`, `EnableInterContainerTrafficEncryption` (for more than one instance), `OutputDataConfig.KmsKeyId`, `ResourceConfig.VolumeKmsKeyId` and `VpcConfig`; of a notebook `KmsKeyId`, `SubnetId`, `DirectInternetAccess: Disabled` and `RootAccess: Disabled`.',
    avoid: [
      {
        file: 'train.asl.json',
        text: '{"StartAt": "Train", "States": {"Train": {"Type": "Task", "Resource": "arn:aws:states:::sagemaker:createTrainingJob.sync", "Parameters": {"TrainingJobName.$": "$.name", "RoleArn": "arn:aws:iam::123456789012:role/train", "AlgorithmSpecification": {"TrainingImage": "example.org/train:1"}, "EnableNetworkIsolation": false, "StoppingCondition": {"MaxRuntimeInSeconds": 3600}}, "End": true}}}\n',
      },
      {
        file: 'notebook.yaml',
        text: 'Resources:\n  Notebook:\n    Type: AWS::SageMaker::NotebookInstance\n    Properties:\n      InstanceType: ml.t3.medium\n      RoleArn: !GetAtt Role.Arn\n      SubnetId: !Ref Subnet\n      KmsKeyId: !Ref Key\n      DirectInternetAccess: Enabled\n      RootAccess: Disabled\n',
      },
      {
        file: 'train.json',
        text: '{"TrainingJobName": "a", "RoleArn": "arn:aws:iam::123456789012:role/train", "AlgorithmSpecification": {"TrainingImage": "example.org/train:1"}, "StoppingCondition": {"MaxRuntimeInSeconds": 3600}}\n',
      },
      {
        file: 'open.json',
        text: '{"TrainingJobName": "a", "RoleArn": "arn:aws:iam::123456789012:role/train", "AlgorithmSpecification": {"TrainingImage": "example.org/train:1"}, "EnableNetworkIsolation": false, "StoppingCondition": {"MaxRuntimeInSeconds": 3600}}\n',
      },
      {
        file: 'many.yaml',
        text: 'TrainingJobName: a\nRoleArn: arn:aws:iam::123456789012:role/train\nAlgorithmSpecification: {TrainingImage: "example.org/train:1"}\nEnableNetworkIsolation: true\nOutputDataConfig: {S3OutputPath: "s3://b/o", KmsKeyId: alias/train}\nResourceConfig: {InstanceCount: 4}\nVpcConfig: {Subnets: [s], SecurityGroupIds: [g]}\nStoppingCondition: {MaxRuntimeInSeconds: 3600}\n',
        note: 'Four machines send gradients to one another in plain text.',
      },
    ],
    prefer: [
      {
        file: 'notebook.yaml',
        text: 'Resources:\n  Notebook:\n    Type: AWS::SageMaker::NotebookInstance\n    Properties:\n      InstanceType: ml.t3.medium\n      RoleArn: !GetAtt Role.Arn\n      SubnetId: !Ref Subnet\n      KmsKeyId: !Ref Key\n      DirectInternetAccess: Disabled\n      RootAccess: Disabled\n',
      },
      {
        file: 'train.json',
        text: '{"TrainingJobName": "a", "RoleArn": "arn:aws:iam::123456789012:role/train", "AlgorithmSpecification": {"TrainingImage": "example.org/train:1"}, "EnableNetworkIsolation": true, "EnableInterContainerTrafficEncryption": true, "OutputDataConfig": {"S3OutputPath": "s3://b/o", "KmsKeyId": "alias/train"}, "ResourceConfig": {"InstanceCount": 1, "VolumeKmsKeyId": "alias/train"}, "VpcConfig": {"Subnets": ["s"], "SecurityGroupIds": ["g"]}, "StoppingCondition": {"MaxRuntimeInSeconds": 3600}}\n',
      },
    ],
    references: [
      {
        title: 'Amazon SageMaker: infrastructure security',
        url: 'https://docs.aws.amazon.com/sagemaker/latest/dg/infrastructure-security.html',
      },
    ],
    cwe: [311, 668],
    atlas: ['AML.T0025'],
    owasp: ['ML05:2023'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(text, report) {
    for (const { node, kind } of resources(documentsOf(text, 'sagemaker', 'cloudformation', 'step-functions'))) {
      const missing = wanted[kind].filter(({ paths, safe }) => !paths.some((path) => isSet(node, path, safe)));
      const names = missing.map(({ name }) => name);
      // Only several machines speak to one another.
      if (kind === 'training job' && machinesOf(node) > 1 && !isSet(node, ['EnableInterContainerTrafficEncryption']))
        names.push('EnableInterContainerTrafficEncryption');
      const around = valueAt(node, ['DirectInternetAccess']);
      if (around?.kind === 'scalar' && around.value === 'Enabled' && isSet(node, ['SubnetId'])) {
        report({
          message:
            'Puts the notebook into a VPC, and lets it reach the internet past it (`DirectInternetAccess: Enabled`): no rule of the VPC holds its traffic. Set it to Disabled.',
          location: placeOf(around.range),
          evidence: { kind, missing: names },
        });
        continue;
      }
      const open =
        valueAt(node, ['EnableNetworkIsolation']) ?? valueAt(node, ['NetworkConfig', 'EnableNetworkIsolation']);
      if (open?.kind === 'scalar' && isFalse(open.value)) {
        report({
          message: `Lets the ${kind} reach any network (\`EnableNetworkIsolation: ${String(open.value)}\`): its code sends data and credentials anywhere. Set it to true.`,
          location: placeOf(open.range),
          evidence: { kind, missing: names },
        });
        continue;
      }
      if (names.length === 0) continue;
      // Nearly every request in the field leaves these out.
      report({
        message: `Leaves out ${names.join(', ')}: the ${kind} is less isolated than it could be. Set ${names.length === 1 ? 'it' : 'them'}.`,
        severity: 'info',
        location: placeOf(headOf(node)),
        evidence: { kind, missing: names },
      });
    }
  },
});

type Kind = 'training job' | 'processing job' | 'model' | 'endpoint configuration' | 'notebook';

/** @param safe what it has to be, where any value is not enough. */
const wanted: Record<Kind, { name: string; paths: string[][]; safe?: string }[]> = {
  'processing job': [
    { name: 'NetworkConfig.EnableNetworkIsolation', paths: [['NetworkConfig', 'EnableNetworkIsolation']] },
    { name: 'ProcessingOutputConfig.KmsKeyId', paths: [['ProcessingOutputConfig', 'KmsKeyId']] },
    { name: 'NetworkConfig.VpcConfig', paths: [['NetworkConfig', 'VpcConfig']] },
  ],
  notebook: [
    { name: 'KmsKeyId', paths: [['KmsKeyId']] },
    { name: 'SubnetId', paths: [['SubnetId']] },
    { name: 'DirectInternetAccess: Disabled', paths: [['DirectInternetAccess']], safe: 'Disabled' },
    { name: 'RootAccess: Disabled', paths: [['RootAccess']], safe: 'Disabled' },
  ],
  'training job': [
    { name: 'EnableNetworkIsolation', paths: [['EnableNetworkIsolation']] },
    { name: 'OutputDataConfig.KmsKeyId', paths: [['OutputDataConfig', 'KmsKeyId']] },
    { name: 'VpcConfig', paths: [['VpcConfig']] },
  ],
  model: [
    { name: 'EnableNetworkIsolation', paths: [['EnableNetworkIsolation']] },
    { name: 'VpcConfig', paths: [['VpcConfig']] },
  ],
  'endpoint configuration': [
    { name: 'KmsKeyId', paths: [['KmsKeyId']] },
    { name: 'DataCaptureConfig', paths: [['DataCaptureConfig']] },
  ],
};

/** Keys are written `LikeThis` in requests and templates, `likeThis` and `kmsKeyID` by ACK, `LikeThis.$` where a state takes the value from its input. */
function valueAt(node: ConfigNode, path: readonly string[]): ConfigNode | undefined {
  let at: ConfigNode | undefined = node;
  for (const step of path) {
    const mapping = dealias(at);
    if (mapping?.kind !== 'mapping') return undefined;
    const wantedKey = step.toLowerCase();
    const entry = mapping.entries.find(({ key }) => key.toLowerCase().replace(/\.\$$/, '') === wantedKey);
    // All of it comes from the input.
    if (entry?.key.endsWith('.$')) return dealias(entry.value);
    at = entry?.value;
  }
  return dealias(at);
}

function isSet(node: ConfigNode, path: readonly string[], safe?: string): boolean {
  const found = valueAt(node, path);
  if (found?.kind !== 'scalar') return found !== undefined;
  if (safe !== undefined && stateOf(found) === 'literal' && !String(found.value).startsWith('$'))
    return found.value === safe;
  return !(isFalse(found.value) || found.value === null || found.value === '');
}

function machinesOf(node: ConfigNode): number {
  const count = leafAt(node, 'ResourceConfig', 'InstanceCount') ?? leafAt(node, 'resourceConfig', 'instanceCount');
  return typeof count?.value === 'number' ? count.value : 1;
}

function* resources(documents: Iterable<ConfigNode>): Generator<{ node: ConfigMapping; kind: Kind }> {
  for (const document of documents) {
    const root = dealias(document);
    if (root?.kind !== 'mapping') continue;
    const tuned = nodeAt(root, 'TrainingJobDefinition');
    if (tuned?.kind === 'mapping') yield { node: tuned, kind: 'training job' };
    else if (nodeAt(root, 'AlgorithmSpecification')) yield { node: root, kind: 'training job' };
    else if (nodeAt(root, 'ExecutionRoleArn')) yield { node: root, kind: 'model' };
    else if (nodeAt(root, 'ProductionVariants')) yield { node: root, kind: 'endpoint configuration' };
    else if (nodeAt(root, 'AppSpecification')) yield { node: root, kind: 'processing job' };
    else if (nodeAt(root, 'NotebookInstanceName')) yield { node: root, kind: 'notebook' };
    for (const { action, node } of sageMakerRequests(document)) {
      const request = requests[action];
      const definition = action === 'createHyperParameterTuningJob' ? nodeAt(node, 'TrainingJobDefinition') : node;
      if (request && definition?.kind === 'mapping') yield { node: definition, kind: request };
    }
    const kind = kinds[textAt(root, 'kind') ?? ''];
    const spec = nodeAt(root, 'spec');
    if (kind && spec?.kind === 'mapping') yield { node: spec, kind };
    const templates = nodeAt(root, 'Resources');
    for (const { value } of templates?.kind === 'mapping' ? templates.entries : []) {
      const resource = kinds[(textAt(value, 'Type') ?? '').replace('AWS::SageMaker::', '')];
      const properties = nodeAt(value, 'Properties');
      if (resource && resource !== 'training job' && properties?.kind === 'mapping')
        yield { node: properties, kind: resource };
    }
  }
}

const kinds: Readonly<Record<string, Kind>> = {
  TrainingJob: 'training job',
  ProcessingJob: 'processing job',
  Model: 'model',
  EndpointConfig: 'endpoint configuration',
  NotebookInstance: 'notebook',
};

/** What states of Step Functions ask for. */
const requests: Readonly<Record<string, Kind>> = {
  createTrainingJob: 'training job',
  createHyperParameterTuningJob: 'training job',
  createProcessingJob: 'processing job',
  createModel: 'model',
  createEndpointConfig: 'endpoint configuration',
  createNotebookInstance: 'notebook',
};
