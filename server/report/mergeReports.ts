import { WeighbridgeError } from '../errors.ts';
import { compare } from '../engine/verdicts.ts';
import type { Severity } from '../rules/finding.ts';
import { jsonText } from './json.ts';
import { mergeSarif } from './mergeSarif.ts';

/** A report as it stands in a file. */
export interface ReportFile {
  /** As the person named it. */
  name: string;
  text: string;
}

export interface MergedReport {
  format: 'json' | 'sarif';
  /** The same bytes that one scan of everything prints. */
  text: string;
  counts: Record<Severity, number>;
  /** How many paths could not be read. */
  errors: number;
}

/** Which parts of a scan a report holds. */
export interface Shards {
  count: number;
  present: number[];
}

/** A JSON object that nothing is known of yet. */
export type Fields = Record<string, unknown>;

/**
 * Joins the reports of the parts of one scan, or of scans that overlap. What two reports say of the same thing in the same words is
 * said once; what one report says twice stays twice.
 * @param partial whether parts may be missing: the result then says which are there.
 * @throws {WeighbridgeError} `bad-input` where a text is no report, formats or versions differ, parts are missing, or two
 * reports do not agree about a file.
 */
export function mergeReports(files: readonly ReportFile[], partial: boolean): MergedReport {
  const documents = files.map(documentOf);
  const isSarif = documents.map(({ document }) => Array.isArray(document['runs']));
  if (isSarif.some((each) => each !== isSarif[0])) {
    throw new WeighbridgeError('bad-input', 'JSON and SARIF cannot be joined: name reports of one format');
  }
  try {
    return isSarif[0] ? mergeSarif(documents, partial) : mergeJson(documents, partial);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    const why = /string length/.test(cause.message)
      ? 'together they are longer than a text can be: join fewer of them'
      : 'one of them is nested deeper than any report of "weighbridge scan"';
    throw new WeighbridgeError('bad-input', `the reports cannot be joined: ${why}`, { cause });
  }
}

export const otherVersion = (name: string, first: string): WeighbridgeError =>
  new WeighbridgeError('bad-input', `${name} is from another version than ${first}: scan again with one`);

export interface NamedDocument {
  name: string;
  document: Fields;
}

/** A report as what it says. @throws {WeighbridgeError} `bad-input` where a text is no report. */
export function documentOf({ name, text }: ReportFile): NamedDocument {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new WeighbridgeError('bad-input', `${name} is no report: ${(cause as Error).message}`, { cause });
  }
  if (isFields(value) && (Array.isArray(value['runs']) || value['schemaVersion'] === 1)) {
    return { name, document: value };
  }
  throw new WeighbridgeError('bad-input', `${name} is no report of "weighbridge scan" in JSON or SARIF`);
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @throws {WeighbridgeError} `bad-input` where a field is no list of objects. */
export function listIn({ name, document }: NamedDocument, field: string): Fields[] {
  const list = document[field] ?? [];
  if (Array.isArray(list) && list.every(isFields)) return list;
  throw new WeighbridgeError(
    'bad-input',
    `${name} is no report of "weighbridge scan": "${field}" is no list of objects`,
  );
}

function mergeJson(documents: readonly NamedDocument[], partial: boolean): MergedReport {
  const [first] = documents;
  const tool = first?.document['tool'];
  for (const { name, document } of documents) {
    if (JSON.stringify(document['tool']) !== JSON.stringify(tool)) throw otherVersion(name, first?.name ?? '');
    if (!isFields(document['summary']) || !Array.isArray(document['findings'])) {
      throw new WeighbridgeError('bad-input', `${name} is no report of "weighbridge scan": it has no findings`);
    }
  }
  const shards = joinShards(
    documents.map(({ name, document }) => ({ name, shards: document['shards'] })),
    partial,
  );
  const artifacts = joinByPath(documents, 'artifacts').sort(byPath);
  const findings = mergeSorted(lists(documents, 'findings'), compareJsonFindings);
  const posture = mergeSorted(
    lists(documents, 'posture'),
    (a, b) => byPath(a, b) || number(a['line']) - number(b['line']),
  );
  const errors = mergeSorted(lists(documents, 'errors'), byPath);
  // In the order in which they were named, which is that of every part.
  const sources = mergeSorted(lists(documents, 'sources'), () => 0);
  const counts: Record<Severity, number> = { error: 0, warning: 0, info: 0 };
  for (const { severity } of findings) {
    if (severity === 'error' || severity === 'warning' || severity === 'info') counts[severity]++;
  }
  const text = jsonText({
    schemaVersion: 1,
    tool,
    ...(shards ? { shards } : {}),
    summary: { artifacts: artifacts.length, ...counts },
    artifacts,
    findings,
    posture,
    errors,
    ...(sources.length > 0 ? { sources } : {}),
  });
  return { format: 'json', text, counts, errors: errors.length };
}

