import type { RegisterRecord } from '../../datasets/registers/facts.ts';
import type { TextRange } from '../../formats/text/facts.ts';
import { timeOf } from '../../datasets/registers/source.ts';
import { placeOf } from '../load/place.ts';
import { defineRule } from '../rule.ts';
import { provenanceMappings, recordReference } from './mappings.ts';
import { registerIn } from './registersIn.ts';

export const expiredValidation = defineRule({
  subject: 'text',
  meta: {
    id: 'dataset/expired-validation',
    title: 'A validation no longer counts',
    severity: 'warning',
    description:
      'The `validatedAt` of a `provenance.json` does not hold: its `until` has passed, its `result` is `failed`, or it is older than the ingestion (`ingestedBy.at`), so that it speaks of other data. A validation that is dated in the future is reported, too.',
    why: 'Data drifts, sources are taken over and checks get better. A validation from another year, or of the version before, tells nothing of what the next training will read.',
    howToFix:
      'Validate the data again (`weighbridge dataset scan PATH`), and write down what came of it: `weighbridge dataset register PATH --update --validated "weighbridge dataset scan"`.',
    avoid: [
      {
        file: 'data/provenance.json',
        text: '{\n  "schemaVersion": 1,\n  "datasets": [\n    {\n      "path": "train.csv",\n      "source": { "uri": "https://example.org/reviews/v3/train.csv", "licence": "CC-BY-4.0" },\n      "ingestedBy": { "agent": "ada", "at": "2020-05-01T10:00:00Z" },\n      "validatedAt": { "at": "2020-05-02T10:00:00Z", "check": "review", "result": "passed", "until": "2021-05-02T10:00:00Z" },\n      "transforms": "none",\n      "hash": { "algorithm": "sha256", "digest": "602cc555926d663479f4bcaa6e7c97922858092bc19cc277dd89b02255775630" }\n    }\n  ]\n}\n',
      },
    ],
    prefer: [
      {
        file: 'data/provenance.json',
        text: '{\n  "schemaVersion": 1,\n  "datasets": [\n    {\n      "path": "train.csv",\n      "source": { "uri": "https://example.org/reviews/v3/train.csv", "licence": "CC-BY-4.0" },\n      "ingestedBy": { "agent": "ada", "at": "2020-05-01T10:00:00Z" },\n      "validatedAt": { "at": "2020-05-02T10:00:00Z", "check": "review", "result": "passed", "until": "2999-05-02T10:00:00Z" },\n      "transforms": "none",\n      "hash": { "algorithm": "sha256", "digest": "602cc555926d663479f4bcaa6e7c97922858092bc19cc277dd89b02255775630" }\n    }\n  ]\n}\n',
      },
    ],
    references: [recordReference],
    ...provenanceMappings,
    cwe: [672],
    nistAiRmf: ['MEASURE 2.7', 'MANAGE 4.1'],
    euAiAct: ['Article 10(2)', 'Article 10(3)'],
  },
  check(text, report) {
    const register = registerIn(text);
    if (register?.kind !== 'provenance') return;
    for (const record of register.records) {
      const problem = validationProblem(record, text.workspace.datasets.now);
      if (!problem) continue;
      report({
        message: `The validation of ${record.name} ${problem.why}. Validate the data again, and record what came of it.`,
        location: placeOf(problem.range),
        evidence: { dataset: record.name },
      });
    }
  },
});

/** Why a validation does not count, and the value that says so; null where it does, or there is none. */
export function validationProblem(
  { validation: { at, until, result }, ingestedAt }: RegisterRecord,
  now: number,
): { why: string; range: TextRange } | null {
  if (!at) return null;
  if (result?.value === 'failed') return { why: 'failed', range: result.range };
  const [made, ends, ingested] = [at, until, ingestedAt].map((each) => (each ? timeOf(each.value) : null));
  if (ends !== null && ends !== undefined && until && ends < now)
    return { why: `has run out: it held until ${until.value}`, range: until.range };
  // Clocks differ; a day is more than any does.
  if (typeof made === 'number' && made > now + 86_400_000) return { why: 'is dated in the future', range: at.range };
  if (typeof made === 'number' && typeof ingested === 'number' && made < ingested) {
    return { why: 'is older than the data, which was taken in later', range: at.range };
  }
  return null;
}
