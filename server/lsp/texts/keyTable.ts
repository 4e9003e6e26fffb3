/** What a person should know of a key before they write it. */
export interface KeyHelp {
  risk: string;
  /** Values that are safe, the best first; none where what is safe depends on the project. */
  safe: readonly string[];
  /** The rules that look at it, the nearest first; none where nothing is reported and there is something to know. */
  rules: readonly string[];
}

function help(rules: string | readonly string[], risk: string, ...safe: string[]): KeyHelp {
  return { rules: typeof rules === 'string' ? [rules] : rules, risk, safe };
}

const moves = 'A branch or a tag can be moved; only a full commit stays.';
const staysInHistory = 'What is written here stays in the history. Take it from the environment or a secret.';

/** Keys by their names in small letters, dashes as underscores; one that is written with capitals is only that. */
type KeyTable = Readonly<Record<string, KeyHelp>>;

/** Of configurations and of calls in Python alike. */
const anywhere: KeyTable = {
  trust_remote_code: help(
    'load/trust-remote-code',
    'True downloads Python files of the model repository and runs them.',
    'false',
  ),
  weights_only: help(
    'load/torch-load-unsafe',
    'False unpickles without restrictions: the file can run any code.',
    'True',
  ),
  allow_pickle: help('load/pickle-family', 'True unpickles what is in the array file: it can run any code.', 'False'),
  safe_mode: help('load/keras-unsafe', 'False runs the Lambda layers of the model.', 'True'),
  verify: help('fetch/insecure-transport', 'False accepts any certificate: whoever is on the way can answer.', 'True'),
  push_to_hub: help(
    'log/report-to',
    'True uploads the model; the repository is public unless hub_private_repo is true.',
    'false',
  ),
  hub_private_repo: help('log/report-to', 'Without it a model that is pushed is public.', 'true'),
  report_to: help(
    'log/report-to',
    'Names the trackers that the run is reported to; wandb, comet_ml and neptune run on other machines.',
    'none',
    'tensorboard',
  ),
  model_revision: help('pin/model-revision', moves),
  revision_of_model: help('pin/model-revision', moves),
  hub_token: help(
    'secret/literal',
    'A token that is written here stays in the history. Take it from the environment (HF_TOKEN).',
  ),
  hf_hub_token: help(
    'secret/literal',
    'A token that is written here stays in the history. Take it from the environment (HF_TOKEN).',
  ),
  master_key: help(
    'secret/literal',
    'Who knows the master key does everything. Take it from the environment.',
    'os.environ/LITELLM_MASTER_KEY',
  ),
  privileged: help('job/privileged', 'True lets what runs in the container take over the machine.', 'false'),
  allowprivilegeescalation: help(
    'job/no-security-context',
    'Unless it is false, a program in the container may gain rights.',
    'false',
  ),
  runasnonroot: help('job/no-security-context', 'Without it the container may run as root.', 'true'),
  automountserviceaccounttoken: help(
    'job/no-security-context',
    'Unless it is false, what runs in the pod can speak to the cluster.',
    'false',
  ),
  hostnetwork: help('job/privileged', 'True shows the job the traffic of the machine.', 'false'),
  hostpid: help('job/privileged', 'True shows the job all processes of the machine.', 'false'),
  hostipc: help(
    'job/privileged',
    'True shares memory with other jobs of the machine; an emptyDir with medium: Memory does without.',
    'false',
  ),
  dashboard_host: help('job/dashboard-exposed', 'Who reaches the dashboard of Ray runs jobs.', '127.0.0.1'),
  enablewebaccess: help('job/dashboard-exposed', 'True opens a shell into the training container.', 'false'),
  enablenetworkisolation: help(
    'job/sagemaker-isolation',
    'Without it the code of the job reaches the network.',
    'true',
  ),
  require_client_certificate: help(
    'endpoint/mtls-not-enforced',
    'Holds only with an authority (validation_context.trusted_ca).',
    'true',
  ),
  failure_mode_allow: help(
    'endpoint/auth-not-enforced',
    'True lets everybody in while the authorization service does not answer.',
    'false',
  ),
  ssl_verify_client: help(
    'endpoint/mtls-not-enforced',
    'optional lets requests without a certificate pass unless $ssl_client_verify is tested.',
    'on',
  ),
  proxy_ssl_verify: help(
    'endpoint/upstream-unverified',
    'Off, which is the default, accepts any certificate of the upstream.',
    'on',
  ),
  tls_verify: help('endpoint/upstream-unverified', 'False accepts any certificate of the upstream.', 'true'),
  management_address: help(
    'endpoint/admin-exposed',
    'Who reaches it loads models, which runs code.',
    'http://127.0.0.1:8081',
  ),
  admin_listen: help('endpoint/admin-exposed', 'Who reaches it routes your traffic elsewhere.', '127.0.0.1:8001'),
  install_py_dep_per_model: help(
    'endpoint/dynamic-code',
    'True installs what a model archive asks for while the server runs.',
    'false',
  ),
  enable_model_api: help('endpoint/model-control-exposed', 'True lets requests load and unload models.', 'false'),
  cors_allowed_origin: help('endpoint/cors-star', '* lets every web page call the endpoint.'),
  log_payloads: help('endpoint/payload-logging', 'True writes prompts and answers into the log.', 'false'),
  set_verbose: help('endpoint/payload-logging', 'True writes prompts, answers and keys into the log.', 'false'),
  enforcement_mode: help(
    'endpoint/schema-not-enforced',
    'log_only lets requests pass that break the schema.',
    'enforce',
  ),
  revision: help(['pin/model-revision', 'pin/dataset-revision'], moves),
  seed: help('repro/no-seed', 'Without it two runs of the same configuration give different models.', '42'),
  token: help('secret/literal', staysInHistory),
  api_key: help('secret/literal', staysInHistory),
  wandb_api_key: help('secret/literal', staysInHistory),
  packages_to_install: help(
    'pin/python-deps',
    'Installed when the step starts: without a version, whatever is newest then.',
  ),
  base_image: help(
    ['pin/container-image', 'pin/image-digest'],
    'Without a version the registry decides what runs; a digest never changes.',
  ),
};

