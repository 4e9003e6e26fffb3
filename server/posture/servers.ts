import { isTrue } from '../formats/text/dynamicValue.ts';
import type { Launch } from '../formats/text/launches.ts';
import { flagOf, type Flag } from '../formats/text/shellWords.ts';
import { lineOf } from './envoy.ts';
import { endpointOf, note, reachOf, type Endpoint, type Posture, type Weakness } from './facts.ts';
import { exposed } from './kong.ts';

interface Server {
  product: string;
  /** Whether a program is this server, by its words and image. */
  is: (launch: Launch) => boolean;
  /** Where it listens when nothing is said. */
  listens: 'loopback' | 'network';
  look: (launch: Launch, endpoint: Endpoint, weaknesses: Weakness[]) => void;
}

const everywhere = /^(?:0\.0\.0\.0|::|\[::\])(?::\d+)?$/;

/** Model servers that a container, an image or a step starts, by their arguments and variables. */
export function serverPosture(launches: readonly Launch[]): Posture {
  const endpoints: Endpoint[] = [];
  const weaknesses: Weakness[] = [];
  for (const launch of launches) {
    if (launch.origin === 'step' || launch.origin === 'notebook') continue;
    for (const server of servers) {
      if (!server.is(launch)) continue;
      const endpoint = endpointOf(server.product, launch.name, lineOf(launch.words[0]?.range ?? launch.range));
      endpoint.reach = server.listens;
      // A proxy or a policy in front stands in another object.
      endpoint.complete = false;
      server.look(launch, endpoint, weaknesses);
      endpoints.push(endpoint);
    }
    const admin = launch.environment.find(({ name }) => name === 'KONG_ADMIN_LISTEN');
    if (admin?.value !== undefined)
      exposed(admin.value, admin.range, admin.range, endpointOf('Kong', launch.name, admin.range), weaknesses);
  }
  return { endpoints, weaknesses: weaknesses.map(withoutUnsafeFix) };
}

/** The place of a variable may hold its name and quotes, too: only a place that is the value alone can be replaced. */
function withoutUnsafeFix(weakness: Weakness): Weakness {
  if (!weakness.fix || weakness.kind !== 'admin-exposed') return weakness;
  const { kind, severity, message, range } = weakness;
  return { kind, severity, message, range };
}

function word(launch: Launch, pattern: RegExp): boolean {
  return launch.words.some(({ value }) => pattern.test(value));
}

function image(launch: Launch, pattern: RegExp): boolean {
  return launch.image !== undefined && pattern.test(launch.image);
}

function variable(launch: Launch, name: string) {
  return launch.environment.find((each) => each.name === name);
}

function listensOn(endpoint: Endpoint, flag: Flag | undefined): void {
  if (flag?.value) endpoint.reach = reachOf(flag.value);
}

function tlsBy(endpoint: Endpoint, flag: Flag | undefined, says: string): void {
  if (flag) note(endpoint, 'tls', 'enforced', says, flag.range);
}

const vllm: Server = {
  product: 'vLLM',
  is: (launch) => word(launch, /(?:^|\/)vllm$|vllm\.entrypoints/) || image(launch, /\/vllm-openai/),
  listens: 'network',
  look(launch, endpoint, weaknesses) {
    const { words } = launch;
    listensOn(endpoint, flagOf(words, 'host'));
    const key = flagOf(words, 'api-key');
    const fromEnvironment = variable(launch, 'VLLM_API_KEY');
    const place = key?.range ?? fromEnvironment?.range;
    // vLLM's security guide: the key guards /v1 and a few others; /tokenize, /pause and more stay open.
    if (place) note(endpoint, 'authentication', 'not-enforced', 'a key for /v1 alone; other paths stay open', place);
    tlsBy(endpoint, flagOf(words, 'ssl-certfile'), 'a certificate is named');
    const clients = flagOf(words, 'ssl-cert-reqs');
    if (clients)
      note(
        endpoint,
        'clientCertificate',
        clients.value === '2' ? 'enforced' : 'not-enforced',
        `ssl-cert-reqs ${clients.value ?? ''}`,
        clients.range,
      );
    const length = flagOf(words, 'max-model-len');
    if (length) note(endpoint, 'sizeLimit', 'enforced', `max-model-len ${length.value ?? ''}`, length.range);
    const origins = flagOf(words, 'allowed-origins');
    if (origins?.value?.includes('*'))
      weaknesses.push({
        kind: 'cors-star',
        severity: 'info',
        message: 'Every web page may call this endpoint (--allowed-origins). Name the origins.',
        range: origins.range,
      });
    const development = variable(launch, 'VLLM_SERVER_DEV_MODE');
    if (development && isTrue(development.value))
      weaknesses.push({
        kind: 'dynamic-code',
        severity: 'error',
        message:
          'Opens the development paths of vLLM (VLLM_SERVER_DEV_MODE), which reset and change the server without a key. Take it out.',
        range: development.range,
      });
    const adapters = variable(launch, 'VLLM_ALLOW_RUNTIME_LORA_UPDATING');
    if (adapters && isTrue(adapters.value))
      weaknesses.push({
        kind: 'model-control-exposed',
        severity: 'error',
        message:
          'Lets requests load adapters while the server runs (VLLM_ALLOW_RUNTIME_LORA_UPDATING): who reaches it changes the model. Take it out.',
        range: adapters.range,
      });
  },
};

