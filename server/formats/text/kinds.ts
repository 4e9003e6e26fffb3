import { itemsAt, keysOf, leafAt, mappingsWhere, nodeAt, textAt } from './configTree.ts';
import { driftChecksIn } from './driftChecks.ts';
import type { ConfigMapping, ConfigNode } from './facts.ts';
import type { ConfigLanguage } from './parse.ts';

/** What a document of a configuration is, told by what stands in it: names (`config.yaml`, `job.yml`) tell nothing. */
export type TextKind = (typeof signatures)[number]['kind'];

interface Signature {
  kind: string;
  /** For a person. */
  title: string;
  languages: readonly ConfigLanguage[];
  /** @param path of the file, with `/`, in lower case. */
  matches: (root: ConfigNode, path: string) => boolean;
}

const trees: readonly ConfigLanguage[] = ['yaml', 'json'];

function has(root: ConfigNode, key: string): boolean {
  return nodeAt(root, key) !== undefined;
}

function any(root: ConfigNode, ...keys: string[]): boolean {
  return keys.some((key) => has(root, key));
}

/** A Kubernetes object of one of these groups (`kubeflow.org`), of any version. */
function group(root: ConfigNode, ...groups: string[]): boolean {
  const version = textAt(root, 'apiVersion') ?? '';
  return (
    has(root, 'kind') &&
    groups.some((name) => version === name || version.startsWith(`${name}/`) || version.includes(`.${name}/`))
  );
}

/** Whether a key stands anywhere in the tree. */
function anywhere(root: ConfigNode, holds: (mapping: ConfigMapping) => boolean): boolean {
  return mappingsWhere(root, holds).length > 0;
}

const holdsComponent = ({ entries }: ConfigMapping): boolean => entries.some(({ key }) => key === '_component_');
const holdsTarget = ({ entries }: ConfigMapping): boolean => entries.some(({ key }) => key === '_target_');

