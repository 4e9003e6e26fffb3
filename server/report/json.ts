import { version } from '../engine/build.ts';
import type { EndpointInFile, ScanReport } from '../engine/report.ts';
import { wellFormed } from '../files/diskPath.ts';
import { controlNames } from '../posture/facts.ts';
import type { Finding } from '../rules/finding.ts';

/** Name and version, as every JSON result carries them. */
export const tool = { name: 'weighbridge', version };

/** A scan in the documented form: the same input gives the same bytes. */
export function jsonReport(report: ScanReport): string {
  const { artifacts, counts, findings, posture, errors } = report;
  return jsonText({
    schemaVersion: 1,
    tool,
    summary: { artifacts: artifacts.length, error: counts.error, warning: counts.warning, info: counts.info },
    artifacts: artifacts.map(({ path, format, size, complete }) => ({ path, format, size, complete })),
    findings: findings.map(jsonFinding),
    posture: posture.map(jsonEndpoint),
    errors,
  });
}

/** A result as it is printed. */
export function jsonText(document: unknown): string {
  // Not every reader of JSON takes a lone surrogate.
  const plain = (_key: string, value: unknown): unknown => (typeof value === 'string' ? wellFormed(value) : value);
  return `${JSON.stringify(document, plain, 2)}\n`;
}

/** A way into a model, with what protects it. */
function jsonEndpoint({ path, endpoint }: EndpointInFile) {
  const { product, name, range, reach, complete, controls } = endpoint;
  return {
    path,
    line: range.line,
    product,
    name,
    reach,
    complete,
    controls: Object.fromEntries(
      controlNames.map((control) => {
        const { state, says, range: place } = controls[control];
        return [control, { state, says, line: place?.line ?? null }];
      }),
    ),
  };
}

/** A finding with exactly the documented fields. */
export function jsonFinding({ ruleId, severity, message, path, location, evidence, fixes }: Finding) {
  const { entry, byteOffset, line, column, field } = location;
  const place = { entry, byteOffset, line, column, ...(field === undefined ? {} : { field }) };
  return { ruleId, severity, message, path, location: place, evidence, fixes };
}
