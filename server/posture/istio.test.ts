import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { postureOfText, weak } from './posture.fixture.ts';

/** What an object of Istio says of a control, with its line. */
async function says(text: string, control: 'authentication' | 'clientCertificate' = 'authentication'): Promise<string> {
  const { endpoints } = await postureOfText('policy.yaml', text);
  const found = endpoints[0]?.controls[control];
  return `${found?.state ?? 'none'} ${found?.range?.line ?? '-'}`;
}

const policy = (spec: string): string =>
  `apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: models}\nspec:\n${spec}`;

describe('AuthorizationPolicy', () => {
  test('a rule that asks for nothing lets everybody in, whatever the others ask', async () => {
    const open = 'warning auth-not-enforced';
    assert.deepEqual(await weak('p.yaml', policy('  rules: [{}]\n')), [`${open} 5`]);
    assert.equal(await says(policy('  rules: [{}]\n')), 'not-enforced 5');
    const behind = '  action: ALLOW\n  rules:\n  - from: [{source: {principals: [cluster.local/ns/a/sa/b]}}]\n  - {}\n';
    assert.deepEqual(await weak('p.yaml', policy(behind)), [`${open} 8`]);
    for (const rule of [
      'to: [{operation: {paths: ["*"]}}]',
      'to: [{operation: {methods: ["*"], hosts: ["*"]}}]',
      'from: [{source: {ipBlocks: [0.0.0.0/0]}}]',
      'from: [{source: {principals: [a]}}, {source: {remoteIpBlocks: ["::/0"]}}]',
    ])
      assert.deepEqual(await weak('p.yaml', policy(`  rules:\n  - ${rule}\n`)), [`${open} 6`], rule);
  });

  test('who is named, by a certificate or a token, is asked for', async () => {
    for (const rule of [
      'from: [{source: {principals: ["*"]}}]',
      'from: [{source: {requestPrincipals: ["issuer/*"]}}]',
      'from: [{source: {namespaces: [apps]}}]',
      'when: [{key: "request.auth.claims[groups]", values: [ml]}]',
    ]) {
      const text = policy(`  rules:\n  - ${rule}\n`);
      assert.equal(await says(text), 'enforced 6', rule);
      assert.deepEqual(await weak('p.yaml', text), [], rule);
    }
  });

  test('what a request says of itself decides by rules, and a path for everybody is one', async () => {
    for (const [rule, state] of [
      ['when: [{key: "request.headers[x-user]", values: [a]}]', 'delegated 6'],
      ['from: [{source: {ipBlocks: [10.0.0.0/8]}}]', 'delegated 6'],
      ['to: [{operation: {paths: [/healthz]}}]', 'not-enforced 6'],
      ['to: [{operation: {notPaths: ["*"]}}]', 'not-enforced 6'],
    ] as const) {
      const text = policy(`  rules:\n  - ${rule}\n`);
      assert.equal(await says(text), state, rule);
      assert.deepEqual(await weak('p.yaml', text), [], rule);
    }
  });

  test('without a rule ALLOW lets nobody in; other actions are what they do', async () => {
    assert.equal(await says(policy('  {}\n')), 'enforced 3');
    const cases = [
      ['  action: DENY\n  rules: [{}]\n', 'not-visible -'],
      ['  action: DENY\n  rules:\n  - from: [{source: {notRequestPrincipals: ["*"]}}]\n', 'enforced 7'],
      ['  action: CUSTOM\n  provider: {name: opa}\n  rules: [{}]\n', 'delegated 5'],
      ['  action: AUDIT\n  rules: [{}]\n', 'not-enforced 5'],
    ] as const;
    for (const [spec, state] of cases) {
      assert.equal(await says(policy(spec)), state, spec);
      assert.deepEqual(await weak('p.yaml', policy(spec)), [], spec);
    }
  });
});

test('RequestAuthentication checks tokens, and asks for none', async () => {
  const text =
    'apiVersion: security.istio.io/v1\nkind: RequestAuthentication\nmetadata: {name: jwt}\nspec:\n  jwtRules:\n  - issuer: https://id.example.org\n';
  assert.equal(await says(text), 'delegated 6');
  assert.deepEqual(await weak('p.yaml', text), []);
});

test('PeerAuthentication: only STRICT asks for a certificate', async () => {
  const peer = (mode: string): string =>
    `apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: a}\nspec:\n  mtls: {mode: ${mode}}\n`;
  assert.equal(await says(peer('STRICT'), 'clientCertificate'), 'enforced 5');
  assert.equal(await says(peer('PERMISSIVE'), 'clientCertificate'), 'not-enforced 5');
});