/** Every kind, with the signature that it is known by. Several may fit one document. */
const signatures = [
  {
    kind: 'axolotl',
    title: 'axolotl configuration',
    languages: trees,
    matches: (root) =>
      has(root, 'base_model') &&
      any(root, 'datasets', 'pretraining_dataset', 'micro_batch_size', 'sequence_len', 'num_epochs', 'output_dir'),
  },
  {
    kind: 'llama-factory',
    title: 'LLaMA-Factory configuration',
    languages: trees,
    matches: (root) => has(root, 'model_name_or_path') && any(root, 'stage', 'finetuning_type', 'template'),
  },
  {
    kind: 'torchtune',
    title: 'torchtune configuration',
    languages: ['yaml'],
    matches: (root) => anywhere(root, holdsComponent),
  },
  {
    kind: 'accelerate',
    title: 'accelerate configuration',
    languages: trees,
    matches: (root) =>
      (has(root, 'compute_environment') && has(root, 'distributed_type')) ||
      (any(root, 'compute_environment', 'distributed_type') && any(root, 'num_processes', 'mixed_precision')),
  },
  {
    kind: 'deepspeed',
    title: 'DeepSpeed configuration',
    languages: ['json'],
    matches: (root) => any(root, 'zero_optimization', 'train_micro_batch_size_per_gpu', 'train_batch_size'),
  },
  {
    kind: 'training-arguments',
    title: 'Hugging Face training arguments',
    languages: trees,
    matches: (root) =>
      has(root, 'output_dir') &&
      any(root, 'per_device_train_batch_size', 'num_train_epochs', 'gradient_accumulation_steps'),
  },
  {
    kind: 'hydra',
    title: 'Hydra configuration',
    languages: ['yaml'],
    matches: (root) => nodeAt(root, 'defaults')?.kind === 'sequence' || anywhere(root, holdsTarget),
  },
  {
    kind: 'mlproject',
    title: 'MLflow project',
    languages: ['yaml'],
    matches: (root, path) =>
      has(root, 'entry_points') &&
      (/(?:^|\/)mlproject$/.test(path) || any(root, 'conda_env', 'docker_env', 'python_env')),
  },
  {
    kind: 'python-env',
    title: 'MLflow Python environment',
    languages: ['yaml'],
    matches: (root, path) =>
      nodeAt(root, 'build_dependencies')?.kind === 'sequence' ||
      (/(?:^|\/)python_env\.ya?ml$/.test(path) && nodeAt(root, 'dependencies')?.kind === 'sequence'),
  },
  {
    kind: 'dvc-stages',
    title: 'DVC pipeline',
    languages: ['yaml'],
    matches: (root) => {
      const stages = nodeAt(root, 'stages');
      return keysOf(stages).some((name) => nodeAt(stages, name, 'cmd') !== undefined);
    },
  },
  {
    kind: 'dvc-file',
    title: 'DVC file',
    languages: ['yaml'],
    matches: (root, path) => path.endsWith('.dvc') && has(root, 'outs'),
  },
  {
    kind: 'kubernetes',
    title: 'Kubernetes object',
    languages: trees,
    matches: (root) => textAt(root, 'apiVersion') !== undefined && textAt(root, 'kind') !== undefined,
  },
  {
    kind: 'kustomize',
    title: 'Kustomization',
    languages: trees,
    // Its file is found by its name, and may leave out what it is. Flux keeps the same lists in objects of its own.
    matches: (root, path) =>
      group(root, 'kustomize.config.k8s.io', 'kustomize.toolkit.fluxcd.io') ||
      (/(?:^|\/)kustomization(?:\.ya?ml)?$/.test(path) &&
        any(root, 'resources', 'bases', 'components', 'images', 'patches', 'configMapGenerator', 'secretGenerator')),
  },
  {
    kind: 'kubeflow-job',
    title: 'Kubeflow training job',
    languages: trees,
    matches: (root) =>
      group(root, 'kubeflow.org', 'trainer.kubeflow.org') && /Job$|Runtime$/.test(textAt(root, 'kind') ?? ''),
  },
  {
    kind: 'kubeflow-pipeline',
    title: 'Kubeflow pipeline',
    languages: trees,
    matches: (root) => has(root, 'deploymentSpec') && any(root, 'components', 'pipelineInfo'),
  },
  {
    kind: 'kubeflow-component',
    title: 'Kubeflow component',
    languages: ['yaml'],
    matches: (root) => nodeAt(root, 'implementation', 'container') !== undefined,
  },
  { kind: 'argo', title: 'Argo workflow', languages: trees, matches: (root) => group(root, 'argoproj.io') },
  {
    kind: 'kserve',
    title: 'KServe object',
    languages: trees,
    matches: (root) => group(root, 'serving.kserve.io', 'serving.kubeflow.org'),
  },
  { kind: 'ray-cluster', title: 'Ray object', languages: trees, matches: (root) => group(root, 'ray.io') },
  {
    kind: 'ray-serve',
    title: 'Ray Serve configuration',
    languages: trees,
    matches: (root) => itemsAt(root, 'applications').some((item) => any(item, 'import_path')),
  },
  {
    kind: 'ray-autoscaler',
    title: 'Ray cluster that `ray up` starts',
    languages: trees,
    matches: (root) =>
      any(root, 'head_start_ray_commands', 'worker_start_ray_commands') ||
      (has(root, 'cluster_name') &&
        has(root, 'provider') &&
        any(root, 'available_node_types', 'setup_commands', 'initialization_commands')),
  },
  {
    kind: 'ray-runtime-env',
    title: 'Ray runtime environment',
    languages: trees,
    matches: (root, path) =>
      /runtime[-_]?env[\w.-]*\.(?:ya?ml|json)$/.test(path) &&
      any(root, 'pip', 'working_dir', 'env_vars', 'py_modules', 'uv'),
  },
  {
    kind: 'sagemaker',
    title: 'SageMaker request',
    languages: trees,
    matches: (root) =>
      (has(root, 'AlgorithmSpecification') && has(root, 'RoleArn')) ||
      nodeAt(root, 'TrainingJobDefinition', 'AlgorithmSpecification') !== undefined ||
      (has(root, 'ExecutionRoleArn') && any(root, 'PrimaryContainer', 'Containers')) ||
      (has(root, 'AppSpecification') && has(root, 'RoleArn')) ||
      group(root, 'sagemaker.services.k8s.aws') ||
      (has(root, 'ProductionVariants') && has(root, 'EndpointConfigName')) ||
      (has(root, 'NotebookInstanceName') && has(root, 'RoleArn')),
  },
  {
    kind: 'step-functions',
    title: 'State machine of AWS Step Functions',
    languages: trees,
    matches: (root) => textAt(root, 'StartAt') !== undefined && nodeAt(root, 'States')?.kind === 'mapping',
  },
  {
    kind: 'cloudformation',
    title: 'CloudFormation template',
    languages: trees,
    matches: (root) => {
      const resources = nodeAt(root, 'Resources');
      return keysOf(resources).some((name) => /^(?:AWS|Custom)::/.test(textAt(resources, name, 'Type') ?? ''));
    },
  },
  {
    kind: 'vertex',
    title: 'Vertex AI job',
    languages: trees,
    matches: (root) =>
      any(root, 'workerPoolSpecs', 'jobSpec') ||
      nodeAt(root, 'trialJobSpec', 'workerPoolSpecs') !== undefined ||
      nodeAt(root, 'trainingTaskInputs', 'workerPoolSpecs') !== undefined,
  },
  {
    kind: 'azure-ml',
    title: 'Azure ML asset',
    languages: trees,
    matches: (root) => (textAt(root, '$schema') ?? '').includes('azureml'),
  },
  {
    kind: 'github-workflow',
    title: 'GitHub workflow',
    languages: ['yaml'],
    // YAML 1.1 reads the key `on` as true.
    matches: (root, path) =>
      nodeAt(root, 'jobs')?.kind === 'mapping' && (any(root, 'on', 'true') || path.includes('.github/workflows/')),
  },
  {
    kind: 'github-action',
    title: 'GitHub action',
    languages: ['yaml'],
    matches: (root) => textAt(root, 'runs', 'using') !== undefined,
  },
  {
    kind: 'compose',
    title: 'Compose file',
    languages: ['yaml'],
    matches: (root) => {
      const services = nodeAt(root, 'services');
      return keysOf(services).some((name) => any(nodeAt(services, name) ?? root, 'image', 'build', 'command', 'ports'));
    },
  },
  {
    kind: 'conda',
    title: 'conda environment',
    languages: ['yaml'],
    matches: (root) =>
      nodeAt(root, 'dependencies')?.kind === 'sequence' && any(root, 'channels', 'name') && !has(root, 'apiVersion'),
  },
  {
    kind: 'pyproject',
    title: 'Python project',
    languages: ['toml'],
    matches: (root, path) =>
      /(?:^|\/)(?:pyproject\.toml|pipfile)$/.test(path) && any(root, 'project', 'tool', 'build-system', 'packages'),
  },
  {
    kind: 'envoy',
    title: 'Envoy configuration',
    languages: trees,
    matches: (root) => any(root, 'static_resources', 'dynamic_resources', 'staticResources', 'dynamicResources'),
  },
  {
    kind: 'kong',
    title: 'Kong declarative configuration',
    languages: trees,
    matches: (root) =>
      has(root, '_format_version') ||
      itemsAt(root, 'services').some(
        (service) => any(service, 'routes', 'plugins') && any(service, 'url', 'host', 'name'),
      ) ||
      (itemsAt(root, 'plugins').some((plugin) => any(plugin, 'name') && any(plugin, 'config')) &&
        any(root, 'services', 'routes', 'consumers')),
  },
  {
    kind: 'kong-conf',
    title: 'Kong server configuration',
    languages: ['properties'],
    matches: (root, path) =>
      /(?:^|\/)kong\.conf/.test(path) ||
      (any(root, 'proxy_listen', 'admin_listen') && any(root, 'database', 'plugins')),
  },
  {
    kind: 'istio',
    title: 'Istio object',
    languages: trees,
    matches: (root) => group(root, 'security.istio.io', 'networking.istio.io'),
  },
  {
    kind: 'triton',
    title: 'Triton model configuration',
    languages: ['textproto'],
    matches: (root) =>
      any(root, 'backend', 'platform', 'max_batch_size', 'instance_group', 'ensemble_scheduling') &&
      !has(root, 'model_config_list'),
  },
  {
    kind: 'tf-serving',
    title: 'TensorFlow Serving configuration',
    languages: ['textproto'],
    matches: (root) =>
      any(root, 'model_config_list', 'prometheus_config', 'ssl_verify', 'server_key', 'custom_model_config'),
  },
  {
    kind: 'torchserve',
    title: 'TorchServe configuration',
    languages: ['properties'],
    matches: (root) =>
      any(
        root,
        'inference_address',
        'management_address',
        'model_store',
        'load_models',
        'default_workers_per_model',
        'metrics_address',
        'enable_envvars_config',
      ),
  },
  {
    kind: 'vllm-stack',
    title: 'Values of the vLLM production stack',
    languages: ['yaml'],
    matches: (root) =>
      has(root, 'servingEngineSpec') || any(nodeAt(root, 'routerSpec') ?? root, 'routingLogic', 'enableRouter'),
  },
  {
    kind: 'litellm',
    title: 'LiteLLM proxy configuration',
    languages: ['yaml'],
    matches: (root) => has(root, 'model_list') && itemsAt(root, 'model_list').length > 0,
  },
  {
    kind: 'bentoml',
    title: 'BentoML build file',
    languages: ['yaml'],
    matches: (root, path) =>
      /(?:^|\/)bentofile\.ya?ml$/.test(path) ||
      (/:/.test(textAt(root, 'service') ?? '') && any(root, 'include', 'python', 'docker')),
  },
  {
    kind: 'prometheus-rules',
    title: 'Prometheus rules',
    languages: trees,
    matches: (root) =>
      itemsAt(root, 'groups').some((each) => itemsAt(each, 'rules').some((rule) => any(rule, 'expr'))) ||
      (textAt(root, 'kind') === 'PrometheusRule' && has(root, 'spec')),
  },
  {
    kind: 'prometheus',
    title: 'Prometheus configuration',
    languages: ['yaml'],
    matches: (root) => itemsAt(root, 'scrape_configs').length > 0,
  },
  {
    kind: 'argo-rollout',
    title: 'Argo rollout',
    languages: trees,
    matches: (root) => group(root, 'argoproj.io') && textAt(root, 'kind') === 'Rollout',
  },
  {
    kind: 'flagger',
    title: 'Flagger canary',
    languages: trees,
    matches: (root) => group(root, 'flagger.app') && textAt(root, 'kind') === 'Canary',
  },
  {
    kind: 'drift-monitor',
    title: 'Configuration that watches for drift',
    languages: [...trees, 'toml'],
    matches: (root) => driftChecksIn(root).length > 0,
  },
  {
    kind: 'helm-values',
    title: 'Helm values',
    languages: ['yaml'],
    matches: (root, path) => /(?:^|\/)values[\w.-]*\.ya?ml$/.test(path) && leafAt(root, 'apiVersion') === undefined,
  },
] as const satisfies readonly Signature[];

