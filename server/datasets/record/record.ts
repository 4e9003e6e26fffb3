/** The name of the file that stands beside data. */
export const recordName = 'provenance.json';

export interface ProvenanceDocument {
  schemaVersion: 1;
  datasets: ProvenanceRecord[];
}

/** One dataset of a `provenance.json`. What is not known yet is null. The schema (`schema.ts`) says what each field means. */
export interface ProvenanceRecord {
  path: string;
  name?: string;
  version?: string | null;
  description?: string | null;
  source: { uri: string; version?: string | null; licence?: string | null; register?: string | null } | null;
  ingestedBy: { agent: string; at: string } | null;
  validatedAt: { at: string; check: string; result: 'passed' | 'failed'; until?: string | null } | null;
  transforms: { step: string; code?: string; parameters?: Record<string, unknown>; at?: string }[] | 'none' | null;
  hash: { algorithm: 'sha256' | 'sha256-tree'; digest: string; size?: number; files?: number };
  classification?: Classification | null;
}

/** What the data is in the eyes of the law. */
export interface Classification {
  level: 'public' | 'internal' | 'confidential' | 'regulated';
  personalData?: 'none' | 'pseudonymous' | 'personal' | 'special-category';
  legalBasis?: string | null;
  consent?: string | null;
}

/** Files that stand in a folder of data for the record's sake, and are no part of the data. */
export function isRecordFile(name: string): boolean {
  return name === recordName || name === `${recordName}.sig`;
}

const order = [
  'path',
  'name',
  'version',
  'description',
  'source',
  'ingestedBy',
  'validatedAt',
  'transforms',
  'hash',
  'classification',
];

/** The text of a document, records by path: the same records give the same bytes. */
export function recordText(document: ProvenanceDocument): string {
  const datasets = [...document.datasets]
    .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
    .map((record) =>
      Object.fromEntries(
        order.flatMap((key) => {
          const value = (record as unknown as Record<string, unknown>)[key];
          return value === undefined ? [] : [[key, value]];
        }),
      ),
    );
  return `${JSON.stringify({ schemaVersion: 1, datasets }, null, 2)}\n`;
}
