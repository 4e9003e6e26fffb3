import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseText, textLanguage } from '../formats/text/parse.ts';
import type { ControlName, ControlState, Endpoint, Posture } from './facts.ts';
import { postureOf } from './postureOf.ts';

async function posture(file: string, text: string): Promise<Posture> {
  const language = textLanguage(file);
  assert.ok(language, file);
  return postureOf(await parseText(language, text), file);
}

/** Controls of which something is known, with the line that says so. */
function known(endpoint: Endpoint | undefined): Partial<Record<ControlName, [ControlState, number | undefined]>> {
  assert.ok(endpoint);
  return Object.fromEntries(
    Object.entries(endpoint.controls)
      .filter(([, { state }]) => state !== 'not-visible')
      .map(([name, { state, range }]) => [name, [state, range?.line]]),
  );
}

const envoy = (filters: string, chain = '', rest = ''): string => `static_resources:
  listeners:
  - name: in
    address: {socket_address: {address: 0.0.0.0, port_value: 8443}}
    filter_chains:
    - filters:
      - name: hcm
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          http_filters:
${filters}          - name: router
            typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}
${chain}${rest}`;
const filter = (type: string, fields: string): string =>
  `          - name: f\n            typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.${type}, ${fields}}\n`;

/** What is weak beside the defaults that nearly every file keeps (envoyEdge.test.ts). */
function besideEdge(weaknesses: Posture['weaknesses']): string[] {
  return weaknesses.map(({ kind }) => kind).filter((kind) => kind !== 'edge-defaults');
}

describe('Envoy', () => {
  test('filters that hold, and what they say', async () => {
    const text = envoy(
      filter('jwt_authn.v3.JwtAuthentication', 'rules: [{match: {prefix: /}, requires: {provider_name: a}}]') +
        filter('buffer.v3.Buffer', 'max_request_bytes: 1000') +
        filter('ext_proc.v3.ExternalProcessor', 'grpc_service: {}'),
    );
    const { endpoints, weaknesses } = await posture('e.yaml', text);
    assert.deepEqual(known(endpoints[0]), {
      authentication: ['enforced', 11],
      sizeLimit: ['enforced', 14],
      schema: ['delegated', 15],
      outputFilter: ['delegated', 15],
    });
    assert.deepEqual(besideEdge(weaknesses), []);
    assert.equal(endpoints[0]?.reach, 'network');
    assert.equal(endpoints[0]?.complete, true);
  });

  test('filters behind the router, or disabled, do not count', async () => {
    const behind = envoy('').replace(/\n$/, `\n${filter('basic_auth.v3.BasicAuth', 'users: {}')}`);
    assert.deepEqual(known((await posture('e.yaml', behind)).endpoints[0]), {});
    const disabled = envoy(
      filter('basic_auth.v3.BasicAuth', 'users: {}').replace('name: f', 'name: f\n            disabled: true'),
    );
    assert.deepEqual(known((await posture('e.yaml', disabled)).endpoints[0]), {});
  });

  test('mTLS needs an authority', async () => {
    const chain = (validation: string): string =>
      `      transport_socket:\n        name: tls\n        typed_config:\n          require_client_certificate: true\n          common_tls_context: {${validation}}\n`;
    const holds = await posture('e.yaml', envoy('', chain('validation_context: {trusted_ca: {filename: ca.pem}}')));
    assert.equal(holds.endpoints[0]?.controls.clientCertificate.state, 'enforced');
    assert.equal(holds.endpoints[0]?.controls.authentication.state, 'enforced');
    const any = await posture('e.yaml', envoy('', chain('validation_context: {}')));
    assert.equal(any.endpoints[0]?.controls.clientCertificate.state, 'not-enforced');
    assert.deepEqual(besideEdge(any.weaknesses), ['mtls-not-enforced']);
    const untrusted = await posture(
      'e.yaml',
      envoy(
        '',
        chain('validation_context: {trusted_ca: {filename: ca.pem}, trust_chain_verification: ACCEPT_UNTRUSTED}'),
      ),
    );
    assert.deepEqual(besideEdge(untrusted.weaknesses), ['mtls-not-enforced']);
  });

  test('what discovery may add is not called missing', async () => {
    const { endpoints } = await posture('e.yaml', envoy('', '', 'dynamic_resources: {ads_config: {}}\n'));
    assert.equal(endpoints[0]?.complete, false);
  });
});

