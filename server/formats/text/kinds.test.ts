import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { documentsIn, kindsOf } from './kinds.ts';
import { parseText, textLanguage } from './parse.ts';

async function kinds(file: string, text: string): Promise<string[]> {
  const language = textLanguage(file);
  assert.ok(language);
  const parsed = await parseText(language, text);
  assert.ok('documents' in parsed);
  const found = new Set<string>();
  for (const document of documentsIn(parsed.documents))
    for (const kind of kindsOf(document, parsed.language, file)) found.add(kind);
  return [...found].sort();
}

/** What each signature is known by, as the tools' own examples write it. */
const examples: [kinds: string[], file: string, text: string][] = [
  [['axolotl'], 'c.yml', 'base_model: org/m\ndatasets:\n  - path: a\n'],
  [['llama-factory'], 'c.yaml', 'model_name_or_path: org/m\nstage: sft\n'],
  [
    ['llama-factory', 'training-arguments'],
    'c.yaml',
    'model_name_or_path: m\ntemplate: x\noutput_dir: o\nnum_train_epochs: 1\n',
  ],
  [['torchtune'], 'c.yaml', 'optimizer:\n  _component_: torch.optim.AdamW\n'],
  [['accelerate'], 'c.yaml', 'compute_environment: LOCAL_MACHINE\ndistributed_type: MULTI_GPU\n'],
  [['accelerate'], 'c.yaml', 'distributed_type: FSDP\nmixed_precision: bf16\n'],
  [['deepspeed'], 'ds.json', '{"zero_optimization": {"stage": 2}}'],
  [['training-arguments'], 'a.json', '{"output_dir": "o", "per_device_train_batch_size": 1}'],
  [['hydra'], 'c.yaml', 'defaults:\n  - model: a\n'],
  [['hydra'], 'c.yaml', 'optimizer:\n  _target_: torch.optim.Adam\n'],
  [['python-env'], 'env.yaml', 'python: "3.11"\nbuild_dependencies: [pip]\ndependencies: [-r requirements.txt]\n'],
  [['python-env'], 'python_env.yaml', 'dependencies:\n- mlflow\n'],
  [['step-functions'], 'train.asl.json', '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}'],
  [
    ['sagemaker'],
    'n.json',
    '{"NotebookInstanceName": "a", "InstanceType": "ml.t3.medium", "RoleArn": "arn:aws:iam::1:role/a"}',
  ],
  [['mlproject'], 'MLproject', 'entry_points:\n  main:\n    command: python a.py\n'],
  [['dvc-stages'], 'dvc.yaml', 'stages:\n  train:\n    cmd: python a.py\n'],
  [['dvc-file'], 'a.dvc', 'outs:\n  - path: a\n'],
  [['kubeflow-job', 'kubernetes'], 'j.yaml', 'apiVersion: kubeflow.org/v1\nkind: PyTorchJob\n'],
  [['kubeflow-job', 'kubernetes'], 'j.yaml', 'apiVersion: trainer.kubeflow.org/v1alpha1\nkind: TrainJob\n'],
  [['kubeflow-pipeline'], 'p.yaml', 'components: {}\ndeploymentSpec: {executors: {}}\npipelineInfo: {name: a}\n'],
  [['kubeflow-component'], 'component.yaml', 'name: a\nimplementation:\n  container: {image: a}\n'],
  [['argo', 'kubernetes'], 'w.yaml', 'apiVersion: argoproj.io/v1alpha1\nkind: Workflow\n'],
  [['kserve', 'kubernetes'], 'i.yaml', 'apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\n'],
  [['kubernetes', 'ray-cluster'], 'r.yaml', 'apiVersion: ray.io/v1\nkind: RayCluster\n'],
  [['ray-autoscaler'], 'cluster.yaml', 'cluster_name: a\nprovider: {type: aws}\nsetup_commands: []\n'],
  [['ray-autoscaler'], 'c.yaml', 'head_start_ray_commands:\n  - ray start --head\n'],
  [['ray-serve'], 'serve.yaml', 'applications:\n  - name: a\n    import_path: a:app\n'],
  [['sagemaker'], 't.json', '{"AlgorithmSpecification": {}, "RoleArn": "a"}'],
  [
    ['sagemaker'],
    't.json',
    '{"HyperParameterTuningJobName": "a", "TrainingJobDefinition": {"AlgorithmSpecification": {}}}',
  ],
  [['sagemaker'], 't.json', '{"ModelName": "a", "ExecutionRoleArn": "a", "PrimaryContainer": {}}'],
  [['sagemaker'], 't.json', '{"ProcessingJobName": "a", "AppSpecification": {}, "RoleArn": "a"}'],
  [['kubernetes', 'sagemaker'], 't.yaml', 'apiVersion: sagemaker.services.k8s.aws/v1alpha1\nkind: TrainingJob\n'],
  [['cloudformation'], 't.yaml', 'Resources:\n  M:\n    Type: AWS::SageMaker::Model\n'],
  [['vertex'], 'v.yaml', 'workerPoolSpecs:\n  - replicaCount: 1\n'],
  [['vertex'], 'tune.yaml', 'studySpec: {}\ntrialJobSpec:\n  workerPoolSpecs:\n    - replicaCount: 1\n'],
  [
    ['azure-ml'],
    'a.yml',
    '$schema: https://azuremlschemas.azureedge.net/latest/commandJob.schema.json\ncommand: python a.py\n',
  ],
  [['github-workflow'], '.github/workflows/a.yml', 'on: push\njobs:\n  a:\n    steps: []\n'],
  [['github-action'], 'action.yml', 'name: a\nruns:\n  using: composite\n  steps: []\n'],
  [['compose'], 'docker-compose.yml', 'services:\n  a:\n    image: b\n'],
  [['conda'], 'environment.yml', 'name: a\ndependencies:\n  - python\n'],
  [['pyproject'], 'pyproject.toml', '[project]\nname = "a"\n'],
  [['envoy'], 'e.yaml', 'static_resources:\n  listeners: []\n'],
  [['envoy'], 'e.json', '{"dynamic_resources": {"ads_config": {}}}'],
  [['kong'], 'kong.yml', '_format_version: "3.0"\nservices: []\n'],
  [['kong'], 'k.yaml', 'services:\n  - name: a\n    host: b\n    routes: []\n'],
  [['kong-conf'], 'kong.conf', 'database = off\n'],
  [['kustomize'], 'base/kustomization.yaml', 'resources: [deployment.yaml]\n'],
  [['kustomize'], 'Kustomization', 'images:\n- name: a\n'],
  [
    ['kubernetes', 'kustomize'],
    'apps.yaml',
    'apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nspec: {images: []}\n',
  ],
  [['istio', 'kubernetes'], 'p.yaml', 'apiVersion: security.istio.io/v1\nkind: PeerAuthentication\n'],
  [['triton'], 'config.pbtxt', 'name: "a"\nbackend: "python"\n'],
  [['tf-serving'], 'models.config', 'model_config_list { config { name: "a" base_path: "/a" } }\n'],
  [['torchserve'], 'config.properties', 'inference_address=http://0.0.0.0:8080\n'],
  [['helm-values', 'vllm-stack'], 'values.yaml', 'servingEngineSpec:\n  modelSpec: []\n'],
  [['litellm'], 'c.yaml', 'model_list:\n  - model_name: a\n'],
  [['bentoml'], 'bentofile.yaml', 'service: "service:Svc"\n'],
  [['prometheus-rules'], 'r.yml', 'groups:\n  - name: a\n    rules:\n      - alert: A\n        expr: up == 0\n'],
  [
    ['kubernetes', 'prometheus-rules'],
    'r.yaml',
    'apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nspec: {groups: []}\n',
  ],
  [['prometheus'], 'p.yml', 'scrape_configs:\n  - job_name: a\n'],
];

