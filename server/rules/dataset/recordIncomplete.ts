import {
  partPhrases,
  provenanceParts,
  type ProvenancePart,
  type RegisteredData,
  type RegisterRecord,
} from '../../datasets/registers/facts.ts';
import { placeOf } from '../load/place.ts';
import { defineRule } from '../rule.ts';
import type { DatasetWorkspace } from '../text.ts';
import { provenanceMappings, recordReference } from './mappings.ts';
import { dataOf, hasOwnRecord, registerIn } from './registersIn.ts';

export const recordIncomplete = defineRule({
  subject: 'text',
  meta: {
    id: 'dataset/record-incomplete',
    title: 'A record does not say all that a record must say',
    severity: 'warning',
    description:
      'A record of a dataset lacks some of the five parts: its source, who took it in, when it was validated, what was done to it, its hash. In a `provenance.json` it is a warning; in a Croissant file, a data package, a dataset card or an OpenLineage event, none of which has a place for all five, it is information, and none where a `provenance.json` speaks of the same data. DVC files, which are not made for it, are left alone.',
    why: 'When a model misbehaves, the record is where the answer has to be found: which data, from whom, changed by what, looked at by whom. What is not written down when the data comes in cannot be found out later.',
    howToFix:
      'Fill in what is missing: `weighbridge dataset register PATH --update` asks for it by options (`--source`, `--by`, `--validated`, `--transform`), or edit `provenance.json`, which editors complete by its schema.',
    avoid: [
      {
        file: 'data/provenance.json',
        text: '{\n  "schemaVersion": 1,\n  "datasets": [\n    {\n      "path": "train.csv",\n      "source": null,\n      "ingestedBy": { "agent": "ada", "at": "2026-05-01T10:00:00Z" },\n      "validatedAt": null,\n      "transforms": "none",\n      "hash": { "algorithm": "sha256", "digest": "602cc555926d663479f4bcaa6e7c97922858092bc19cc277dd89b02255775630" }\n    }\n  ]\n}\n',
      },
    ],
    prefer: [
      {
        file: 'data/provenance.json',
        text: '{\n  "schemaVersion": 1,\n  "datasets": [\n    {\n      "path": "train.csv",\n      "source": { "uri": "https://example.org/reviews/v3/train.csv", "version": "3", "licence": "CC-BY-4.0" },\n      "ingestedBy": { "agent": "ada", "at": "2026-05-01T10:00:00Z" },\n      "validatedAt": { "at": "2026-05-02T10:00:00Z", "check": "weighbridge dataset scan", "result": "passed" },\n      "transforms": "none",\n      "hash": { "algorithm": "sha256", "digest": "602cc555926d663479f4bcaa6e7c97922858092bc19cc277dd89b02255775630" }\n    }\n  ]\n}\n',
      },
    ],
    references: [
      recordReference,
      {
        title: 'Data & Trust Alliance: Data Provenance Standards',
        url: 'https://dataandtrustalliance.org/work/data-provenance-standards',
      },
    ],
    ...provenanceMappings,
    nistAiRmf: ['MAP 2.3', 'GOVERN 1.4'],
    euAiAct: ['Article 10(2)', 'Article 11'],
  },
  check(text, report) {
    const register = registerIn(text);
    if (!register || register.kind === 'dvc') return;
    const own = register.kind === 'provenance';
    const { datasets } = text.workspace;
    const hasBetter = () =>
      register.data.some((entry) => {
        const data = dataOf(entry, text.path, datasets);
        return data !== undefined && hasOwnRecord(data, datasets);
      });
    // Without a record of ours, one place in the file is enough to say it.
    for (const [index, record] of register.records.slice(0, own ? mostRecords : 1).entries()) {
      const missing = missingParts(record);
      if (missing.length === 0 || (!own && hasBetter())) continue;
      const local = register.data.some(({ path }) => path !== null);
      report({
        message: `The record of ${record.name} does not say ${listed(missing.map((part) => partPhrases[part]))}. ${own ? 'Fill it in while somebody still knows.' : 'Keep a provenance.json beside the data, which has room for it: weighbridge dataset register PATH.'}`,
        ...(!own && { severity: 'info' as const }),
        location: placeOf(record.place),
        evidence: { missing, ...dataIn(own ? [register.data[index]] : register.data, text.path, datasets) },
        fixes: own ? ['register-dataset'] : local ? ['import-record'] : [],
      });
    }
  },
});

/** Of one file: whoever has more of them open does not read them one by one. */
const mostRecords = 100;

/** The data itself, for a fix that registers it. */
function dataIn(
  entries: readonly (RegisteredData | undefined)[],
  from: string,
  datasets: DatasetWorkspace,
): { data?: string } {
  for (const entry of entries) {
    const data = entry && dataOf(entry, from, datasets);
    if (data) return { data: data.path };
  }
  return {};
}

function missingParts({ parts }: RegisterRecord): ProvenancePart[] {
  return provenanceParts.filter((part) => parts[part] === null);
}

function listed(words: string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;
}
