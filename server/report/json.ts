import { version } from '../engine/build.ts';
import type { EndpointInFile, ScanReport } from '../engine/report.ts';
import { wellFormed } from '../files/diskPath.ts';
import { controlNames } from '../posture/facts.ts';
import type { Finding } from '../rules/finding.ts';
import { rules } from '../rules/index.ts';

/** Name and version, as every JSON result carries them. */
export const tool = { name: 'weighbridge', version };

/** A scan in the documented form: the same input gives the same bytes. */
export function jsonReport(report: ScanReport): string {
  const { shard, artifacts, counts, findings, posture, errors, sources } = report;
  return jsonText({
    schemaVersion: 1,
    tool,
    ...(shard ? { shards: { count: shard.count, present: [shard.index] } } : {}),
    summary: { artifacts: artifacts.length, error: counts.error, warning: counts.warning, info: counts.info },
    artifacts: artifacts.map(({ path, format, size, complete }) => ({ path, format, size, complete })),
    findings: findings.map(jsonFinding),
    posture: posture.map(jsonEndpoint),
    errors,
    // What it cost depends on the network, and the same input gives the same bytes.
    ...(sources?.length ? { sources: sources.map(({ name, files, bytes }) => ({ name, files, bytes })) } : {}),
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

/** What each rule's page says of the weakness: CWE identifiers, and the advisories (CVE, GHSA) that it cites. */
const weaknesses = new Map<string, { cwe: string[]; advisories: string[] }>(
  rules.map(({ meta }) => {
    const cited = meta.references.map(({ title, url }) => `${title} ${url}`).join(' ');
    const advisories = cited.match(/\bCVE-\d{4}-\d{4,}|\bGHSA(?:-[2-9cfghjmpqrvwx]{4}){3}/g) ?? [];
    return [meta.id, { cwe: meta.cwe.map((id) => `CWE-${id}`), advisories: [...new Set(advisories)].sort() }] as const;
  }),
);

/** A finding with exactly the documented fields. */
export function jsonFinding({ ruleId, severity, message, path, location, evidence, fixes }: Finding) {
  const { entry, byteOffset, line, column, field } = location;
  const place = { entry, byteOffset, line, column, ...(field === undefined ? {} : { field }) };
  const { cwe, advisories } = weaknesses.get(ruleId) ?? { cwe: [], advisories: [] };
  return { ruleId, severity, message, path, location: place, evidence, fixes, cwe, advisories };
}