const tgi: Server = {
  product: 'Text Generation Inference',
  is: (launch) => word(launch, /(?:^|\/)text-generation-launcher$/) || image(launch, /text-generation-inference/),
  listens: 'network',
  look(launch, endpoint, weaknesses) {
    const { words } = launch;
    listensOn(endpoint, flagOf(words, 'hostname'));
    const key = flagOf(words, 'api-key') ?? variable(launch, 'API_KEY');
    if (key) note(endpoint, 'authentication', 'enforced', 'a key', key.range);
    for (const name of ['max-input-tokens', 'max-input-length', 'max-total-tokens', 'payload-limit']) {
      const flag = flagOf(words, name);
      if (flag) note(endpoint, 'sizeLimit', 'enforced', `${name} ${flag.value ?? ''}`, flag.range);
    }
    const concurrent = flagOf(words, 'max-concurrent-requests');
    if (concurrent)
      note(
        endpoint,
        'modelRateLimit',
        'enforced',
        `max-concurrent-requests ${concurrent.value ?? ''}`,
        concurrent.range,
      );
    if (flagOf(words, 'json-output'))
      note(endpoint, 'structuredLog', 'enforced', 'json-output', flagOf(words, 'json-output')?.range ?? endpoint.range);
    const origin = flagOf(words, 'cors-allow-origin');
    if (origin?.value === '*')
      weaknesses.push({
        kind: 'cors-star',
        severity: 'warning',
        message: 'Every web page may call this endpoint (--cors-allow-origin). Name the origin.',
        range: origin.range,
      });
  },
};

const ollama: Server = {
  product: 'Ollama',
  is: (launch) => word(launch, /(?:^|\/)ollama$/) || image(launch, /(?:^|\/)ollama(?::|\/|@|$)/),
  listens: 'loopback',
  look(launch, endpoint, weaknesses) {
    const host = variable(launch, 'OLLAMA_HOST');
    if (image(launch, /ollama/)) endpoint.reach = 'network';
    if (host?.value !== undefined) {
      endpoint.reach = reachOf(host.value);
      if (everywhere.test(host.value)) {
        weaknesses.push({
          kind: 'model-control-exposed',
          severity: 'warning',
          message:
            'Ollama listens on every address and knows no authentication: who reaches it uses, replaces and deletes models. Bind it to 127.0.0.1, or put a proxy in front that authenticates.',
          range: host.range,
        });
      }
    }
    const origins = variable(launch, 'OLLAMA_ORIGINS');
    if (origins?.value === '*')
      weaknesses.push({
        kind: 'cors-star',
        severity: 'warning',
        message: 'Every web page may call this endpoint (OLLAMA_ORIGINS=*). Name the origins.',
        range: origins.range,
      });
  },
};

const triton: Server = {
  product: 'Triton',
  is: (launch) => word(launch, /(?:^|\/)tritonserver$/),
  listens: 'network',
  look(launch, endpoint, weaknesses) {
    const { words } = launch;
    listensOn(endpoint, flagOf(words, 'http-address'));
    const ssl = flagOf(words, 'grpc-use-ssl');
    if (ssl) note(endpoint, 'tls', 'not-enforced', 'gRPC alone; HTTP has no TLS of its own', ssl.range);
    const mutual = flagOf(words, 'grpc-use-ssl-mutual');
    if (mutual) note(endpoint, 'clientCertificate', 'not-enforced', 'gRPC alone', mutual.range);
    const restricted = flagOf(words, 'http-restricted-api') ?? flagOf(words, 'grpc-restricted-protocol');
    if (restricted) note(endpoint, 'admin', 'enforced', 'restricted by a header', restricted.range);
    const control = flagOf(words, 'model-control-mode');
    if (!control?.value || !/^(?:explicit|poll)$/.test(control.value)) return;
    note(endpoint, 'admin', 'not-enforced', `model-control-mode ${control.value}`, control.range);
    if (restricted) return;
    weaknesses.push({
      kind: 'model-control-exposed',
      severity: control.value === 'explicit' ? 'warning' : 'info',
      message:
        control.value === 'explicit'
          ? 'Lets requests load and unload models (--model-control-mode=explicit), which NVIDIA warns can run any code. Restrict it (--http-restricted-api=model-repository:...), or use none.'
          : 'Loads whatever appears in the model repository (--model-control-mode=poll). Make sure that only your pipeline writes there.',
      range: control.range,
    });
  },
};

const tfServing: Server = {
  product: 'TensorFlow Serving',
  is: (launch) => word(launch, /(?:^|\/)tensorflow_model_server$/) || image(launch, /tensorflow\/serving/),
  listens: 'network',
  look({ words }, endpoint) {
    tlsBy(endpoint, flagOf(words, 'ssl_config_file'), 'gRPC alone, by ssl_config_file');
    const timeout = flagOf(words, 'rest_api_timeout_in_ms');
    if (timeout) note(endpoint, 'timeout', 'enforced', `rest_api_timeout_in_ms ${timeout.value ?? ''}`, timeout.range);
  },
};

const litellm: Server = {
  product: 'LiteLLM',
  is: (launch) => word(launch, /(?:^|\/)litellm$/) || image(launch, /litellm/),
  listens: 'network',
  look(launch, endpoint) {
    const key = variable(launch, 'LITELLM_MASTER_KEY');
    if (key) note(endpoint, 'authentication', 'enforced', 'a master key', key.range);
  },
};

const servers: readonly Server[] = [vllm, tgi, ollama, triton, tfServing, litellm];