describe('kinds, by content', () => {
  for (const [expected, file, text] of examples) {
    test(`${expected.join(' and ')}: ${file}`, async () => {
      assert.deepEqual(await kinds(file, text), expected);
    });
  }

  test('every item of a Kubernetes list is a document', async () => {
    const text =
      'apiVersion: v1\nkind: List\nitems:\n  - apiVersion: ray.io/v1\n    kind: RayJob\n  - apiVersion: v1\n    kind: Pod\n';
    assert.deepEqual(await kinds('l.yaml', text), ['kubernetes', 'ray-cluster']);
  });

  test('what is near is nothing', async () => {
    const near: [string, string][] = [
      ['c.yaml', 'base_model: org/m\n'],
      ['c.yaml', 'services: [a, b]\n'],
      ['c.yaml', 'jobs: [a]\n'],
      ['c.yaml', 'model_list: []\n'],
      ['package.json', '{"name": "a", "dependencies": {"b": "1"}}'],
      ['c.properties', 'a=b\n'],
      ['c.pbtxt', 'node { name: "a" op: "Const" }\n'],
      ['c.yaml', 'apiVersion: v1\n'],
      ['c.json', '{"StartAt": "2026-05-01", "States": ["open", "closed"]}'],
      ['tags.yaml', 'resources: [a]\nimages:\n- name: a\n  newTag: latest\n'],
      ['kustomization.yaml', 'title: a page about kustomization\n'],
      ['c.yaml', 'groups:\n  - name: a\n    rules: []\n'],
    ];
    for (const [file, text] of near) assert.deepEqual(await kinds(file, text), [], text);
  });
});
