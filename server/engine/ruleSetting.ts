import { WeighbridgeError } from '../errors.ts';
import type { RuleSetting } from '../rules/finding.ts';
import { rules } from '../rules/index.ts';
import { nearest } from './nearest.ts';

const settings: readonly RuleSetting[] = ['error', 'warning', 'info', 'off'];

/** All rule ids, and `area/*` for each area, sorted. */
export function ruleNames(): string[] {
  const ids = rules.map(({ meta }) => meta.id as string);
  return [...ids, ...new Set(ids.map((id) => `${id.slice(0, id.indexOf('/'))}/*`))].sort();
}

/**
 * Reads `pickle/unknown-import=error`.
 * @throws {WeighbridgeError} `bad-usage` with the nearest rule or the severities that there are.
 */
export function checkRuleSetting(given: string): [id: string, severity: RuleSetting] {
  const equals = given.lastIndexOf('=');
  const id = equals < 0 ? given : given.slice(0, equals);
  const severity = settings.find((each) => each === given.slice(equals + 1));
  if (equals < 0 || !severity) {
    throw new WeighbridgeError('bad-usage', `--rule must be ID=${settings.join('|')}, not "${given}"`);
  }
  const names = ruleNames();
  if (names.includes(id)) return [id, severity];
  const near = nearest(id, names);
  throw new WeighbridgeError('bad-usage', `unknown rule "${id}"${near ? `; did you mean "${near}"?` : ''}`);
}
