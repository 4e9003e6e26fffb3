import { entryOf, itemsAt, leafAt, nodeAt, textAt } from '../formats/text/configTree.ts';
import { isFalse, isTrue } from '../formats/text/dynamicValue.ts';
import type { ConfigLeaf, ConfigNode } from '../formats/text/facts.ts';
import { lineOf } from '../formats/text/ranges.ts';
import { endpointOf, note, reachOf, type Posture, type Weakness } from './facts.ts';

/** TorchServe's `config.properties`. Defaults: loopback for all addresses, `allowed_urls` open, tokens asked for since 0.11.1. */
export function torchservePosture(document: ConfigNode): Posture {
  const weaknesses: Weakness[] = [];
  const at = (key: string): ConfigLeaf | undefined => leafAt(document, key);
  const inference = at('inference_address');
  const management = at('management_address');
  const place = lineOf(inference?.range ?? management?.range ?? document.range);
  const endpoint = endpointOf('TorchServe', 'inference', place);
  endpoint.reach = inference ? reachOf(String(inference.value)) : 'loopback';
  endpoint.complete = false;
  if (inference && /^https:/.test(String(inference.value))) note(endpoint, 'tls', 'enforced', 'https', inference.range);
  const size = at('max_request_size');
  note(
    endpoint,
    'sizeLimit',
    'enforced',
    size ? `max_request_size ${String(size.value)}` : '6.5 MB, which is the default',
    size?.range ?? place,
  );
  const timeout = at('default_response_timeout');
  note(
    endpoint,
    'timeout',
    'enforced',
    timeout ? `default_response_timeout ${String(timeout.value)}` : 'two minutes, which is the default',
    timeout?.range ?? place,
  );
  const jobs = at('job_queue_size');
  if (jobs) note(endpoint, 'modelRateLimit', 'enforced', `job_queue_size ${String(jobs.value)}`, jobs.range);
  const tokens = at('disable_token_authorization');
  if (tokens && isTrue(tokens.value)) {
    note(endpoint, 'authentication', 'not-enforced', 'tokens are turned off', tokens.range);
    weaknesses.push({
      kind: 'auth-not-enforced',
      severity: 'error',
      message: 'TorchServe asks for no token (disable_token_authorization=true). Take it out.',
      range: tokens.range,
      fix: { id: 'set-safe-value', title: 'Ask for tokens', range: tokens.range, newText: 'false' },
    });
  }
  for (const key of ['management_address', 'grpc_management_address']) {
    const leaf = at(key);
    if (!leaf) continue;
    const reach = reachOf(String(leaf.value));
    note(
      endpoint,
      'admin',
      reach === 'network' ? 'not-enforced' : 'enforced',
      `${key} ${String(leaf.value)}`,
      leaf.range,
    );
    if (reach !== 'network') continue;
    weaknesses.push({
      kind: 'admin-exposed',
      severity: 'error',
      message: `TorchServe's management interface listens on ${String(leaf.value)}: who reaches it loads models of their own, which runs code (CVE-2023-43654, "ShellTorch"). Bind it to 127.0.0.1.`,
      range: leaf.range,
      ...(leaf.source.includes('0.0.0.0') && {
        fix: {
          id: 'bind-loopback' as const,
          title: 'Bind the management interface to 127.0.0.1',
          range: leaf.innerRange,
          newText: leaf.source.replace('0.0.0.0', '127.0.0.1'),
        },
      }),
    });
  }
  const shared = inference && management && portOf(inference) !== null && portOf(inference) === portOf(management);
  if (shared && reachOf(String(management.value)) !== 'network') {
    weaknesses.push({
      kind: 'admin-exposed',
      severity: 'warning',
      message: `TorchServe answers for predictions and for management on one port (${portOf(inference) ?? ''}): whatever lets requests for predictions through lets those through that load models. Give management a port of its own.`,
      range: management.range,
    });
  }
  const urls = at('allowed_urls');
  const managed = management && reachOf(String(management.value)) === 'network';
  // With `use_env_allowed_urls` the addresses are those of a variable (TS_ALLOWED_URLS), which is not visible here.
  const elsewhere = isTrue(at('use_env_allowed_urls')?.value);
  if (
    managed &&
    !elsewhere &&
    (!urls ||
      /(?:^|,)\s*\.\*\s*$/.test(String(urls.value)) ||
      (/\.\*\)?$/.test(String(urls.value)) && /https?:?\(?s?\)?\?/.test(String(urls.value))))
  ) {
    weaknesses.push({
      kind: 'dynamic-code',
      severity: 'warning',
      message: 'Models may be loaded from any address (allowed_urls is open by default). Name yours.',
      range: (urls ?? management).range,
    });
  }
  const installs = at('install_py_dep_per_model');
  if (installs && isTrue(installs.value))
    weaknesses.push({
      kind: 'dynamic-code',
      severity: 'warning',
      message:
        'Installs what a model archive asks for while the server runs (install_py_dep_per_model=true): an archive brings any code. Bake dependencies into the image.',
      range: installs.range,
    });
  const api = at('enable_model_api');
  if (api && isTrue(api.value))
    weaknesses.push({
      kind: 'model-control-exposed',
      severity: 'warning',
      message: 'Lets requests load and unload models (enable_model_api=true). Take it out where models do not change.',
      range: api.range,
    });
  const cors = at('cors_allowed_origin');
  if (cors?.value === '*')
    weaknesses.push({
      kind: 'cors-star',
      severity: 'warning',
      message: 'Every web page may call this endpoint (cors_allowed_origin=*). Name the origin.',
      range: cors.range,
    });
  return { endpoints: [endpoint], weaknesses };
}

