import fc from 'fast-check';
import type { Json } from '../../server/formats/facts.ts';

/** Present, absent, or of a kind that nobody expects. */
const maybe = (value: fc.Arbitrary<Json>): fc.Arbitrary<Json | undefined> =>
  fc.oneof(
    { weight: 6, arbitrary: value },
    { weight: 1, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: odd },
  );
const odd: fc.Arbitrary<Json> = fc.constantFrom<Json[]>(null, '', 0, 1e21, 'yes', [], {}, [null], { a: [1.5] });

const text = fc.string({ unit: 'grapheme', maxLength: 12 });
const share: fc.Arbitrary<Json> = fc.double({ min: 0, max: 1, noNaN: true });
const matches = maybe(fc.constantFrom<Json[]>(true, true, true, false, null));

/** An object with those of the fields that are present. */
function record(fields: Record<string, fc.Arbitrary<Json | undefined>>): fc.Arbitrary<Json> {
  return fc.record(fields).map((value) => JSON.parse(JSON.stringify(value)) as Json);
}

const formats = fc.constantFrom<Json[]>('safetensors', 'safetensors', 'onnx', 'pickle', 'torch-zip', 'mixed', 'none');

const model = record({
  path: maybe(text),
  digest: maybe(text),
  format: maybe(formats),
  formats: maybe(
    fc.array(record({ path: maybe(text), format: maybe(formats), complete: maybe(fc.boolean()) }), { maxLength: 3 }),
  ),
  signature_verified: maybe(fc.boolean()),
  signature: maybe(record({ reason: maybe(text), present: maybe(fc.boolean()) })),
  aibom_generated: maybe(fc.boolean()),
});

/** Documents as gates judge them, complete and broken. */
export const evidenceDocuments: fc.Arbitrary<Json> = record({
  schema_version: maybe(fc.constant(1)),
  gate: maybe(fc.constantFrom<Json[]>('dev-to-staging', 'staging-to-production', 'hotfix')),
  now: maybe(fc.constant('2026-03-01T12:00:00.000Z')),
  subject: maybe(record({ id: maybe(text), roles: maybe(fc.array(text, { maxLength: 2 })) })),
  model: maybe(model),
  findings: maybe(
    fc.array(
      record({
        rule_id: maybe(text),
        severity: maybe(fc.constantFrom<Json[]>('error', 'warning', 'info')),
        message: maybe(text),
        path: maybe(text),
      }),
      { maxLength: 3 },
    ),
  ),
  datasets: maybe(
    fc.array(record({ name: maybe(text), registered: maybe(fc.boolean()), verified: maybe(fc.boolean()) }), {
      maxLength: 3,
    }),
  ),
  functional: maybe(record({ passed: maybe(fc.boolean()), digest_matches: matches })),
  backdoor: maybe(
    record({ verdict: maybe(fc.constantFrom<Json[]>('clean', 'backdoor', 'inconclusive')), digest_matches: matches }),
  ),
  robustness: maybe(record({ clean_accuracy: maybe(share), worst_accuracy: maybe(share), digest_matches: matches })),
  regression: maybe(record({ agreement: maybe(share), mcnemar_p: maybe(share), digest_matches: matches })),
  redteam: maybe(record({ decision: maybe(fc.constantFrom<Json[]>('pass', 'fail')), digest_matches: matches })),
  dependencies: maybe(
    record({
      vulnerable: maybe(
        fc.array(
          record({
            name: maybe(text),
            id: maybe(text),
            severity: maybe(fc.constantFrom<Json[]>('critical', 'high', 'low')),
          }),
          { maxLength: 3 },
        ),
      ),
    }),
  ),
  change: maybe(
    record({
      risk: maybe(fc.constantFrom<Json[]>('high', 'normal')),
      reasons: maybe(fc.array(text, { maxLength: 2 })),
    }),
  ),
  approvals: maybe(
    fc.array(
      record({
        gate: maybe(fc.constantFrom<Json[]>('staging-to-production', 'hotfix')),
        approver: maybe(text),
        roles: maybe(fc.array(fc.constantFrom<Json[]>('ml-ops', 'ml-engineer'), { maxLength: 2 })),
        valid: maybe(fc.boolean()),
      }),
      { maxLength: 2 },
    ),
  ),
  audits: maybe(
    fc.array(record({ id: maybe(text), due: maybe(text), overdue: maybe(fc.boolean()) }), { maxLength: 2 }),
  ),
});

/** Submissions as `authorize` judges them. */
export const jobDocuments: fc.Arbitrary<Json> = record({
  subject: maybe(
    record({
      id: maybe(text),
      roles: maybe(
        fc.array(fc.constantFrom<Json[]>('data-scientist', 'ml-engineer', 'ml-ops', 'visitor'), { maxLength: 2 }),
      ),
    }),
  ),
  job: maybe(
    record({
      environment: maybe(fc.constantFrom<Json[]>('dev', 'staging', 'production', 'moon')),
      uses_production_data: maybe(fc.boolean()),
      changes_training_config: maybe(fc.boolean()),
      fine_tunes_production_model: maybe(fc.boolean()),
      datasets: maybe(
        fc.array(
          record({
            name: maybe(text),
            registered: maybe(fc.boolean()),
            classification: maybe(fc.constantFrom<Json[]>('personal', 'public', 'health')),
            consent: maybe(text),
          }),
          { maxLength: 3 },
        ),
      ),
    }),
  ),
});
