import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cells, postureOfText, weak } from './posture.fixture.ts';

/** A service with one plugin, whose name stands on line 6 and whose fields begin on line 8. */
const kong = (name: string, ...fields: string[]): string =>
  `_format_version: "3.0"\nservices:\n- name: m\n  url: http://m:1\n  plugins:\n  - name: ${name}\n${
    fields.length > 0 ? `    config:\n${fields.map((field) => `      ${field}\n`).join('')}` : ''
  }`;

describe('origins of Kong', () => {
  test('any origin is a warning, with credentials an error: Kong answers with the one that asked', async () => {
    assert.deepEqual(await weak('k.yml', kong('cors', 'origins: ["*"]')), ['warning cors-star 8']);
    assert.deepEqual(await weak('k.yml', kong('cors', 'origins: ["*"]', 'credentials: true')), ['error cors-star 8']);
    assert.deepEqual(await weak('k.yml', kong('cors', 'origins: ["https://.*"]', 'credentials: true')), [
      'error cors-star 8',
    ]);
  });

  test('one among others is enough, and no list at all is any', async () => {
    assert.deepEqual(await weak('k.yml', kong('cors', 'origins:', '- https://a.example.org', '- "*"')), [
      'warning cors-star 10',
    ]);
    assert.deepEqual(await weak('k.yml', kong('cors')), ['warning cors-star 6']);
  });

  test('origins that are named, by words or a pattern, are in order', async () => {
    for (const origins of [
      '[https://a.example.org]',
      String.raw`['https://\w+\.example\.org$', https://b.example.org]`,
    ])
      assert.deepEqual(await weak('k.yml', kong('cors', `origins: ${origins}`, 'credentials: true')), [], origins);
  });
});

describe('AI plugins of Kong', () => {
  const known = async (name: string, ...fields: string[]) => {
    const found = cells(await postureOfText('k.yml', kong(name, ...fields)));
    // Every service of Kong has one.
    delete found.timeout;
    return found;
  };

  test('ai-proxy refuses what is too long, and what is no request of its type', async () => {
    assert.deepEqual(await known('ai-proxy', 'route_type: llm/v1/chat', 'max_request_body_size: 65536'), {
      sizeLimit: 'enforced: ai-proxy: max_request_body_size 65536',
      schema: 'enforced: ai-proxy: nothing but llm/v1/chat',
    });
    assert.deepEqual(await known('ai-proxy', 'route_type: preserve'), {
      sizeLimit: 'enforced: ai-proxy reads no larger body than its default',
    });
    const native = await known('ai-proxy', 'route_type: llm/v1/chat', 'llm_format: bedrock');
    assert.equal(native.schema, undefined);
  });

  test('0 is any size', async () => {
    assert.deepEqual(await known('ai-prompt-guard', 'deny_patterns: [a]', 'max_request_body_size: 0'), {
      sizeLimit: 'not-enforced: ai-prompt-guard: max_request_body_size 0, which is any',
      schema: 'enforced: ai-prompt-guard: chats and prompts, by patterns',
    });
  });

  test('of several targets all must have such a type', async () => {
    const target = (type: string): string => `- {route_type: ${type}, model: {provider: openai}}`;
    const both = await known('ai-proxy-advanced', 'targets:', target('llm/v1/chat'), target('llm/v1/completions'));
    assert.match(both.schema ?? '', /^enforced/);
    const one = await known('ai-proxy-advanced', 'targets:', target('llm/v1/chat'), target('preserve'));
    assert.equal(one.schema, undefined);
  });

  test('what looks at prompts filters no answers', async () => {
    assert.equal((await known('ai-prompt-guard', 'deny_patterns: [a]')).outputFilter, undefined);
    assert.match((await known('ai-azure-content-safety')).outputFilter ?? '', /^not-enforced: .* requests alone/);
    assert.match((await known('ai-azure-content-safety', 'guarding_mode: BOTH')).outputFilter ?? '', /^delegated/);
    assert.match((await known('ai-aws-guardrails', 'guarding_mode: INPUT')).outputFilter ?? '', /^not-enforced/);
    assert.match((await known('ai-semantic-response-guard')).outputFilter ?? '', /^delegated/);
  });

  test('a plugin that only counts tokens says nothing of sizes', async () => {
    const found = await known('ai-rate-limiting-advanced', 'max_request_body_size: 8192');
    assert.deepEqual(Object.keys(found).toSorted(), ['clientRateLimit', 'modelRateLimit']);
  });
});
