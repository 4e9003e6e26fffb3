// Policies of a stranger: what does not end, or eats memory, is stopped with an error, and the next request is answered.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { WeighbridgeError } from '../../server/errors.ts';
import { PolicyCompiler } from '../../server/policy/compiler/policyCompiler.ts';
import { PolicyEngine } from '../../server/policy/policyEngine.ts';

const compiler = new PolicyCompiler();
const engine = new PolicyEngine({ cache: false, timeoutMs: 5000 });
after(async () => {
  compiler.close();
  await engine.close();
});

const small = [{ file: 'a.rego', text: 'package a\n\ndeny contains "no" if input.x == 1\n' }];

async function decides(): Promise<boolean> {
  const { deny } = await engine.evaluate(await engine.compile(small), { x: 1 });
  return deny.length === 1;
}

const policy = (body: string) => [{ file: 'hostile.rego', text: `package hostile\n\n${body}\n` }];

test('a compiler that is killed starts again', async () => {
  await compiler.request({ operation: 'version' });
  const first = compiler.processId ?? 0;
  const compiling = compiler.request({ operation: 'compile', modules: small });
  process.kill(first, 'SIGKILL');
  await assert.rejects(compiling, { code: 'worker-lost' });
  const { wasm } = await compiler.request({ operation: 'compile', modules: small });
  assert.ok(wasm);
  assert.notEqual(compiler.processId, first);
});

test('what waits behind a killed request is answered', async () => {
  await compiler.request({ operation: 'version' });
  const requests = [1, 2, 3].map(() => compiler.request({ operation: 'check', modules: small }));
  process.kill(compiler.processId ?? 0, 'SIGKILL');
  const results = await Promise.allSettled(requests);
  assert.deepEqual(
    results.map(({ status }) => status),
    ['rejected', 'fulfilled', 'fulfilled'],
  );
});

test('recursion is refused', async () => {
  await assert.rejects(engine.compile(policy('deny contains x if x := f(1)\n\nf(x) := f(x + 1)')), /recursive/);
  await assert.rejects(engine.compile(policy('deny if a\n\na if b\n\nb if a')), /recursive/);
});

test('an evaluation that does not end is stopped', async () => {
  const numbers = 'numbers.range(1, 100000)';
  const policies = await engine.compile(
    policy(
      `deny contains x if { some a in ${numbers}; some b in ${numbers}; some c in ${numbers}; a + b + c == -1; x := a }`,
    ),
  );
  await assert.rejects(engine.evaluate(policies, {}), { code: 'refused' });
  assert.ok(await decides());
});

test('an evaluation that eats memory is stopped', async () => {
  const policies = await engine.compile(
    policy(
      'deny contains x if { x := [[a, b] | some a in numbers.range(1, 100000); some b in numbers.range(1, 100000)] }',
    ),
  );
  await assert.rejects(engine.evaluate(policies, {}), { code: 'refused' });
  assert.ok(await decides());
});

test('a huge width of sprintf takes no memory', async () => {
  const policies = await engine.compile(policy('deny contains x if x := sprintf("%999999999d", [1])'));
  assert.deepEqual((await engine.evaluate(policies, {})).deny, []);
});

test('ten megabytes of policy are refused before anything reads them', async () => {
  const long = policy(`# ${'x'.repeat(10 << 20)}`);
  await assert.rejects(engine.compile(long), /too long/);
});

test('deep nesting and a wall of rules end in an error or an answer', async () => {
  const sources = [
    `deny contains x if x := ${'['.repeat(100_000)}${']'.repeat(100_000)}`,
    `deny contains x if x := ${'('.repeat(200_000)}1`,
    `deny contains "${'a'.repeat(1 << 20)}" if true`,
    Array.from({ length: 20_000 }, (_, index) => `r${index} := ${index}`).join('\n'),
    '\u0000\u0001\ufffe',
    'deny[x] { x := ',
  ];
  for (const text of sources) {
    try {
      await engine.evaluate(await engine.compile(policy(text)), {});
    } catch (error) {
      assert.ok(error instanceof WeighbridgeError, String(error));
    }
  }
  assert.ok(await decides());
});

test('a policy reaches neither network nor environment nor clock', async () => {
  for (const call of [
    'http.send({"url": "http://localhost"})',
    'opa.runtime()',
    'time.now_ns()',
    'rand.intn("a", 3)',
  ]) {
    await assert.rejects(engine.compile(policy(`deny contains x if x := ${call}`)), /undefined function/);
  }
});
