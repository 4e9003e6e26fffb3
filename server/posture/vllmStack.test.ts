import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cells, postureOfText, weak } from './posture.fixture.ts';

const model = (fields: string): string =>
  `servingEngineSpec:\n  vllmApiKey: {secretName: keys, secretKey: vllm}\n  modelSpec:\n  - name: chat\n    repository: vllm/vllm-openai\n    tag: v0.9.0\n    modelURL: org/chat\n${fields}`;

async function router(text: string) {
  const { endpoints } = await postureOfText('values.yaml', text);
  return endpoints.find(({ product }) => product === 'vLLM router');
}

describe('vLLM production stack', () => {
  test('each enabled model is a server, started with what its values say', async () => {
    const text = model('    vllmConfig:\n      maxModelLen: 4096\n      extraArgs: [--allowed-origins, "*"]\n');
    const { endpoints, weaknesses } = await postureOfText('values.yaml', text);
    const served = endpoints.filter(({ product }) => product === 'vLLM');
    assert.deepEqual(
      served.map(({ name, reach }) => [name, reach]),
      [['chat', 'network']],
    );
    assert.deepEqual(cells({ endpoints: served, weaknesses }), {
      authentication: 'not-enforced: a key for /v1 alone; other paths stay open',
      sizeLimit: 'enforced: max-model-len 4096',
    });
    assert.deepEqual(await weak('values.yaml', text), ['info cors-star 10']);
  });

  test('a model or an engine that is switched off is no server', async () => {
    const off = model('    enabled: false\n    env: [{name: VLLM_SERVER_DEV_MODE, value: "1"}]\n');
    assert.deepEqual(await weak('values.yaml', off), []);
    assert.deepEqual(await weak('values.yaml', off.replace('    enabled: false\n', '')), ['error dynamic-code 8']);
    const none = off
      .replace('    enabled: false\n', '')
      .replace('servingEngineSpec:\n', 'servingEngineSpec:\n  enableEngine: false\n');
    assert.deepEqual(await weak('values.yaml', none), []);
  });

  test('the router: who reaches it, and what stands at its door', async () => {
    const inside = await router(model('routerSpec: {routingLogic: roundrobin}\n'));
    assert.deepEqual([inside?.reach, inside?.complete], ['unknown', false]);
    const open = await router(model('routerSpec:\n  serviceType: LoadBalancer\n'));
    assert.deepEqual([open?.reach, open?.complete, open?.range.line], ['network', true, 8]);
    assert.equal(open?.controls.authentication.state, 'not-enforced');
    assert.equal(open.controls.authentication.range?.line, 2);
    const internal = await router(
      model(
        'routerSpec:\n  serviceType: LoadBalancer\n  serviceAnnotations: {service.beta.kubernetes.io/aws-load-balancer-scheme: internal}\n',
      ),
    );
    assert.deepEqual([internal?.reach, internal?.complete], ['unknown', false]);
    assert.equal(await router(model('routerSpec: {enableRouter: false}\n')), undefined);
  });

  test('an ingress ends TLS, asks, limits and bounds', async () => {
    const asks = (size: string): string =>
      model(
        `routerSpec:\n  ingress:\n    enabled: true\n    tls: [{secretName: a}]\n    annotations:\n      nginx.ingress.kubernetes.io/auth-url: https://id.example.org\n      nginx.ingress.kubernetes.io/limit-rps: "5"\n      nginx.ingress.kubernetes.io/proxy-body-size: ${size}\n`,
      );
    const found = await router(asks('8m'));
    assert.ok(found);
    assert.deepEqual(
      (['tls', 'authentication', 'clientRateLimit', 'sizeLimit'] as const).map((name) => [
        found.controls[name].state,
        found.controls[name].range?.line,
      ]),
      [
        ['delegated', 11],
        ['delegated', 13],
        ['enforced', 14],
        ['enforced', 15],
      ],
    );
    assert.equal((await router(asks('"0"')))?.controls.sizeLimit.state, 'not-enforced');
  });
});
