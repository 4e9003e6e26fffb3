import type { Severity } from '../rules/finding.ts';
import { isFields, type Fields } from './mergeReports.ts';

/** Severities by the levels that stand for them. */
const severities = new Map<unknown, Severity>([
  ['error', 'error'],
  ['warning', 'warning'],
  ['note', 'info'],
]);

/** Undefined for the level `none`. A result without a level is a warning (SARIF 2.1.0, 3.27.10). */
export function severityOf({ level = 'warning' }: Fields): Severity | undefined {
  return severities.get(level);
}

/** Where a result of SARIF is: 0, -1 or nothing for what is not told. */
interface Place {
  path: string;
  line: number;
  column: number;
  entry: string;
  byteOffset: number;
}

/** Where a result is; offsets inside an entry are not told in SARIF, and results of one file come from one run. */
export function placeOf({ locations }: Fields): Place {
  const [location] = Array.isArray(locations) ? (locations as unknown[]) : [];
  const physical = isFields(location) && isFields(location['physicalLocation']) ? location['physicalLocation'] : {};
  const region = isFields(physical['region']) ? physical['region'] : {};
  const logical = isFields(location) && Array.isArray(location['logicalLocations']) ? location['logicalLocations'] : [];
  const [entry] = logical as unknown[];
  return {
    path: pathOf(uriOf(physical['artifactLocation'])),
    line: numberIn(region, 'startLine', 0),
    column: numberIn(region, 'startColumn', 0),
    entry: isFields(entry) ? String(entry['fullyQualifiedName']) : '',
    byteOffset: numberIn(region, 'byteOffset', -1),
  };
}

/** The address in an artifact location; empty where there is none. */
export function uriOf(location: unknown): string {
  return isFields(location) && typeof location['uri'] === 'string' ? location['uri'] : '';
}

function numberIn(fields: Fields, field: string, absent: number): number {
  const value = fields[field];
  return typeof value === 'number' ? value : absent;
}

/** The path that an address stands for, as it is written and sorted elsewhere; as it is where it cannot be read. */
export function pathOf(uri: string): string {
  try {
    return decodeURIComponent(uri);
  } catch {
    return uri;
  }
}

/** What a result says. */
export function textOf({ message }: Fields): string {
  return isFields(message) ? String(message['text']) : '';
}
