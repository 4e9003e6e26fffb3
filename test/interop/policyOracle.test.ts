// Every shipped policy, compiled and evaluated as we do it, against OPA's own evaluator: the same documents, the same results.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import type { Json } from '../../server/formats/facts.ts';
import type { PolicyModule } from '../../server/policy/compiler/protocol.ts';
import { PolicyCompiler } from '../../server/policy/compiler/policyCompiler.ts';
import { PolicyEvaluator } from '../../server/policy/evaluation/policyEvaluator.ts';
import { authorizePolicies, gatePolicies } from '../../server/policy/shippedPolicies.ts';
import { evidenceDocuments, jobDocuments } from './evidenceDocuments.ts';

const compiler = new PolicyCompiler();
const evaluator = new PolicyEvaluator();
after(async () => {
  compiler.close();
  await evaluator.close();
});

/** How many documents each policy judges. */
const documents = 1000;

const firstPolicy = fileURLToPath(new URL('../../policies/deployment.rego', import.meta.url));

/** The policy that people write first, in Rego v0, as it stands in many pages about such gates. */
const example = `package mlsecops.deployment

deny[msg] {
  input.model.signature_verified == false
  msg := "Model must have a verified cryptographic signature before promotion"
}

deny[msg] {
  input.model.format != "safetensors"
  msg := "Only SafeTensors format is permitted in production"
}

deny[msg] {
  input.model.aibom_generated == false
  msg := "AIBOM must be generated before model promotion"
}
`;

const gates = ['dev_to_staging', 'staging_to_production', 'hotfix'].map((name) => `weighbridge.gates.${name}`);
const subjects: [name: string, modules: PolicyModule[], packages: string[], arbitrary: fc.Arbitrary<Json>][] = [
  ...gates.map((name) => [name, gatePolicies(), [name], evidenceDocuments] as (typeof subjects)[number]),
  ['authorize', authorizePolicies(), ['weighbridge.authorize'], jobDocuments],
  ['deployment.rego', [{ file: 'deployment.rego', text: readFileSync(firstPolicy, 'utf8') }], [], evidenceDocuments],
  ['the example, in Rego v0', [{ file: 'example.rego', text: example }], [], evidenceDocuments],
];

for (const [name, modules, packages, arbitrary] of subjects) {
  test(`${name}: ${documents} documents are judged as OPA judges them`, async () => {
    const inputs = fc.sample(arbitrary, { numRuns: documents, seed: 7 });
    const compiled = await compiler.request({ operation: 'compile', modules, packages });
    const wasm = new Uint8Array(Buffer.from(compiled.wasm ?? '', 'base64'));
    const { results } = await compiler.request(
      { operation: 'evaluate', modules, packages, inputs },
      { timeoutMs: 120_000 },
    );
    let denied = 0;
    for (const [index, input] of inputs.entries()) {
      const ours = sorted(await evaluator.evaluate(wasm, input));
      assert.deepEqual(ours, sorted(results?.[index] ?? null), JSON.stringify(input));
      if (JSON.stringify(ours).includes('"')) denied++;
    }
    assert.equal(results?.length, documents);
    assert.ok(denied > 0);
  });
}

/** Decisions are sets, which come in no order. */
function sorted(values: Json): Json {
  if (values === null || typeof values !== 'object' || Array.isArray(values)) return values;
  return Object.fromEntries(
    Object.entries(values)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => [
        key,
        Array.isArray(value) ? value.map((each) => JSON.stringify(sortedKeys(each))).sort() : value,
      ]),
  );
}

function sortedKeys(value: Json): Json {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
