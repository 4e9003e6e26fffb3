import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { judgeExample } from '../exampleFiles.fixture.ts';

/** What is told, as `severity rule line`; a tag without a digest is only for who asks. */
async function found(file: string, text: string): Promise<string[]> {
  const findings = await judgeExample({ file, text });
  return findings
    .filter(({ ruleId }) => ruleId !== 'pin/image-digest')
    .map(({ severity, ruleId, location }) => `${severity} ${ruleId} ${location.line}`);
}

const isolated = {
  EnableNetworkIsolation: true,
  'OutputDataConfig.$': '$.output',
  VpcConfig: { Subnets: ['s'], SecurityGroupIds: ['g'] },
};
const job = {
  'TrainingJobName.$': '$.name',
  RoleArn: 'arn:aws:iam::123456789012:role/train',
  AlgorithmSpecification: { TrainingImage: 'example.org/train:1' },
  StoppingCondition: { MaxRuntimeInSeconds: 3600 },
};

/** A state machine with one state, whose parameters begin on line 8. */
const machine = (parameters: object, resource = 'sagemaker:createTrainingJob.sync', more: object = {}): string =>
  JSON.stringify(
    {
      StartAt: 'Train',
      States: {
        Train: { Type: 'Task', Resource: `arn:aws:states:::${resource}`, ...more, Parameters: parameters, End: true },
      },
    },
    null,
    2,
  );

describe('state machines of Step Functions', () => {
  test('a training job that reaches any network, and one that leaves everything out', async () => {
    const open = machine({ EnableNetworkIsolation: false, ...job });
    assert.deepEqual(await found('train.asl.json', open), ['warning job/sagemaker-isolation 8']);
    assert.deepEqual(await found('train.asl.json', machine(job)), ['info job/sagemaker-isolation 8']);
    assert.deepEqual(await found('train.asl.json', machine({ ...job, ...isolated })), []);
  });

  test('what the input gives is not called missing', async () => {
    const given = {
      ...job,
      'EnableNetworkIsolation.$': '$.isolated',
      'OutputDataConfig.$': '$.o',
      'VpcConfig.$': '$.v',
    };
    assert.deepEqual(await found('train.asl.json', machine(given)), []);
  });

  test('jobs without an end, unless the state ends them', async () => {
    const endless = { ...job, ...isolated, StoppingCondition: undefined };
    assert.deepEqual(await found('train.asl.json', machine(endless)), ['info job/no-limits 8']);
    const timed = machine(endless, 'sagemaker:createTrainingJob.sync', { TimeoutSeconds: 3600 });
    assert.deepEqual(await found('train.asl.json', timed), []);
  });

  test('states in a Map, tuning jobs, arguments in JSONata, other services', async () => {
    const inner = JSON.parse(machine({ EnableNetworkIsolation: false, ...job })) as object;
    const text = JSON.stringify({ StartAt: 'All', States: { All: { Type: 'Map', ItemProcessor: inner, End: true } } });
    assert.deepEqual(await found('all.json', text), ['warning job/sagemaker-isolation 1']);
    const tuning = machine(
      { TrainingJobDefinition: { EnableNetworkIsolation: false, ...job } },
      'sagemaker:createHyperParameterTuningJob.sync',
    );
    assert.deepEqual(await found('tune.json', tuning), ['warning job/sagemaker-isolation 9']);
    const arguments_ = machine({ EnableNetworkIsolation: false, ...job }).replace('"Parameters"', '"Arguments"');
    assert.deepEqual(await found('train.json', arguments_), ['warning job/sagemaker-isolation 8']);
    assert.deepEqual(await found('run.json', machine({ EnableNetworkIsolation: false }, 'batch:submitJob.sync')), []);
  });

  test('images and credentials in them', async () => {
    const image = { ...job, ...isolated, AlgorithmSpecification: { TrainingImage: 'example.org/train:latest' } };
    assert.deepEqual(await found('train.json', machine(image)), ['warning pin/container-image 11']);
    const key = { ...job, ...isolated, Environment: { WANDB_API_KEY: '9b1c7f3e5d2a8064c1e7b3f9a5d2c8e4f60718ab' } };
    assert.deepEqual(await found('train.json', machine(key)), ['error secret/literal 27']);
  });
});

