import { fingerprint } from '../engine/baseline.ts';
import type { Finding } from '../rules/finding.ts';

/**
 * Names one finding of one file while it stands where it stands: the baseline's fingerprint and the place, because equal
 * findings at two places have the same fingerprint.
 */
export function markOf(finding: Finding): string {
  const { line, column, byteOffset } = finding.location;
  return `${fingerprint(finding)}@${line ?? ''}:${column ?? ''}:${byteOffset ?? ''}`;
}
