import type { Measured } from '../hashing/algorithms.ts';
import type { Coverage } from '../registers/coverage.ts';
import { provenanceParts, registerNames, type ProvenancePart } from '../registers/facts.ts';
import { timeOf } from '../registers/source.ts';
import type { Classification, ProvenanceRecord } from './record.ts';

/** What a person says of data when they register it; what they leave out is inferred, kept, or not known. */
export interface GivenFields {
  name?: string;
  version?: string;
  source?: string;
  sourceVersion?: string;
  licence?: string;
  by?: string;
  /** RFC 3339. */
  ingestedAt?: string;
  /** What was done to validate it. */
  validated?: string;
  validation?: 'passed' | 'failed';
  /** RFC 3339. */
  validUntil?: string;
  /** Each step that was applied; an empty list for none at all. */
  transforms?: string[];
  classification?: Classification;
}

export interface NewRecord {
  /** As the record names it: from its own folder. */
  path: string;
  measured: Measured;
  isFolder: boolean;
  given: GivenFields;
  /** What stood there before; null for the first record of this data. */
  before: ProvenanceRecord | null;
  /** What other registers say of it, strongest first. */
  known: readonly Coverage[];
  /** Who takes it in, where that is known without asking. */
  agent: string | null;
  /** RFC 3339. */
  now: string;
}

/**
 * The record of data: what is given, what stood there, and what other registers say, in this order. A validation is of bytes:
 * where the hash is another one, the one that stood there is gone.
 */
export function newRecord({ path, measured, isFolder, given, before, known, agent, now }: NewRecord): ProvenanceRecord {
  const { digest, size, files } = measured;
  const changed = before !== null && before.hash.digest !== digest;
  const name = given.name ?? before?.name ?? nameIn(known);
  const version = given.version ?? before?.version;
  const by = given.by ?? (before && !changed ? before.ingestedBy?.agent : undefined) ?? agent ?? ingesterIn(known);
  return {
    path,
    ...(name === undefined ? {} : { name }),
    ...(version === undefined ? {} : { version }),
    ...(before?.description === undefined ? {} : { description: before.description }),
    source: sourceOf(given, before, known),
    ingestedBy:
      by === null || by === undefined
        ? null
        : {
            agent: by,
            at:
              given.ingestedAt ??
              (before && !changed && given.by === undefined ? before.ingestedBy?.at : undefined) ??
              now,
          },
    validatedAt:
      given.validated === undefined
        ? changed
          ? null
          : (before?.validatedAt ?? null)
        : {
            at: now,
            check: given.validated,
            result: given.validation ?? 'passed',
            until: given.validUntil ?? null,
          },
    transforms: transformsOf(given, before, known),
    hash: { algorithm: isFolder ? 'sha256-tree' : 'sha256', digest, size, ...(isFolder ? { files } : {}) },
    ...classificationOf(given, before),
  };
}

/** The parts that a record does not say. */
export function missingIn(record: ProvenanceRecord): ProvenancePart[] {
  return provenanceParts.filter((part) => record[part] === null);
}

function sourceOf(
  given: GivenFields,
  before: ProvenanceRecord | null,
  known: readonly Coverage[],
): ProvenanceRecord['source'] {
  const told = known.find(
    ({ data, register }) => data.url !== null || (register.records[0]?.parts.source ?? null) !== null,
  );
  const inferred = told?.data.url?.value ?? told?.register.records[0]?.parts.source?.value;
  const uri = given.source ?? before?.source?.uri ?? inferred;
  if (uri === undefined) return null;
  const isInferred = given.source === undefined && !before?.source;
  const version = given.sourceVersion ?? before?.source?.version ?? (isInferred ? told?.data.pin?.value : undefined);
  const licence = given.licence ?? before?.source?.licence ?? licenceIn(known);
  const register = isInferred && told ? `${registerNames[told.register.kind]} ${told.path}` : before?.source?.register;
  return {
    uri,
    ...(version === undefined ? {} : { version }),
    ...(licence === undefined ? {} : { licence }),
    ...(register === undefined ? {} : { register }),
  };
}

function transformsOf(
  given: GivenFields,
  before: ProvenanceRecord | null,
  known: readonly Coverage[],
): ProvenanceRecord['transforms'] {
  if (given.transforms) return given.transforms.length === 0 ? 'none' : given.transforms.map((step) => ({ step }));
  if (before?.transforms) return before.transforms;
  const made = known.map(({ data }) => data.madeBy).find((each) => each !== null);
  if (made) return [{ step: made.step, ...(made.code === null ? {} : { code: made.code }) }];
  const imported = known.some(({ register, data }) => register.kind === 'dvc' && data.url !== null);
  return imported ? 'none' : null;
}

function classificationOf(
  given: GivenFields,
  before: ProvenanceRecord | null,
): { classification?: Classification | null } {
  const classification = given.classification ?? before?.classification;
  return classification === undefined ? {} : { classification };
}

const nameIn = (known: readonly Coverage[]): string | undefined =>
  known.map(({ register }) => register.name).find((each) => each !== null && !/\.\w+$/.test(each)) ?? undefined;

const licenceIn = (known: readonly Coverage[]): string | undefined =>
  known.map(({ register }) => register.licence?.found?.value).find((each) => each !== undefined);

/** Whom another register names; a job of OpenLineage or a contributor of a data package. */
const ingesterIn = (known: readonly Coverage[]): string | undefined =>
  known.map(({ register }) => register.records[0]?.parts.ingestedBy?.value).find((each) => each !== undefined);

/** Whether a text is a time that records take (RFC 3339, with seconds and a zone). */
export function isRecordTime(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/.test(text) && timeOf(text) !== null;
}