const lists = (documents: readonly NamedDocument[], field: string) =>
  documents.map((document) => listIn(document, field));

/** One entry a path. @throws {WeighbridgeError} `bad-input` where reports do not agree: they are not of one state. */
function joinByPath(documents: readonly NamedDocument[], field: string): Fields[] {
  const known = new Map<unknown, { name: string; entry: Fields }>();
  for (const document of documents) {
    for (const entry of listIn(document, field)) {
      const before = known.get(entry['path']);
      if (!before) known.set(entry['path'], { name: document.name, entry });
      else if (JSON.stringify(before.entry) !== JSON.stringify(entry)) {
        const path = String(entry['path']);
        throw new WeighbridgeError(
          'bad-input',
          `${before.name} and ${document.name} do not agree about ${path}: they are not of one state of the files`,
        );
      }
    }
  }
  return [...known.values()].map(({ entry }) => entry);
}

/**
 * Which parts are there, all reports together; undefined where they make a whole.
 * @throws {WeighbridgeError} `bad-input` where parts of different scans meet, or some are missing and must not be.
 */
export function joinShards(given: readonly { name: string; shards: unknown }[], partial: boolean): Shards | undefined {
  let count: number | null = null;
  const present = new Set<number>();
  for (const { name, shards } of given) {
    if (shards === undefined) continue;
    if (!isShards(shards)) throw new WeighbridgeError('bad-input', `${name} does not say which part of a scan it is`);
    if (count !== null && shards.count !== count) {
      throw new WeighbridgeError('bad-input', `${name} is one of ${shards.count} parts, and others are of ${count}`);
    }
    count = shards.count;
    for (const index of shards.present) present.add(index);
  }
  // A report of everything beside them leaves nothing out.
  if (count === null || given.some(({ shards }) => shards === undefined)) return undefined;
  const missing = Array.from({ length: count }, (_, at) => at + 1).filter((index) => !present.has(index));
  if (missing.length === 0) return undefined;
  if (!partial) {
    const named = `${missing.slice(0, 10).join(', ')}${missing.length > 10 ? ', ...' : ''}`;
    throw new WeighbridgeError(
      'bad-input',
      `of ${count} parts ${missing.length} ${missing.length === 1 ? 'is' : 'are'} missing (${named}): name all reports, or give --partial`,
    );
  }
  return { count, present: [...present].sort((a, b) => a - b) };
}

function isShards(value: unknown): value is Shards {
  if (!isFields(value)) return false;
  const { count, present } = value;
  const isIndex = (each: unknown) => Number.isInteger(each) && Number(each) >= 1 && Number(each) <= Number(count);
  return Number.isInteger(count) && Number(count) <= 1_000_000 && Array.isArray(present) && present.every(isIndex);
}

/**
 * Joins lists that are sorted, keeping the order within each; an entry that several have is taken as often as the list that has it
 * most often.
 */
export function mergeSorted<T>(sorted: readonly (readonly T[])[], order: (a: T, b: T) => number): T[] {
  const taken = new Map<string, number>();
  let merged: T[] = [];
  for (const list of sorted) {
    const seen = new Map<string, number>();
    const fresh: T[] = [];
    for (const entry of list) {
      const key = JSON.stringify(entry);
      const times = (seen.get(key) ?? 0) + 1;
      seen.set(key, times);
      if (times <= (taken.get(key) ?? 0)) continue;
      taken.set(key, times);
      fresh.push(entry);
    }
    merged = mergeTwo(merged, fresh, order);
  }
  return merged;
}

function mergeTwo<T>(left: readonly T[], right: readonly T[], order: (a: T, b: T) => number): T[] {
  const merged: T[] = [];
  let at = 0;
  for (const entry of right) {
    for (let next = left[at]; next !== undefined && order(next, entry) <= 0; next = left[++at]) merged.push(next);
    merged.push(entry);
  }
  return [...merged, ...left.slice(at)];
}

const number = (value: unknown, absent = 0): number => (typeof value === 'number' ? value : absent);
const word = (value: unknown): string => (typeof value === 'string' ? value : '');
const byPath = (a: Fields, b: Fields): number => compare(word(a['path']), word(b['path']));

/** As `compareFindings` orders them. */
function compareJsonFindings(a: Fields, b: Fields): number {
  const [from, to] = [a['location'], b['location']].map((place) => (isFields(place) ? place : {}));
  return (
    byPath(a, b) ||
    number(from?.['line']) - number(to?.['line']) ||
    number(from?.['column']) - number(to?.['column']) ||
    compare(word(from?.['entry']), word(to?.['entry'])) ||
    number(from?.['byteOffset'], -1) - number(to?.['byteOffset'], -1) ||
    compare(word(a['ruleId']), word(b['ruleId'])) ||
    compare(word(a['message']), word(b['message']))
  );
}