describe('Kong', () => {
  const kong = (service: string, rest = ''): string =>
    `_format_version: "3.0"\nservices:\n- name: m\n  url: http://m:1\n${service}${rest}`;

  test('plugins of every scope; what stands at some routes alone does not hold', async () => {
    const text = kong(
      '  plugins:\n  - name: request-size-limiting\n  routes:\n  - name: a\n    protocols: [https]\n    plugins: [{name: key-auth}, {name: rate-limiting}]\n  - name: b\n    protocols: [https]\n    plugins: [{name: key-auth}]\n',
      'plugins:\n- name: file-log\n- name: ai-rate-limiting-advanced\n  service: m\n',
    );
    const [endpoint] = (await posture('k.yaml', text)).endpoints;
    assert.deepEqual(known(endpoint), {
      tls: ['enforced', 9],
      authentication: ['enforced', 10],
      clientRateLimit: ['enforced', 16],
      modelRateLimit: ['enforced', 16],
      sizeLimit: ['enforced', 6],
      structuredLog: ['enforced', 15],
      timeout: ['enforced', 3],
    });
    const some = kong('  routes:\n  - name: a\n    plugins: [{name: key-auth}]\n  - name: b\n');
    assert.equal((await posture('k.yaml', some)).endpoints[0]?.controls.authentication.state, 'not-visible');
  });

  test('a plugin that is switched off, or lets everybody pass', async () => {
    const off = kong('  plugins:\n  - name: key-auth\n    enabled: false\n');
    assert.equal((await posture('k.yaml', off)).endpoints[0]?.controls.authentication.state, 'not-visible');
    const open = kong('  plugins:\n  - name: key-auth\n    config: {anonymous: guest}\n');
    assert.equal((await posture('k.yaml', open)).endpoints[0]?.controls.authentication.state, 'not-enforced');
  });
});

