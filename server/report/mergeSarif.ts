import { WeighbridgeError } from '../errors.ts';
import { compare } from '../engine/verdicts.ts';
import type { Severity } from '../rules/finding.ts';
import {
  isFields,
  joinShards,
  listIn,
  mergeSorted,
  otherVersion,
  type Fields,
  type MergedReport,
  type NamedDocument,
} from './mergeReports.ts';
import { pathOf, placeOf, severityOf, textOf, uriOf } from './sarifResult.ts';

/** One run of one log, with the list of files that its results point into taken out. */
interface Run {
  name: string;
  fields: Fields;
}

/**
 * Joins SARIF logs: runs of Weighbridge become one run, whose results point into one list of files. Runs of other tools stay as they
 * are, once each: what else their results point into is not known here.
 * @throws {WeighbridgeError} `bad-input`.
 */
export function mergeSarif(documents: readonly NamedDocument[], partial: boolean): MergedReport {
  const own = new Map<string, Run[]>();
  const others = new Map<string, Fields>();
  let first: Run | null = null;
  for (const document of documents) {
    for (const fields of listIn(document, 'runs')) {
      const run = { name: document.name, fields };
      if (!isOwn(fields)) {
        others.set(JSON.stringify(fields), fields);
        continue;
      }
      first ??= run;
      if (JSON.stringify(fields['tool']) !== JSON.stringify(first.fields['tool']))
        throw otherVersion(run.name, first.name);
      const key = JSON.stringify([fields['columnKind'], fields['originalUriBaseIds']]);
      own.set(key, [...(own.get(key) ?? []), run]);
    }
  }
  const runs = [...[...own.values()].map((group) => joinRuns(group, partial)), ...others.values()];
  const counts: Record<Severity, number> = { error: 0, warning: 0, info: 0 };
  let errors = 0;
  for (const run of runs) {
    for (const result of listIn({ name: 'the result', document: run }, 'results')) {
      const severity = severityOf(result);
      if (severity) counts[severity]++;
    }
    const invocations = listIn({ name: 'the result', document: run }, 'invocations');
    const told = invocations.flatMap((document) =>
      listIn({ name: 'the result', document }, 'toolExecutionNotifications'),
    );
    errors += told.filter(({ level }) => level === 'error').length;
  }
  const [head] = documents;
  const log = { $schema: head?.document['$schema'], version: head?.document['version'], runs };
  return { format: 'sarif', text: `${JSON.stringify(log, null, 2)}\n`, counts, errors };
}

function isOwn({ tool }: Fields): boolean {
  const driver = isFields(tool) ? tool['driver'] : null;
  return isFields(driver) && driver['name'] === 'Weighbridge';
}

function joinRuns(group: readonly Run[], partial: boolean): Fields {
  const [first] = group;
  if (!first) throw new Error('a group of runs has a run');
  const shards = joinShards(
    group.map(({ name, fields }) => ({ name, shards: propertiesOf(fields)['shards'] })),
    partial,
  );
  const files = new Map<string, Fields>();
  for (const { name, fields } of group) {
    for (const file of listIn({ name, document: fields }, 'artifacts')) addFile(files, name, file);
  }
  const uris = [...files.keys()].sort((a, b) => compare(pathOf(a), pathOf(b)));
  const places = new Map(uris.map((uri, index) => [uri, index]));
  const results = group.map(({ name, fields }) =>
    listIn({ name, document: fields }, 'results').map((result) => pointingTo(result, places) as Fields),
  );
  const rest = { ...propertiesOf(first.fields) };
  delete rest['shards'];
  const properties = { ...rest, ...(shards ? { shards } : {}) };
  // A run that found nothing may leave its lists out.
  const whole = { ...Object.assign({}, ...group.map(({ fields }) => fields)), ...first.fields } as Fields;
  return Object.fromEntries(
    Object.entries(whole).flatMap(([field, value]): [string, unknown][] => {
      if (field === 'properties') return Object.keys(properties).length > 0 ? [[field, properties]] : [];
      if (field === 'artifacts') return [[field, uris.map((uri) => files.get(uri))]];
      if (field === 'results') return [[field, mergeSorted(results, compareResults)]];
      if (field === 'invocations') return [[field, joinInvocations(group)]];
      return [[field, value]];
    }),
  );
}

function propertiesOf(fields: Fields): Fields {
  return isFields(fields['properties']) ? fields['properties'] : {};
}

/** @throws {WeighbridgeError} `bad-input` where two runs do not agree about a file. */
function addFile(files: Map<string, Fields>, name: string, file: Fields): void {
  const uri = uriOf(file['location']);
  const before = files.get(uri);
  // A file that is only named, as the place of a finding, has no length.
  const isMore = before && file['length'] !== undefined && before['length'] !== undefined;
  if (isMore && before['length'] !== file['length']) {
    throw new WeighbridgeError('bad-input', `${name} and another report do not agree about ${pathOf(uri)}`);
  }
  if (!before || before['length'] === undefined) files.set(uri, file);
}

/** The same, with every place in the list of files as it is now. */
function pointingTo(value: unknown, places: ReadonlyMap<string, number>): unknown {
  if (Array.isArray(value)) return value.map((each) => pointingTo(each, places));
  if (!isFields(value)) return value;
  const isPlace = typeof value['index'] === 'number' && typeof value['uri'] === 'string';
  return Object.fromEntries(
    Object.entries(value).map(([field, inside]) => {
      if (isPlace && field === 'index') return [field, places.get(uriOf(value)) ?? -1];
      return [field, pointingTo(inside, places)];
    }),
  );
}

/** One invocation that says what all of them said. */
function joinInvocations(group: readonly Run[]): Fields[] {
  const all = group.map(({ name, fields }) => listIn({ name, document: fields }, 'invocations'));
  const [first] = all.flat();
  if (!first) return [];
  const notifications = all.map((invocations) =>
    invocations.flatMap((document) => listIn({ name: 'a report', document }, 'toolExecutionNotifications')),
  );
  return [
    {
      ...first,
      executionSuccessful: all.flat().every(({ executionSuccessful }) => executionSuccessful === true),
      toolExecutionNotifications: mergeSorted(notifications, compareNotifications),
    },
  ];
}

/** What could not be read comes first. */
function compareNotifications(a: Fields, b: Fields): number {
  const rank = ({ level }: Fields) => (level === 'error' ? 0 : 1);
  return rank(a) - rank(b) || compare(placeOf(a).path, placeOf(b).path);
}

function compareResults(a: Fields, b: Fields): number {
  const [from, to] = [placeOf(a), placeOf(b)];
  return (
    compare(from.path, to.path) ||
    from.line - to.line ||
    from.column - to.column ||
    compare(from.entry, to.entry) ||
    from.byteOffset - to.byteOffset ||
    compare(String(a['ruleId']), String(b['ruleId'])) ||
    compare(textOf(a), textOf(b))
  );
}