const known = new WeakMap<ConfigNode, ReadonlySet<TextKind>>();

/** The kinds of one document. @param path of the file that it stands in. */
export function kindsOf(root: ConfigNode, language: ConfigLanguage, path: string): ReadonlySet<TextKind> {
  let kinds = known.get(root);
  if (!kinds) {
    const name = path.toLowerCase().replaceAll('\\', '/');
    const found = (signatures as readonly (Signature & { kind: TextKind })[])
      .filter(({ languages, matches }) => languages.includes(language) && matches(root, name))
      .map(({ kind }) => kind);
    kinds = new Set(found);
    known.set(root, kinds);
  }
  return kinds;
}

/** The documents of a text; the items of a Kubernetes `List` are documents of their own. */
export function* documentsIn(documents: readonly ConfigNode[]): Generator<ConfigNode> {
  for (const document of documents) {
    const items = textAt(document, 'kind') === 'List' ? itemsAt(document, 'items') : [];
    if (items.length > 0) yield* items;
    else yield document;
  }
}

const kinded = new WeakMap<readonly ConfigNode[], (readonly [ConfigNode, ReadonlySet<TextKind>])[]>();

/** The documents of a text that are of some kind, with their kinds. Each rule about a kind asks, and a text may have thousands that are of none. */
export function documentsOfKinds(
  documents: readonly ConfigNode[],
  language: ConfigLanguage,
  path: string,
): readonly (readonly [ConfigNode, ReadonlySet<TextKind>])[] {
  let found = kinded.get(documents);
  if (!found) {
    found = [];
    for (const document of documentsIn(documents)) {
      const kinds = kindsOf(document, language, path);
      if (kinds.size > 0) found.push([document, kinds]);
    }
    kinded.set(documents, found);
  }
  return found;
}