/** Of calls in Python. */
const inCode: KeyTable = {
  shell: help(
    'exec/shell-true',
    'True has a shell read the command: a value with a semicolon becomes a command.',
    'False',
  ),
  Loader: help(
    'load/yaml-unsafe',
    'Any loader but the safe ones makes objects that the file names.',
    'yaml.SafeLoader',
  ),
  trust_repo: help('load/torch-hub', 'True runs the code of the repository without asking.', 'False'),
  access_control_allow_origins: help('endpoint/cors-star', '* lets every web page call the endpoint.'),
  allow_origins: help('endpoint/cors-star', '* lets every web page call the app.'),
  allow_credentials: help(
    'endpoint/cors-star',
    'True lets pages of the allowed origins call the app in the name of whoever has it open.',
    'False',
  ),
  supports_credentials: help(
    'endpoint/cors-star',
    'True lets pages of the allowed origins call the app in the name of whoever has it open.',
    'False',
  ),
};

/** Of configurations. */
const inConfigurations: KeyTable = {
  image: help(
    ['pin/container-image', 'pin/image-digest'],
    'Without a version the registry decides what runs; a digest never changes.',
  ),
  DirectInternetAccess: help(
    'job/sagemaker-isolation',
    'Enabled, the default, lets a notebook reach the internet past its VPC.',
    'Disabled',
  ),
  RootAccess: help(
    'job/sagemaker-isolation',
    'Enabled, the default, makes who uses the notebook root on it.',
    'Disabled',
  ),
  newTag: help(
    ['pin/container-image', 'pin/image-digest'],
    'A tag can be moved; `digest` beside it wins, and never changes.',
  ),
  imageuri: help(
    ['pin/container-image', 'pin/image-digest'],
    'Without a version the registry decides what runs; a digest never changes.',
  ),
  uses: help('ci/mutable-action', 'A branch or a tag of an action can be moved, and it runs with your secrets.'),
  permissions: help(
    'ci/token-permissions',
    'write-all lets whatever runs in the workflow change the repository. Without the key, the settings of the repository decide.',
    'read-all',
    '{contents: read}',
  ),
  runs_on: help(
    'ci/untrusted-training',
    'On a machine of your own, the code of a pull request stays behind when the job has ended.',
    'ubuntu-latest',
  ),
  working_dir: help('pin/code-archive', 'An archive of a branch is other code tomorrow. Name one by its commit.'),
  extra_index_url: help(
    'pin/python-deps',
    'Who registers your package name on the other index is installed instead. Use one index (--index-url).',
  ),
  trusted_host: help(
    'pin/python-deps',
    'Accepts any certificate of that host: whoever is on the way sends the package.',
  ),
  roleRef: help('job/broad-role', 'A role over the whole cluster lets the job read every secret in it.'),
  Action: help(['job/broad-role', 'access/wildcard-bucket'], 'A wildcard allows what the job does not need.'),
  Resource: help(['access/wildcard-bucket', 'job/broad-role'], 'A wildcard reaches the data of other jobs.'),
  aws_secret_access_key: help(
    'access/long-lived-key',
    'A key that does not expire works for whoever finds it. Let the job assume a role.',
  ),
  mountpath: help(
    ['access/writable-dataset', 'access/unused-dataset'],
    'A dataset that is mounted so that it can be written can be poisoned by the job.',
  ),
  readonly: help(
    'access/writable-dataset',
    'Unless it is true, the job can change the data that it trains on.',
    'true',
  ),
  setWeight: help(
    'canary/no-analysis',
    'Sends more requests to the new model. Let an analysis stand between two steps.',
  ),
  canaryTrafficPercent: help(
    'canary/no-analysis',
    'KServe compares nothing: somebody has to look before it is raised.',
  ),
  specRef: help(
    'canary/no-baseline',
    'A canary is compared fairly with a new pod of the stable version, of the same age.',
  ),
  alert: help('monitor/alert-without-duration', 'Without `for`, one odd sample wakes somebody up.'),
  expr: help(
    ['monitor/broken-expression', 'monitor/no-absence-alert'],
    'One expression that is no PromQL makes Prometheus refuse the file. A metric that is gone alerts nobody: add absent(...).',
  ),
  window_size: help('drift/window-too-small', 'In a small window a distance passes its limit without any drift.'),
  request_timeout: help('endpoint/no-timeout', '0s waits for ever: slow clients take all connections.', '30s'),
  disable_token_authorization: help('endpoint/auth-not-enforced', 'True lets everybody in.', 'false'),
  anonymous: help('endpoint/auth-not-enforced', 'Requests without credentials pass as this consumer.'),
  origins: help('endpoint/cors-star', '* lets every web page call the endpoint, and credentials make it worse.'),
  allowed_origins: help('endpoint/cors-star', '* lets every web page call the endpoint.'),
  inline_string: help(
    'endpoint/inline-private-key',
    'A key that is written here stays in the history. Name a file or a secret.',
  ),
  auth_basic: help('endpoint/plaintext-listener', 'The password can be read on the way unless `listen` says ssl.'),
  model_control_mode: help(
    'endpoint/model-control-exposed',
    'explicit and poll let who reaches the port or the folder load models, which runs code.',
    'none',
  ),
  public_network_access: help('job/azure-public-network', 'enabled, the default, lets the internet in.', 'disabled'),
  egress_public_network_access: help(
    'job/azure-public-network',
    'enabled, the default, lets the container reach the internet.',
    'disabled',
  ),
  isolation_mode: help(
    'job/azure-public-network',
    'Anything else lets what runs reach the internet.',
    'allow_only_approved_outbound',
  ),
  enable_node_public_ip: help('job/azure-public-network', 'True gives each node a public address.', 'false'),
  ssh_public_access_enabled: help('job/azure-public-network', 'True opens SSH to the internet.', 'false'),
  expires: help('policy/expired-exception', 'Past this day the gate no longer lets it pass.'),
  md5: help(
    ['dataset/weak-hash', 'dataset/hash-mismatch'],
    'Two files with one MD5 can be made. Record a SHA-256, too.',
  ),
  sha256: help('dataset/hash-not-a-hash', '64 hexadecimal digits; anything else proves nothing.'),
  hash: help(
    ['dataset/hash-not-a-hash', 'dataset/invalid-record'],
    'Anything but the digest of the bytes proves nothing.',
  ),
  digest: help(
    'dataset/mlflow-digest-as-proof',
    'The digest of MLflow covers a part of the rows: it is a label, no proof.',
  ),
  contentUrl: help(
    ['dataset/mutable-source', 'dataset/no-hash'],
    'What stands there may change: record its sha256 beside.',
  ),
  validatedAt: help('dataset/expired-validation', 'Checks wear out: the record says until when they count.'),
  activedeadlineseconds: help('job/no-limits', 'Without it a job that hangs holds its GPUs for ever.'),
  use_remote_address: help(
    'endpoint/edge-defaults',
    'Unless it is true, who writes x-forwarded-for chooses the address that logs and limits go by.',
    'true',
  ),
  normalize_path: help(
    'endpoint/edge-defaults',
    'Unless it is true, /public/../private passes a rule about /private.',
    'true',
  ),
  merge_slashes: help('endpoint/edge-defaults', 'Unless it is true, //private passes a rule about /private.', 'true'),
  path_with_escaped_slashes_action: help(
    'endpoint/edge-defaults',
    'By default %2F stays, and passes rules about paths.',
    'UNESCAPE_AND_REDIRECT',
    'REJECT_REQUEST',
  ),
  headers_with_underscores_action: help(
    'endpoint/edge-defaults',
    'By default x_user passes, which servers take for x-user.',
    'REJECT_REQUEST',
  ),
  overload_manager: help(
    'endpoint/edge-defaults',
    'Without limits of it, many connections take all memory of the proxy.',
  ),
  match_typed_subject_alt_names: help(
    ['endpoint/upstream-unverified', 'endpoint/mtls-not-enforced'],
    'Without a name, any certificate of the authority passes; without an authority, names prove nothing.',
  ),
  client_max_body_size: help('endpoint/no-size-limit', '0 takes requests of any size.', '20m'),
  max_request_body_size: help('endpoint/no-size-limit', '0 takes requests of any size, in bytes.', '65536'),
  access_control_allow_origin: help(
    'endpoint/cors-star',
    '* and $http_origin let every web page call the endpoint; with credentials, as whoever looks at it.',
  ),
  failure_mode_deny: help(
    [],
    'Unless it is true, nothing is limited while the rate limit service does not answer.',
    'true',
  ),
  untrusted_lua: help(
    'endpoint/dynamic-code',
    'on lets Lua of the configuration do all that Kong can. Name modules in untrusted_lua_sandbox_requires.',
    'sandbox',
    'off',
  ),
  use_env_allowed_urls: help(
    'endpoint/dynamic-code',
    'True takes the addresses that models may come from out of a variable, where no file shows them.',
  ),
  allowed_media_domains: help(
    'endpoint/media-fetch',
    'Hosts that requests may have the server fetch media from; without them any, in your own network, too.',
  ),
  allowed_local_media_path: help(
    'endpoint/media-fetch',
    'Requests may read files below it. Name a folder that holds nothing else, or leave it out.',
  ),
  limit_mm_per_prompt: help(
    'endpoint/media-fetch',
    'The model takes media, which the server fetches from where a request says. Name the hosts (--allowed-media-domains).',
  ),
  disable_fastapi_docs: help(
    [],
    'Without it everybody sees the list of all paths at /docs and /openapi.json: handy inside, a map for others outside.',
  ),
  stub_status: help(
    'endpoint/admin-exposed',
    'Shows how much the server is used: let nobody in but those who have to (allow, deny all).',
  ),
  version_policy: help(
    'endpoint/model-control-exposed',
    'all serves versions that were withdrawn, too. Name them (specific), or leave it out for the latest.',
  ),
  response_cache: help(
    [],
    'Who asks learns by the time whether somebody has asked the same before. Leave it off where that tells something.',
  ),
  default_queue_policy: help(
    'endpoint/no-rate-limit',
    'Without max_queue_size as many requests wait as come in; with timeout_action DELAY none is ever refused.',
  ),
  max_queue_size: help('endpoint/no-rate-limit', '0, the default, lets as many requests wait as come in.'),
  timeout_action: help(
    'endpoint/no-timeout',
    'DELAY puts who has waited too long behind the others, and refuses nobody.',
    'REJECT',
  ),
  always_changed: help('repro/no-seed', 'What the stage reads is in no lock file. Name it in deps.', 'false'),
  iam_role_name: help(
    'job/broad-role',
    'The role that accelerate config makes may use all of SageMaker and every bucket. Give the job one of its own.',
  ),
  serviceAccountName: help(
    'job/no-security-context',
    'Without it the pod is the default account of its namespace: what one is allowed, all are.',
  ),
  serviceAccount: help(
    'job/vertex-isolation',
    'Without it the job is the account of Vertex AI, which reads the buckets of the whole project.',
  ),
  kmsKeyName: help('job/vertex-isolation', 'Without a key of its own, who may read the bucket reads the weights.'),
  forward_headers: help(
    'endpoint/payload-logging',
    'True hands the headers of requests on to the provider, credentials among them.',
    'false',
  ),
  _target_: help('load/import-by-config', 'Imports this name and calls it: whoever writes the file runs code.'),
  _component_: help('load/import-by-config', 'Imports this name and calls it: whoever writes the file runs code.'),
};

/** What there is to say of a key, as it is written. @param isCode in Python, where many of these words are names of anything. */
export function helpOf(key: string, isCode: boolean): KeyHelp | null {
  const name = key.toLowerCase().replaceAll('-', '_');
  for (const table of [anywhere, isCode ? inCode : inConfigurations]) {
    for (const form of [key, name]) {
      const found = Object.hasOwn(table, form) ? table[form] : undefined;
      if (found) return { ...found, safe: found.safe.map((value) => written(value, isCode)) };
    }
  }
  return null;
}

/** As the language writes it: `True` in Python, where a word stands in quotes. */
function written(value: string, isCode: boolean): string {
  if (/^(?:true|false)$/i.test(value)) {
    const small = value.toLowerCase();
    return isCode ? small.charAt(0).toUpperCase() + small.slice(1) : small;
  }
  return isCode && !/^(?:\d+|yaml\.\w+)$/.test(value) ? `"${value}"` : value;
}