/** The port of an address such as `http://127.0.0.1:8085`. */
function portOf({ value }: ConfigLeaf): string | null {
  return /:(\d+)\/?$/.exec(String(value))?.[1] ?? null;
}

/** LiteLLM's proxy configuration. */
export function litellmPosture(document: ConfigNode): Posture {
  const weaknesses: Weakness[] = [];
  const first = entryOf(document, 'model_list');
  const endpoint = endpointOf('LiteLLM', 'proxy', first?.keyRange ?? lineOf(document.range));
  endpoint.reach = 'network';
  // The key may stand in the environment (LITELLM_MASTER_KEY).
  endpoint.complete = false;
  const key = leafAt(document, 'general_settings', 'master_key');
  if (key) note(endpoint, 'authentication', 'enforced', 'a master key', key.range);
  for (const item of itemsAt(document, 'model_list')) {
    for (const name of ['rpm', 'tpm']) {
      const limit = leafAt(item, 'litellm_params', name);
      if (limit) note(endpoint, 'modelRateLimit', 'enforced', `${name}: ${String(limit.value)}`, limit.range);
    }
  }
  for (const [path, control] of [
    [['litellm_settings', 'max_budget'], 'clientRateLimit'],
    [['litellm_settings', 'request_timeout'], 'timeout'],
    [['router_settings', 'timeout'], 'timeout'],
    [['litellm_settings', 'json_logs'], 'structuredLog'],
    [['general_settings', 'max_request_size_mb'], 'sizeLimit'],
  ] as const) {
    const leaf = leafAt(document, ...path);
    if (leaf && !isFalse(leaf.value))
      note(endpoint, control, 'enforced', `${path.at(-1) ?? ''}: ${String(leaf.value)}`, leaf.range);
  }
  const guards = nodeAt(document, 'guardrails');
  if (guards) note(endpoint, 'outputFilter', 'delegated', 'guardrails', lineOf(guards.range));
  const unasked = leafAt(document, 'general_settings', 'allow_requests_on_db_unavailable');
  if (unasked && isTrue(unasked.value))
    weaknesses.push({
      kind: 'auth-not-enforced',
      severity: 'warning',
      message:
        'Lets requests pass whose key cannot be looked up while the database is away (allow_requests_on_db_unavailable). Take it out, unless only your own network reaches the proxy.',
      range: unasked.range,
    });
  const verbose = leafAt(document, 'litellm_settings', 'set_verbose');
  if (verbose && isTrue(verbose.value))
    weaknesses.push({
      kind: 'payload-logging',
      severity: 'warning',
      message: 'Writes prompts, answers and keys into the log (set_verbose: true). Set it to false.',
      range: verbose.range,
      fix: { id: 'set-safe-value', title: 'Log less', range: verbose.range, newText: 'false' },
    });
  const stored = leafAt(document, 'general_settings', 'store_model_in_db');
  if (stored && isTrue(stored.value))
    weaknesses.push({
      kind: 'model-control-exposed',
      severity: 'info',
      message:
        'Lets whoever holds the master key add models while the proxy runs (store_model_in_db: true): what this file says is not all that is served. Leave it out where models do not change.',
      range: stored.range,
    });
  const headers = [
    ...itemsAt(document, 'model_list').map((item) => leafAt(item, 'litellm_params', 'forward_headers')),
    ...itemsAt(document, 'general_settings', 'pass_through_endpoints').map((item) => leafAt(item, 'forward_headers')),
  ].find((leaf) => leaf !== undefined && isTrue(leaf.value));
  if (headers)
    weaknesses.push({
      kind: 'payload-logging',
      severity: 'warning',
      message:
        'Hands the headers of requests on to the provider, credentials among them (forward_headers: true). Take it out.',
      range: headers.range,
    });
  const star = itemsAt(document, 'model_list')
    .map((item) => leafAt(item, 'model_name'))
    .find((leaf) => leaf?.value === '*');
  if (star)
    weaknesses.push({
      kind: 'model-control-exposed',
      severity: 'info',
      message: 'Passes requests for any model on (`model_name: "*"`). Name the models that may be used.',
      range: star.range,
    });
  return { endpoints: [endpoint], weaknesses };
}

