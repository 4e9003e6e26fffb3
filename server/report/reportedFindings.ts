import { distinct, fingerprint } from '../engine/baseline.ts';
import { WeighbridgeError } from '../errors.ts';
import type { Json } from '../formats/facts.ts';
import type { Finding, FindingLocation, Severity } from '../rules/finding.ts';
import { documentOf, isFields, listIn, type Fields, type NamedDocument, type ReportFile } from './mergeReports.ts';
import { placeOf, severityOf, textOf } from './sarifResult.ts';

/** A finding as a report tells it, with the fingerprint by which other reports know it. */
export interface ReportedFinding extends Pick<Finding, 'ruleId' | 'severity' | 'message' | 'path' | 'location'> {
  /** Of its content and not of its line; the n-th of equal ones has one of its own. */
  fingerprint: string;
}

/** What a report in a file says. */
export interface ReportedScan {
  /** Of Weighbridge. */
  version: string;
  findings: ReportedFinding[];
  /** How many paths could not be read. */
  errors: number;
}

/**
 * Reads a report of a whole scan, in JSON or SARIF.
 * @throws {WeighbridgeError} `bad-input` where it is none, another tool's, or that of a part.
 */
export function readReport(file: ReportFile): ReportedScan {
  const named = documentOf(file);
  const scan = Array.isArray(named.document['runs']) ? fromSarif(named) : fromJson(named);
  const marks = distinct(scan.findings.map((finding) => finding.fingerprint));
  return {
    ...scan,
    findings: scan.findings.map((finding, index) => ({ ...finding, fingerprint: marks[index] ?? '' })),
  };
}

const severities: readonly Severity[] = ['error', 'warning', 'info'];

function fromJson(named: NamedDocument): ReportedScan {
  const { name, document } = named;
  if (!isFields(document['summary']) || !Array.isArray(document['findings'])) {
    throw new WeighbridgeError('bad-input', `${name} is no report of "weighbridge scan": it has no findings`);
  }
  refusePart(name, document['shards']);
  const findings = listIn(named, 'findings').map((each): ReportedFinding => {
    const { ruleId, message, path, location, evidence } = each;
    const severity = severities.find((known) => known === each['severity']);
    if (
      !isText(ruleId) ||
      !severity ||
      !isText(message) ||
      !isText(path) ||
      !isFields(location) ||
      !isEvidence(evidence)
    ) {
      throw unlike(name);
    }
    const place: FindingLocation = {
      entry: isText(location['entry']) ? location['entry'] : null,
      byteOffset: whole(location['byteOffset']),
      line: whole(location['line']),
      column: whole(location['column']),
    };
    const told = { ruleId, severity, message, path, location: place };
    const content = { ...told, evidence, fixes: [] };
    return { ...told, fingerprint: fingerprint(content) };
  });
  const { tool } = document;
  return { version: versionIn(name, tool), findings, errors: listIn(named, 'errors').length };
}

function fromSarif(named: NamedDocument): ReportedScan {
  const { name } = named;
  const [run, more] = listIn(named, 'runs').filter((each) => driverOf(each)['name'] === 'Weighbridge');
  if (!run) throw new WeighbridgeError('bad-input', `${name} is no report of "weighbridge scan": its tool is another`);
  if (more) throw new WeighbridgeError('bad-input', `${name} holds several scans: join them with "weighbridge merge"`);
  refusePart(name, isFields(run['properties']) ? run['properties']['shards'] : undefined);
  const findings = listIn({ name, document: run }, 'results').flatMap((result) => sarifFinding(name, result));
  const told = listIn({ name, document: run }, 'invocations').flatMap((document) =>
    listIn({ name, document }, 'toolExecutionNotifications'),
  );
  const errors = told.filter(({ level }) => level === 'error').length;
  return { version: versionIn(name, driverOf(run)), findings, errors };
}

/** What rules give as evidence is a few levels deep; more is a report that somebody made to break its reader. */
const deepestEvidence = 32;

/** It was read as JSON, so that only its form and its depth are in question. */
function isEvidence(value: unknown): value is Record<string, Json> {
  return isFields(value) && isShallow(value, deepestEvidence);
}

function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((inner) => isShallow(inner, levels - 1));
}

function versionIn(name: string, tool: unknown): string {
  const version = isFields(tool) ? tool['version'] : undefined;
  if (isText(version) && /^\d+\.\d+\.\d+[-+.\w]{0,40}$/.test(version)) return version;
  throw new WeighbridgeError('bad-input', `${name} does not say which version of Weighbridge made it`);
}

function driverOf(run: Fields): Fields {
  const { tool } = run;
  return isFields(tool) && isFields(tool['driver']) ? tool['driver'] : {};
}

function sarifFinding(name: string, result: Fields): ReportedFinding[] {
  const severity = severityOf(result);
  if (!severity) return [];
  const marks = result['partialFingerprints'];
  const mark = isFields(marks) ? marks['weighbridge/v1'] : undefined;
  const { ruleId } = result;
  if (!isText(mark) || !isText(ruleId)) throw unlike(name);
  const { path, line, column, entry, byteOffset } = placeOf(result);
  const location: FindingLocation = {
    entry: entry || null,
    byteOffset: byteOffset < 0 ? null : byteOffset,
    line: line || null,
    column: column || null,
  };
  return [{ ruleId, severity, message: textOf(result), path, location, fingerprint: mark }];
}

function refusePart(name: string, shards: unknown): void {
  if (shards === undefined) return;
  throw new WeighbridgeError(
    'bad-input',
    `${name} is the report of a part of a scan: join the parts with "weighbridge merge"`,
  );
}

const unlike = (name: string): WeighbridgeError =>
  new WeighbridgeError('bad-input', `${name} holds a finding that is none of "weighbridge scan"`);

const isText = (value: unknown): value is string => typeof value === 'string';
const whole = (value: unknown): number | null => (Number.isSafeInteger(value) ? Number(value) : null);
