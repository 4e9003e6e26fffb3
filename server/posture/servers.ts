import { itemsAt, leafAt, textAt } from '../formats/text/configTree.ts';
import { isTrue } from '../formats/text/dynamicValue.ts';
import type { Launch } from '../formats/text/launches.ts';
import { flagOf } from '../formats/text/shellWords.ts';
import { lineOf } from '../formats/text/ranges.ts';
import {
  endpointOf,
  everyPage,
  note,
  reachOf,
  type Endpoint,
  type Posture,
  type Weakness,
  type WeaknessKind,
} from './facts.ts';
import { enforcedBy, image, listensOn, tlsBy, variable, word, type Server } from './launchedServer.ts';
import { exposed, unconfinedLua } from './kong.ts';
import { vllm } from './vllm.ts';

const everywhere = /^(?:0\.0\.0\.0|::|\[::\])(?::\d+)?$/;

/** Launches that start no server. Those of a text that is being edited are mostly those of the version before. */
const others = new WeakSet<Launch>();

/** Model servers that a container, an image or a step starts, by their arguments and variables. */
export function serverPosture(launches: readonly Launch[]): Posture {
  const endpoints: Endpoint[] = [];
  const weaknesses: Weakness[] = [];
  for (const launch of launches) {
    if (launch.origin === 'step' || launch.origin === 'notebook' || others.has(launch)) continue;
    const before = endpoints.length + weaknesses.length;
    for (const server of servers) {
      if (!server.is(launch)) continue;
      const endpoint = endpointOf(server.product, launch.name, lineOf(launch.words[0]?.range ?? launch.range));
      endpoint.reach = server.listens;
      // A proxy or a policy in front stands in another object.
      endpoint.complete = false;
      const found: Weakness[] = [];
      server.look(launch, endpoint, found);
      endpoints.push(endpoint);
      if (!isPublishedOnLoopback(launch)) weaknesses.push(...found);
      else {
        // In the container a server has to listen on every address to be published at all.
        endpoint.reach = 'loopback';
        weaknesses.push(...found.filter(({ kind, severity }) => !byReach.has(kind) || severity === 'error'));
      }
    }
    kongVariables(launch, weaknesses);
    torchserveFlags(launch, weaknesses);
    if (endpoints.length + weaknesses.length === before) others.add(launch);
  }
  return { endpoints, weaknesses: weaknesses.map(withoutUnsafeFix) };
}

/** Kong takes every key of `kong.conf` as a variable, too. */
function kongVariables(launch: Launch, weaknesses: Weakness[]): void {
  const [admin, manager] = [variable(launch, 'KONG_ADMIN_LISTEN'), variable(launch, 'KONG_ADMIN_GUI_LISTEN')];
  // Kong Manager does nothing without the admin interface: one finding tells of both.
  for (const each of admin ? [admin] : [manager])
    if (each?.value !== undefined)
      exposed(each.value, each.range, each.range, endpointOf('Kong', launch.name, each.range), weaknesses);
  const lua = variable(launch, 'KONG_UNTRUSTED_LUA');
  if (lua?.value === 'on') unconfinedLua(lua.range, weaknesses);
}

/** TorchServe takes what opens it as flags and, with the prefix `TS_`, as variables, too. */
function torchserveFlags(launch: Launch, weaknesses: Weakness[]): void {
  const isServer = word(launch, /(?:^|\/)torchserve$/) || image(launch, /(?:^|\/)torchserve(?:[:@-]|$)/);
  if (!isServer) return;
  const asks = variable(launch, 'TS_DISABLE_TOKEN_AUTHORIZATION');
  const open = flagOf(launch.words, 'disable-token-auth') ?? (isTrue(asks?.value) ? asks : undefined);
  if (open)
    weaknesses.push({
      kind: 'auth-not-enforced',
      severity: 'error',
      message: 'TorchServe asks for no token (--disable-token-auth). Take it out.',
      range: open.range,
    });
  const changes = variable(launch, 'TS_ENABLE_MODEL_API');
  const api = flagOf(launch.words, 'enable-model-api') ?? (isTrue(changes?.value) ? changes : undefined);
  if (api)
    weaknesses.push({
      kind: 'model-control-exposed',
      severity: 'warning',
      message: 'Lets requests load and unload models (--enable-model-api). Take it out where models do not change.',
      range: api.range,
    });
}

/** What only matters where others reach the server. */
const byReach: ReadonlySet<WeaknessKind> = new Set(['media-fetch', 'model-control-exposed']);

/** Whether Compose publishes all ports of a service on this machine alone (`127.0.0.1:8000:8000`, `host_ip`). */
function isPublishedOnLoopback({ origin, node }: Launch): boolean {
  if (origin !== 'compose' || !node) return false;
  const ports = itemsAt(node, 'ports').map(
    (item, index) => textAt(item, 'host_ip') ?? leafAt(node, 'ports', index)?.value,
  );
  return ports.length > 0 && ports.every((port) => /^(?:127\.|localhost(?::|$)|\[?::1\]?(?::|$))/.test(String(port)));
}

/** The place of a variable may hold its name and quotes, too: only a place that is the value alone can be replaced. */
function withoutUnsafeFix(weakness: Weakness): Weakness {
  if (!weakness.fix || weakness.kind !== 'admin-exposed') return weakness;
  const { kind, severity, message, range } = weakness;
  return { kind, severity, message, range };
}

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
      enforcedBy(launch, endpoint, 'sizeLimit', name);
    }
    enforcedBy(launch, endpoint, 'modelRateLimit', 'max-concurrent-requests');
    if (flagOf(words, 'json-output'))
      note(endpoint, 'structuredLog', 'enforced', 'json-output', flagOf(words, 'json-output')?.range ?? endpoint.range);
    const origin = flagOf(words, 'cors-allow-origin');
    if (origin?.value === '*') weaknesses.push(everyPage('--cors-allow-origin', 'warning', origin.range));
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
    if (origins?.value === '*') weaknesses.push(everyPage('OLLAMA_ORIGINS=*', 'warning', origins.range));
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
