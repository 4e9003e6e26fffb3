import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cells, postureOfText as posture, weak } from './posture.fixture.ts';

describe('models of Triton', () => {
  test('a queue without an end, and one that refuses nobody', async () => {
    const open = await posture('config.pbtxt', 'backend: "python"\ndynamic_batching { }\n');
    assert.deepEqual(cells(open), {
      modelRateLimit: 'not-enforced: as many requests wait as come in (max_queue_size)',
    });
    const text = (action: string): string =>
      `backend: "python"\ndynamic_batching {\n  default_queue_policy { timeout_action: ${action} default_timeout_microseconds: 900 max_queue_size: 64 }\n}\n`;
    assert.deepEqual(cells(await posture('config.pbtxt', text('REJECT'))), {
      modelRateLimit: 'enforced: max_queue_size 64',
      timeout: 'enforced: default_timeout_microseconds 900',
    });
    assert.match(cells(await posture('config.pbtxt', text('DELAY'))).timeout ?? '', /^not-enforced: /);
    assert.deepEqual(cells(await posture('config.pbtxt', 'backend: "python"\nmax_batch_size: 8\n')), {});
  });

  test('all versions are served only where that is written', async () => {
    const policy = (value: string): string => `platform: "onnxruntime_onnx"\nversion_policy: { ${value} }\n`;
    assert.deepEqual(await weak('config.pbtxt', policy('all { }')), ['info model-control-exposed 2']);
    assert.deepEqual(await weak('config.pbtxt', policy('specific { versions: [1, 3] }')), []);
    assert.deepEqual(await weak('config.pbtxt', 'platform: "onnxruntime_onnx"\nresponse_cache { enable: true }\n'), []);
  });
});

describe('vLLM', () => {
  const pod = (args: string): string =>
    `apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: c\n    image: vllm/vllm-openai:v0.9.0\n    args: [${args}]\n`;

  test('media are fetched from anywhere, where the model takes any', async () => {
    const fetches = ['info media-fetch 8'];
    for (const model of ['Qwen/Qwen2.5-VL-7B-Instruct', 'llava-hf/llava-1.5-7b-hf', '/models/Phi-3.5-vision-instruct'])
      assert.deepEqual(await weak('p.yaml', pod(`--model, ${model}`)), fetches, model);
    assert.deepEqual(await weak('p.yaml', pod('--model, org/m, --limit-mm-per-prompt, "image=2"')), fetches);
    for (const model of ['meta-llama/Llama-3.1-8B-Instruct', 'org/revival-7b', 'Qwen/Qwen3-30B-A3B'])
      assert.deepEqual(await weak('p.yaml', pod(`--model, ${model}`)), [], model);
  });

  test('where the hosts are named, none is taken, or nobody else reaches it, nothing is said', async () => {
    const vision = '--model, Qwen/Qwen2.5-VL-7B-Instruct';
    for (const rest of [
      '--allowed-media-domains, media.example.org',
      '--limit-mm-per-prompt, "{\\"image\\": 0, \\"video\\": 0}"',
      '--language-model-only',
      '--host, 127.0.0.1',
    ])
      assert.deepEqual(await weak('p.yaml', pod(`${vision}, ${rest}`)), [], rest);
  });

  test('files of the server that requests may read', async () => {
    const local = '--model, org/m, --allowed-local-media-path';
    assert.deepEqual(await weak('p.yaml', pod(`${local}, /`)), ['warning media-fetch 8']);
    assert.deepEqual(await weak('p.yaml', pod(`${local}=`)), []);
  });
});

test('a service of Compose that is published on this machine alone is reached by nobody else', async () => {
  const compose = (port: string): string =>
    `services:\n  chat:\n    image: ollama/ollama:0.6.0\n    environment: {OLLAMA_HOST: 0.0.0.0, OLLAMA_ORIGINS: "*"}\n    ports: [${port}]\n`;
  assert.deepEqual(await weak('compose.yaml', compose('"11434:11434"')), [
    'warning model-control-exposed 4',
    'warning cors-star 4',
  ]);
  for (const port of ['"127.0.0.1:11434:11434"', '{target: 11434, published: 11434, host_ip: 127.0.0.1}'])
    assert.deepEqual(await weak('compose.yaml', compose(port)), ['warning cors-star 4'], port);
  const { endpoints } = await posture('compose.yaml', compose('"127.0.0.1:11434:11434"'));
  assert.equal(endpoints[0]?.reach, 'loopback');
});

