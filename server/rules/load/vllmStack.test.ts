import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { judgeExample } from '../exampleFiles.fixture.ts';
import type { Example } from '../rule.ts';

const commit = '0123456789abcdef0123456789abcdef01234567';

/** Values of the stack with one model, whose own fields begin on line 7. */
const values = (fields: string, url = 'org/chat'): string =>
  `servingEngineSpec:\n  modelSpec:\n  - name: chat\n    repository: vllm/vllm-openai\n    tag: v0.9.0\n    modelURL: ${url}\n${fields}`;

/** What is told beside the endpoints, as `severity rule line`. */
async function found(text: string, beside: NonNullable<Example['beside']> = []): Promise<string[]> {
  const findings = await judgeExample({ file: 'stack.yaml', text, beside });
  return findings
    .filter(({ ruleId, path }) => !/^(?:endpoint|job\/no|pin\/image-digest)/.test(ruleId) && path === 'stack.yaml')
    .map(({ severity, ruleId, location }) => `${severity} ${ruleId} ${location.line}`);
}

describe('values of the vLLM production stack', () => {
  test('the model is named without a revision, unless an argument names a commit', async () => {
    assert.deepEqual(await found(values('')), ['info pin/model-revision 6']);
    assert.deepEqual(await found(values('    vllmConfig:\n      extraArgs: [--revision, main]\n')), [
      'warning pin/model-revision 8',
    ]);
    assert.deepEqual(await found(values(`    vllmConfig:\n      extraArgs: [--revision=${commit}]\n`)), []);
    assert.deepEqual(await found(values('', '/data/models/chat')), []);
  });

  test('code that comes with the model', async () => {
    const trust = '    vllmConfig:\n      extraArgs:\n      - --trust-remote-code\n';
    assert.deepEqual(await found(values(trust)), ['error load/trust-remote-code 9', 'info pin/model-revision 6']);
    assert.deepEqual(await found(values(`${trust}      - --revision\n      - ${commit}\n`)), [
      'warning load/trust-remote-code 9',
    ]);
    // Of a folder nobody knows who wrote it.
    assert.deepEqual(await found(values(trust, '/data/models/chat')), ['warning load/trust-remote-code 9']);
    const off = '    vllmConfig:\n      extraArgs: [--trust-remote-code=false]\n';
    assert.deepEqual(await found(values(off, '/data/models/chat')), []);
    const variable = '    env:\n    - name: TRUST_REMOTE_CODE\n      value: "true"\n';
    assert.deepEqual(await found(values(variable, '/data/models/chat')), ['error load/trust-remote-code 9']);
  });

  test('a pickled model of the repository', async () => {
    const pickle = "PROTO 2\nGLOBAL os system\nBINUNICODE 'echo hi'\nTUPLE1\nREDUCE\nSTOP";
    assert.deepEqual(await found(values('', './models/chat'), [{ file: 'models/chat/pytorch_model.bin', pickle }]), [
      'error load/unsafe-checkpoint 6',
    ]);
  });

  test('keys and tokens, as texts and as names of secrets', async () => {
    const key = 'servingEngineSpec:\n  vllmApiKey: 9f3c1e7ab24d8056ce17b9a04fd2e6c8\n  modelSpec: []\n';
    assert.deepEqual(await found(key), ['error secret/literal 2']);
    assert.deepEqual(await found('servingEngineSpec:\n  vllmApiKey: {secretName: keys, secretKey: vllm}\n'), []);
    const variable = (value: string): string => values(`    env:\n    - {name: WANDB_API_KEY, ${value}}\n`, '/data/a');
    assert.deepEqual(await found(variable('value: 9b1c7f3e5d2a8064c1e7b3f9a5d2c8e4f60718ab')), [
      'error job/secret-in-env 8',
    ]);
    assert.deepEqual(await found(variable('valueFrom: {secretKeyRef: {name: wandb, key: key}}')), []);
  });

  test('images of the engine, of what runs before it, beside it, and of the router', async () => {
    const text = values(
      '    initContainer: {name: init, image: "busybox:latest"}\n  sidecar: {image: "lmcache/lmstack-sidecar:1.2"}\nrouterSpec:\n  repository: lmcache/lmstack-router\n  tag: latest\n',
      '/data/a',
    );
    assert.deepEqual(await found(text), ['warning pin/container-image 7', 'warning pin/container-image 11']);
  });
});
