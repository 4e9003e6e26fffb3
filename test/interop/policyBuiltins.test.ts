// Every built-in function that compiled policies may call, compared with OPA's own: OPA evaluates the same policy on the
// same input (the compiler's `evaluate`), and both must give the same document.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Json } from '../../server/formats/facts.ts';
import { hostBuiltins } from '../../server/policy/builtins/index.ts';
import { PolicyCompiler } from '../../server/policy/compiler/policyCompiler.ts';
import { PolicyEvaluator } from '../../server/policy/evaluation/policyEvaluator.ts';
import { argumentLists, nativeCalls } from './policyBuiltinCases.ts';

const compiler = new PolicyCompiler();
const evaluator = new PolicyEvaluator();
after(async () => {
  compiler.close();
  await evaluator.close();
});

async function both(text: string, input: Json): Promise<{ ours: Json; theirs: Json }> {
  const modules = [{ file: 'cases.rego', text }];
  const compiled = await compiler.request({ operation: 'compile', modules });
  assert.deepEqual(compiled.diagnostics, []);
  const wasm = new Uint8Array(Buffer.from(compiled.wasm ?? '', 'base64'));
  const ours = await evaluator.evaluate(wasm, input);
  const theirs = (await compiler.request({ operation: 'evaluate', modules, input })).result ?? null;
  return { ours, theirs };
}

/** `deny` holds [index, result] for each list of arguments for which the function is defined. */
const caller = (name: string, count: number): string => {
  const operands = Array.from({ length: count }, (_, index) => `c[${index}]`).join(', ');
  return `package cases\n\ndeny contains [i, v] if {\n  some i, c in input.cases\n  v := ${name}(${operands})\n}\n`;
};

test('every function that is not compiled into policies has cases here', () => {
  assert.deepEqual(Object.keys(argumentLists).sort(), Object.keys(hostBuiltins).sort());
});

for (const [name, lists] of Object.entries(argumentLists)) {
  test(`${name} says what OPA says`, async () => {
    const count = lists[0]?.length ?? 0;
    const { ours, theirs } = await both(caller(name, count), { cases: lists });
    const answers = (document: Json) => new Map((document as { 'cases/deny': [number, Json][] })['cases/deny']);
    const [mine, opas] = [answers(ours), answers(theirs)];
    for (const [index, list] of lists.entries()) {
      assert.deepEqual(mine.get(index), opas.get(index), `${name}(${JSON.stringify(list)})`);
    }
    assert.ok(opas.size > 0, 'no case is defined');
  });
}

test('sets, keys that are no strings and large integers reach the functions whole', async () => {
  const { ours, theirs } = await both(
    `package cases\n\n${nativeCalls.map((call, index) => `deny contains [${index}, v] if v := ${call}\n`).join('\n')}`,
    {},
  );
  // A set comes in no order.
  const sorted = (document: Json) =>
    (document as { 'cases/deny': Json[] })['cases/deny'].map((each) => JSON.stringify(each)).sort();
  assert.deepEqual(sorted(ours), sorted(theirs));
  assert.equal(sorted(ours).length, nativeCalls.length);
});

test('the functions of the list are exactly those that the compiler lets policies call', async () => {
  const { builtins } = await compiler.request({ operation: 'builtins' });
  const names = new Set(builtins?.map(({ name }) => name));
  for (const name of Object.keys(hostBuiltins)) assert.ok(names.has(name), name);
  for (const name of ['http.send', 'opa.runtime', 'rand.intn', 'time.now_ns', 'net.lookup_ip_addr', 'uuid.rfc4122']) {
    assert.ok(!names.has(name), name);
    const call = name === 'time.now_ns' || name === 'opa.runtime' ? `${name}()` : `${name}("a")`;
    const { diagnostics } = await compiler.request({
      operation: 'compile',
      modules: [{ file: 'a.rego', text: `package a\n\ndeny contains "x" if ${call}\n` }],
    });
    assert.match(diagnostics[0]?.message ?? '', /undefined function/);
  }
});