describe('nginx', () => {
  const nginx = (server: string, http = ''): string =>
    `http {\n${http}server {\nlisten 443 ssl;\n${server}\nlocation / { proxy_pass http://127.0.0.1:1; }\n}\n}\n`;
  const state = async (text: string, control: ControlName): Promise<ControlState | undefined> =>
    (await posture('nginx.conf', text)).endpoints[0]?.controls[control].state;

  test('directives are inherited, and a location may turn them off', async () => {
    assert.equal(await state(nginx('', 'auth_request /auth;\n'), 'authentication'), 'delegated');
    assert.equal(await state(nginx('auth_jwt realm;'), 'authentication'), 'enforced');
    const off = 'location /open { auth_jwt off; proxy_pass http://127.0.0.1:1; }';
    const { weaknesses } = await posture('nginx.conf', nginx(`auth_jwt realm; ${off}`));
    assert.deepEqual(
      weaknesses.map(({ kind }) => kind),
      ['auth-not-enforced'],
    );
    const health = await posture('nginx.conf', nginx(`auth_jwt realm; ${off.replace('/open', '/healthz')}`));
    assert.deepEqual(health.weaknesses, []);
  });

  test('client certificates: optional holds only where the result is tested', async () => {
    assert.equal(
      await state(nginx('ssl_client_certificate ca; ssl_verify_client on;'), 'clientCertificate'),
      'enforced',
    );
    assert.equal(
      await state(nginx('ssl_client_certificate ca; ssl_verify_client optional;'), 'clientCertificate'),
      'not-enforced',
    );
    const tested =
      'ssl_client_certificate ca; ssl_verify_client optional; if ($ssl_client_verify != SUCCESS) { return 403; }';
    assert.equal(await state(nginx(tested), 'clientCertificate'), 'enforced');
  });

  test('limits, sizes and logs', async () => {
    assert.equal(
      await state(nginx('limit_req zone=a;', 'limit_req_zone $a zone=a:1m rate=1r/s;\n'), 'clientRateLimit'),
      'enforced',
    );
    const zone = 'limit_req_zone $a zone=a:1m rate=1r/s;\n';
    const kinds = async (text: string) => (await posture('nginx.conf', text)).weaknesses.map(({ kind }) => kind);
    assert.ok((await kinds(nginx('', zone))).includes('rate-limit-not-enforced'));
    const other = `${zone}server { listen 81; location / { limit_req zone=a; proxy_pass http://a; } }\n`;
    assert.ok(!(await kinds(nginx('', other))).includes('rate-limit-not-enforced'), 'another server uses the zone');
    assert.equal(await state(nginx('client_max_body_size 0;'), 'sizeLimit'), 'not-enforced');
    assert.equal(await state(nginx('client_max_body_size 20m;'), 'sizeLimit'), 'enforced');
    assert.equal(await state(nginx('access_log /a my_json;'), 'structuredLog'), 'enforced');
    assert.equal(await state(nginx('access_log off;'), 'structuredLog'), 'not-enforced');
  });

  test('an upstream is checked by the directive of its module', async () => {
    const kinds = async (text: string) => (await posture('nginx.conf', text)).weaknesses.map(({ kind }) => kind);
    const server = (lines: string) => `server { listen 443 ssl; location / { ${lines} } }`;
    for (const module of ['grpc', 'proxy']) {
      const pass = `${module}_pass ${module === 'grpc' ? 'grpcs' : 'https'}://models:443;`;
      const other = module === 'grpc' ? 'proxy' : 'grpc';
      assert.ok((await kinds(server(`${pass} ${other}_ssl_verify on;`))).includes('upstream-unverified'), module);
      assert.ok(!(await kinds(server(`${pass} ${module}_ssl_verify on;`))).includes('upstream-unverified'), module);
    }
  });

  test('an include may add what is not visible; a redirect lets nobody in', async () => {
    assert.equal((await posture('nginx.conf', nginx('include auth.conf;'))).endpoints[0]?.complete, false);
    assert.equal((await posture('nginx.conf', nginx('', 'include mime.types;\n'))).endpoints[0]?.complete, true);
    const redirect = 'server { listen 80; return 301 https://$host$request_uri; }';
    assert.equal((await posture('nginx.conf', redirect)).endpoints[0]?.complete, false);
  });
});

describe('servers by their arguments', () => {
  const pod = (fields: string): string =>
    `apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: s\n    ${fields}\n`;

  test('vLLM, Text Generation Inference, Triton, Ollama, TensorFlow Serving, LiteLLM', async () => {
    const cases: [fields: string, product: string, controls: Partial<Record<ControlName, ControlState>>][] = [
      [
        'command: [vllm, serve, org/m, --api-key, $(KEY), --ssl-certfile=a]',
        'vLLM',
        { authentication: 'not-enforced', tls: 'enforced' },
      ],
      [
        'image: ghcr.io/huggingface/text-generation-inference:3\n    args: ["--api-key", "$(KEY)", "--max-input-tokens", "10"]',
        'Text Generation Inference',
        { authentication: 'enforced', sizeLimit: 'enforced' },
      ],
      ['args: [tritonserver, --model-control-mode=explicit]', 'Triton', { admin: 'not-enforced' }],
      ['image: ollama/ollama:0.9', 'Ollama', {}],
      ['command: [tensorflow_model_server, --ssl_config_file=a]', 'TensorFlow Serving', { tls: 'enforced' }],
      [
        'image: ghcr.io/berriai/litellm:1\n    env: [{name: LITELLM_MASTER_KEY, valueFrom: {secretKeyRef: {name: a, key: b}}}]',
        'LiteLLM',
        { authentication: 'enforced' },
      ],
    ];
    for (const [fields, product, controls] of cases) {
      const { endpoints } = await posture('p.yaml', pod(fields));
      assert.equal(endpoints[0]?.product, product, fields);
      const states = Object.fromEntries(Object.entries(known(endpoints[0])).map(([name, [state]]) => [name, state]));
      assert.deepEqual(states, controls, fields);
    }
  });

  test('a script in a block, Compose and a Dockerfile', async () => {
    const script = pod(
      'command: [sh, -c]\n    args:\n    - |\n      set -e\n      exec vllm serve org/m \\\n        --host 127.0.0.1',
    );
    const [inScript] = (await posture('p.yaml', script)).endpoints;
    assert.equal(inScript?.reach, 'loopback');
    const compose = 'services:\n  m:\n    image: ollama/ollama\n    environment:\n      - OLLAMA_HOST=0.0.0.0\n';
    assert.deepEqual(
      (await posture('compose.yaml', compose)).weaknesses.map(({ kind }) => kind),
      ['model-control-exposed'],
    );
    const docker =
      'FROM x:1\nENV VLLM_SERVER_DEV_MODE=1\nENTRYPOINT ["python", "-m", "vllm.entrypoints.openai.api_server"]\nCMD ["--host", "0.0.0.0"]\n';
    const built = await posture('Dockerfile', docker);
    assert.deepEqual([built.endpoints[0]?.product, built.endpoints[0]?.reach], ['vLLM', 'network']);
    assert.deepEqual(
      built.weaknesses.map(({ kind }) => kind),
      ['dynamic-code'],
    );
  });
});

