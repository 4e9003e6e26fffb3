/** What a person should know of a key before they write it. */
export interface KeyHelp {
  risk: string;
  /** Values that are safe, the best first. */
  safe: readonly string[];
  /** The rule that looks at it. */
  rule: string;
}

function help(rule: string, risk: string, ...safe: string[]): KeyHelp {
  return { rule, risk, safe };
}

/** Keys of training, job and endpoint configurations (dashes and underscores alike), and options of Python calls. */
const keys: Readonly<Record<string, KeyHelp>> = {
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
  model_revision: help('pin/model-revision', 'A branch or a tag can be moved; only a full commit stays.'),
  revision_of_model: help('pin/model-revision', 'A branch or a tag can be moved; only a full commit stays.'),
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
};

/** Where a key stands on a line, and what there is to say of it. */
export interface HelpedKey extends KeyHelp {
  key: string;
  start: number;
  end: number;
}

/** The key at a place of a line: `key: value`, `"key": value`, `key=value`, `--key value`, `key value;`. */
export function keyAt(line: string, character: number): HelpedKey | null {
  for (const match of line.slice(0, 2_000).matchAll(/[A-Za-z_][\w-]*/g)) {
    const [key] = match;
    const end = match.index + key.length;
    if (character < match.index || character > end) continue;
    const name = normal(key);
    if (Object.hasOwn(keys, name) && /^["']?\s*[:=]|^\s+\S|^$/.test(line.slice(end))) {
      const found = keys[name];
      return found ? { ...found, key, start: match.index, end } : null;
    }
  }
  return null;
}

/** The key whose value is being written at a place of a line, and what of it stands there already. */
export function valueAt(line: string, character: number): { help: KeyHelp; typed: number } | null {
  const match = /([A-Za-z_][\w-]*)["']?(?:\s*[:=]\s*|\s+)(["']?[\w./:-]*)$/.exec(
    line.slice(0, Math.min(character, 2_000)),
  );
  const name = normal(match?.[1] ?? '');
  const found = Object.hasOwn(keys, name) ? keys[name] : undefined;
  return match && found ? { help: found, typed: (match[2] ?? '').length } : null;
}

function normal(key: string): string {
  return key.toLowerCase().replaceAll('-', '_');
}