describe('state machines in a template of CloudFormation', () => {
  const definition = machine({ EnableNetworkIsolation: false, ...job });
  const template = (properties: string): string =>
    `Resources:\n  Machine:\n    Type: AWS::StepFunctions::StateMachine\n    Properties:\n${properties}`;
  const block = definition.replaceAll(/^/gm, '        ');

  test('a definition as a text, with what Fn::Sub puts in, and as an object', async () => {
    assert.deepEqual(await found('t.yaml', template(`      DefinitionString: |\n${block}\n`)), [
      'warning job/sagemaker-isolation 13',
    ]);
    assert.deepEqual(await found('t.yaml', template(`      DefinitionString: !Sub |\n${block}\n`)), [
      'warning job/sagemaker-isolation 13',
    ]);
    const sub = `      DefinitionString:\n        Fn::Sub: |\n${block.replaceAll(/^/gm, '  ')}\n`;
    assert.deepEqual(await found('t.yaml', template(sub)), ['warning job/sagemaker-isolation 14']);
    assert.deepEqual(await found('t.yaml', template(`      Definition:\n${block}\n`)), [
      'warning job/sagemaker-isolation 13',
    ]);
    const text = JSON.stringify({
      Resources: { M: { Type: 'AWS::StepFunctions::StateMachine', Properties: { DefinitionString: definition } } },
    });
    assert.deepEqual(await found('t.json', text), ['warning job/sagemaker-isolation 1']);
  });

  test('the same text in a resource of another type is a text', async () => {
    const other = template(`      DefinitionString: |\n${block}\n`).replace('StateMachine', 'Activity');
    assert.deepEqual(await found('t.yaml', other), []);
  });
});

describe('notebooks of SageMaker in a template', () => {
  const notebook = (...properties: string[]): string =>
    `Resources:\n  Notebook:\n    Type: AWS::SageMaker::NotebookInstance\n    Properties:\n      InstanceType: ml.t3.medium\n${properties.map((each) => `      ${each}\n`).join('')}`;
  const closed = ['SubnetId: !Ref Subnet', 'KmsKeyId: !Ref Key', 'RootAccess: Disabled'];

  test('what is left out is one information, what is closed is none', async () => {
    assert.deepEqual(await found('t.yaml', notebook()), ['info job/sagemaker-isolation 5']);
    assert.deepEqual(await found('t.yaml', notebook(...closed, 'DirectInternetAccess: Disabled')), []);
    assert.deepEqual(await found('t.yaml', notebook(...closed, 'DirectInternetAccess: !Ref Access')), []);
    assert.deepEqual(
      await found(
        't.yaml',
        notebook(...closed, 'DirectInternetAccess: Disabled').replace('RootAccess: Disabled', 'RootAccess: Enabled'),
      ),
      ['info job/sagemaker-isolation 5'],
    );
  });

  test('a way to the internet past the VPC', async () => {
    assert.deepEqual(await found('t.yaml', notebook(...closed, 'DirectInternetAccess: Enabled')), [
      'warning job/sagemaker-isolation 9',
    ]);
    assert.deepEqual(await found('t.yaml', notebook('DirectInternetAccess: Enabled')), [
      'info job/sagemaker-isolation 5',
    ]);
  });

  test('scripts that run when it starts are read, written as texts or in base64', async () => {
    const script = '#!/bin/bash\npip install --trusted-host packages.example.org ours==1.0\n';
    const hook = (content: string): string =>
      `Resources:\n  Setup:\n    Type: AWS::SageMaker::NotebookInstanceLifecycleConfig\n    Properties:\n      OnStart:\n      - Content:${content}`;
    const told = 'error pin/python-deps';
    const lines = script.replaceAll(/^(?=.)/gm, '            ');
    assert.deepEqual(await found('t.yaml', hook(`\n          Fn::Base64: |\n${lines}`)), [`${told} 9`]);
    assert.deepEqual(
      await found(
        't.yaml',
        hook(`\n          Fn::Base64:\n            Fn::Sub: |\n  ${lines.replaceAll('\n', '\n  ')}`),
      ),
      [`${told} 10`],
    );
    assert.deepEqual(await found('t.yaml', hook(` ${Buffer.from(script).toString('base64')}\n`)), [`${told} 6`]);
    const pinned = script.replace('--trusted-host packages.example.org ', '');
    assert.deepEqual(await found('t.yaml', hook(` ${Buffer.from(pinned).toString('base64')}\n`)), []);
  });
});