describe('nginx', () => {
  const server = (location: string, listen = '8080'): string =>
    `http {\n  server {\n    listen ${listen};\n    location /s {\n      ${location}\n    }\n  }\n}\n`;

  test('status pages that ask nobody', async () => {
    assert.deepEqual(await weak('nginx.conf', server('stub_status;')), ['info admin-exposed 5']);
    assert.deepEqual(await weak('nginx.conf', server('api;')), ['info admin-exposed 5']);
    assert.deepEqual(await weak('nginx.conf', server('api write=on;')), ['error admin-exposed 5']);
  });

  test('status pages for some', async () => {
    assert.deepEqual(await weak('nginx.conf', server('stub_status; allow 127.0.0.1; deny all;')), []);
    assert.deepEqual(await weak('nginx.conf', server('stub_status;', '127.0.0.1:8080')), []);
  });
});

test('Kong: variables of its container', async () => {
  const pod = (env: string): string =>
    `apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: c\n    image: kong:3.7\n    env:\n${env}`;
  const variable = (name: string, value: string): string => `    - {name: ${name}, value: "${value}"}\n`;
  const manager = variable('KONG_ADMIN_GUI_LISTEN', '0.0.0.0:8002');
  assert.deepEqual(await weak('p.yaml', pod(manager)), ['error admin-exposed 9']);
  const admin = variable('KONG_ADMIN_LISTEN', '0.0.0.0:8001');
  assert.deepEqual(await weak('p.yaml', pod(admin + manager)), ['error admin-exposed 9'], 'one tells of both');
  const closed = variable('KONG_ADMIN_LISTEN', '127.0.0.1:8001');
  assert.deepEqual(await weak('p.yaml', pod(closed + manager)), [], 'the manager can do nothing');
  assert.deepEqual(await weak('p.yaml', pod(variable('KONG_UNTRUSTED_LUA', 'on'))), ['warning dynamic-code 9']);
  assert.deepEqual(await weak('p.yaml', pod(variable('KONG_UNTRUSTED_LUA', 'sandbox'))), []);
});

test('TorchServe: addresses of models that stand in a variable are not called open', async () => {
  const text = 'inference_address=http://127.0.0.1:8080\nmanagement_address=http://0.0.0.0:8081\n';
  assert.deepEqual(await weak('config.properties', text), ['error admin-exposed 2', 'warning dynamic-code 2']);
  const elsewhere = `${text}use_env_allowed_urls=true\njob_queue_size=50\n`;
  assert.deepEqual(await weak('config.properties', elsewhere), ['error admin-exposed 2']);
  assert.equal(cells(await posture('config.properties', elsewhere)).modelRateLimit, 'enforced: job_queue_size 50');
});

test('LiteLLM: a pass-through endpoint that hands the headers on', async () => {
  const text = (forward: boolean): string =>
    `model_list: [{model_name: a, litellm_params: {model: b}}]\ngeneral_settings:\n  pass_through_endpoints:\n  - path: /a\n    forward_headers: ${String(forward)}\n`;
  assert.deepEqual(await weak('litellm.yaml', text(true)), ['warning payload-logging 5']);
  assert.deepEqual(await weak('litellm.yaml', text(false)), []);
});

test('Azure ML: who may ask an online endpoint', async () => {
  const schema = 'https://azuremlschemas.azureedge.net/latest/managedOnlineEndpoint.schema.json';
  const found = await posture('e.yml', `$schema: ${schema}\nname: reviews\nauth_mode: aad_token\n`);
  assert.deepEqual(cells(found), { tls: 'enforced: Azure ends TLS', authentication: 'enforced: auth_mode: aad_token' });
  const job = 'https://azuremlschemas.azureedge.net/latest/commandJob.schema.json';
  assert.deepEqual((await posture('j.yml', `$schema: ${job}\ncommand: a\n`)).endpoints, []);
});