/** KServe's InferenceService: what stands before it is said elsewhere. */
export function kservePosture(document: ConfigNode): Posture {
  if (textAt(document, 'kind') !== 'InferenceService') return { endpoints: [], weaknesses: [] };
  const name = leafAt(document, 'metadata', 'name') ?? leafAt(document, 'kind');
  const endpoint = endpointOf('KServe', String(name?.value ?? 'service'), lineOf(name?.range ?? document.range));
  endpoint.complete = false;
  const visibility =
    leafAt(document, 'metadata', 'labels', 'networking.knative.dev/visibility') ??
    leafAt(document, 'metadata', 'labels', 'networking.kserve.io/visibility') ??
    leafAt(document, 'metadata', 'labels', 'serving.knative.dev/visibility');
  endpoint.reach = visibility && /^cluster-local/.test(String(visibility.value)) ? 'loopback' : 'network';
  const auth =
    leafAt(document, 'metadata', 'annotations', 'security.opendatahub.io/enable-auth') ??
    leafAt(document, 'metadata', 'labels', 'security.opendatahub.io/enable-auth');
  if (auth)
    note(
      endpoint,
      'authentication',
      isTrue(auth.value) ? 'delegated' : 'not-enforced',
      'a proxy beside it asks',
      auth.range,
    );
  for (const part of ['predictor', 'transformer']) {
    const timeout = leafAt(document, 'spec', part, 'timeout');
    if (timeout) note(endpoint, 'timeout', 'enforced', `timeout: ${String(timeout.value)}`, timeout.range);
    const concurrency = leafAt(document, 'spec', part, 'containerConcurrency');
    if (concurrency && concurrency.value !== 0)
      note(
        endpoint,
        'modelRateLimit',
        'enforced',
        `containerConcurrency: ${String(concurrency.value)}`,
        concurrency.range,
      );
    const logger = nodeAt(document, 'spec', part, 'logger');
    if (logger) note(endpoint, 'structuredLog', 'delegated', 'a logger is told', lineOf(logger.range));
  }
  return { endpoints: [endpoint], weaknesses: [] };
}

/** Ray Serve's `http_options`. */
export function rayServePosture(document: ConfigNode): Posture {
  const host = leafAt(document, 'http_options', 'host');
  const timeout = leafAt(document, 'http_options', 'request_timeout_s');
  const place = lineOf(host?.range ?? entryOf(document, 'applications')?.keyRange ?? document.range);
  const endpoint = endpointOf('Ray Serve', 'http', place);
  endpoint.reach = host ? reachOf(String(host.value)) : 'loopback';
  endpoint.complete = false;
  if (timeout) note(endpoint, 'timeout', 'enforced', `request_timeout_s: ${String(timeout.value)}`, timeout.range);
  for (const application of itemsAt(document, 'applications')) {
    for (const deployment of itemsAt(application, 'deployments')) {
      const limit = leafAt(deployment, 'max_queued_requests');
      if (limit && Number(limit.value) > 0)
        note(endpoint, 'modelRateLimit', 'enforced', `max_queued_requests: ${String(limit.value)}`, limit.range);
    }
  }
  const log = leafAt(document, 'logging_config', 'encoding');
  if (log)
    note(
      endpoint,
      'structuredLog',
      log.value === 'JSON' ? 'enforced' : 'not-enforced',
      `encoding: ${String(log.value)}`,
      log.range,
    );
  return { endpoints: [endpoint], weaknesses: [] };
}