test('kong.conf: the interface for people is an admin interface, too', async () => {
  const gui = (host: string) => `admin_listen = 127.0.0.1:8001\nadmin_gui_listen = ${host}:8002\ndatabase = off\n`;
  const open = await posture('kong.conf', gui('0.0.0.0'));
  assert.deepEqual(
    open.weaknesses.map(({ kind, range }) => [kind, range.line]),
    [['admin-exposed', 2]],
  );
  assert.equal(open.endpoints[0]?.controls.admin.state, 'not-enforced');
  assert.deepEqual((await posture('kong.conf', gui('127.0.0.1'))).weaknesses, []);
});

test('configurations of servers: TorchServe, LiteLLM, Istio, KServe, Ray Serve, Triton models, BentoML, kong.conf', async () => {
  const cases: [
    file: string,
    text: string,
    product: string,
    control: ControlName,
    state: ControlState,
    line: number,
  ][] = [
    ['config.properties', 'inference_address=https://0.0.0.0:8443\n', 'TorchServe', 'tls', 'enforced', 1],
    [
      'c.yaml',
      'model_list:\n- model_name: a\n  litellm_params: {rpm: 5}\n',
      'LiteLLM',
      'modelRateLimit',
      'enforced',
      3,
    ],
    [
      'g.yaml',
      'apiVersion: networking.istio.io/v1\nkind: Gateway\nspec:\n  servers:\n  - port: {number: 443}\n    tls: {mode: MUTUAL}\n',
      'Istio gateway',
      'clientCertificate',
      'enforced',
      6,
    ],
    [
      'i.yaml',
      'apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata: {name: a}\nspec:\n  predictor:\n    timeout: 60\n',
      'KServe',
      'timeout',
      'enforced',
      6,
    ],
    [
      's.yaml',
      'http_options: {host: 0.0.0.0, request_timeout_s: 5}\napplications:\n- import_path: a:b\n',
      'Ray Serve',
      'timeout',
      'enforced',
      1,
    ],
    [
      'config.pbtxt',
      'backend: "python"\ndynamic_batching {\n  default_queue_policy { max_queue_size: 9 }\n}\n',
      'Triton model',
      'modelRateLimit',
      'enforced',
      3,
    ],
    [
      's.py',
      'import bentoml\n\n@bentoml.service(traffic={"timeout": 9})\nclass S: pass\n',
      'BentoML',
      'timeout',
      'enforced',
      3,
    ],
    [
      'kong.conf',
      'proxy_listen = 0.0.0.0:8443 ssl\nadmin_listen = 127.0.0.1:8001\ndatabase = off\n',
      'Kong server',
      'admin',
      'enforced',
      2,
    ],
  ];
  for (const [file, text, product, control, state, line] of cases) {
    const { endpoints } = await posture(file, text);
    assert.equal(endpoints[0]?.product, product, file);
    const found = endpoints[0].controls[control];
    assert.deepEqual([found.state, found.range?.line], [state, line], `${file} ${control}`);
  }
});
