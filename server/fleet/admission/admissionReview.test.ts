import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reviewed } from './admissionReview.ts';

const asked: string[] = [];
const decide = (model: string) => {
  asked.push(model);
  return Promise.resolve({
    ...{ allow: !model.includes('bad'), model, purpose: 'load' as const, digests: [] },
    ...{ reasons: [{ code: 'unknown' as const, message: 'nothing is known' }], warnings: ['w'.repeat(999)] },
  });
};

async function review(spec: object) {
  asked.length = 0;
  const { review, allowed } = await reviewed({ uid: '1', operation: 'CREATE', object: { kind: 'Pod', spec } }, decide);
  const { response } = review as { response: { status?: { message: string }; warnings?: string[] } };
  return { allowed, message: response.status?.message ?? '', warnings: response.warnings ?? [] };
}

test('containers that are put into a pod later load models like any other', async () => {
  const debug = [{ name: 'debug', command: ['vllm', 'serve', 'org/bad'] }];
  assert.equal((await review({ containers: [], ephemeralContainers: debug })).allowed, false);
});

test('an object cannot keep the service busy by how many models it names', async () => {
  const args = Array.from({ length: 50_000 }, (_, index) => ['--model', `org/m${index}`]).flat();
  const { allowed, message, warnings } = await review({ containers: [{ args }] });
  assert.equal(allowed, false);
  assert.match(message, /^it names more than 64 models/);
  assert.ok(message.length <= 4_000);
  assert.equal(asked.length, 64);
  assert.deepEqual([warnings.length, warnings[0]?.length], [20, 250]);
});
