import { version } from '../engine/build.ts';
import { fingerprint } from '../engine/baseline.ts';
import type { ScanReport } from '../engine/report.ts';
import { percentEncoded, wellFormed } from '../files/diskPath.ts';
import type { Finding, RelatedPlace, Severity } from '../rules/finding.ts';
import { rules } from '../rules/index.ts';
import { rulePageUrl } from '../rules/page.ts';
import type { RuleMeta } from '../rules/rule.ts';

const level: Record<Severity, string> = { error: 'error', warning: 'warning', info: 'note' };

/** Findings of these rules say that a file was not seen whole; they are notifications of the run, too. */
const incompleteRules = new Set(['file/incomplete', 'file/unreadable']);

/**
 * A scan as SARIF 2.1.0 (OASIS, docs.oasis-open.org/sarif/sarif/v2.1.0): what code-scanning services read.
 * Paths are relative to `%SRCROOT%`, the folder that was the working directory.
 */
export function sarifReport(report: ScanReport): string {
  const { shard } = report;
  const metas = rules.map(({ meta }) => meta).sort((a, b) => (a.id < b.id ? -1 : 1));
  const ruleIndex = new Map(metas.map(({ id }, index) => [id as string, index]));
  const paths = [
    ...new Set([...report.artifacts.map(({ path }) => path), ...report.findings.map(({ path }) => path)]),
  ].sort();
  const sizes = new Map(report.artifacts.map(({ path, size }) => [path, size]));
  const artifactIndex = new Map(paths.map((path, index) => [path, index]));
  const log = {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Weighbridge',
            version,
            semanticVersion: version,
            informationUri: 'https://github.com/weighbridge-dev/weighbridge',
            rules: metas.map(reportingDescriptor),
          },
        },
        ...(shard ? { properties: { shards: { count: shard.count, present: [shard.index] } } } : {}),
        columnKind: 'utf16CodeUnits',
        originalUriBaseIds: { '%SRCROOT%': { description: { text: 'The folder that was scanned from.' } } },
        invocations: [invocation(report)],
        artifacts: paths.map((path) => {
          const size = sizes.get(path);
          return { location: artifactLocation(path), ...(size === undefined ? {} : { length: size }) };
        }),
        results: report.findings.map((finding) => ({
          ruleId: finding.ruleId,
          ruleIndex: ruleIndex.get(finding.ruleId) ?? -1,
          ...result(finding, artifactIndex),
        })),
      },
    ],
  };
  return `${JSON.stringify(log, (_key, value: unknown) => (typeof value === 'string' ? wellFormed(value) : value), 2)}\n`;
}

function reportingDescriptor(meta: RuleMeta) {
  const tags = [...meta.cwe.map((id) => `external/cwe/cwe-${String(id).padStart(3, '0')}`), 'security'];
  return {
    id: meta.id,
    name: meta.id
      .split(/[/-]/)
      .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
      .join(''),
    shortDescription: { text: meta.title },
    fullDescription: { text: meta.description },
    help: { text: `${meta.why}\n\n${meta.howToFix}` },
    helpUri: rulePageUrl(meta.id),
    defaultConfiguration: { level: level[meta.severity], ...(meta.offByDefault && { enabled: false }) },
    properties: {
      tags,
      // GitHub code scanning sorts by it: 9 is critical, 5 is medium.
      'security-severity': { error: '9.0', warning: '5.0', info: '2.0' }[meta.severity],
      atlas: meta.atlas,
      owasp: meta.owasp,
    },
  };
}

function invocation({ errors, findings }: ScanReport) {
  const unreadable = errors.map(({ path, message }) => ({
    level: 'error',
    message: { text: `${path} could not be read: ${message}` },
    locations: [{ physicalLocation: { artifactLocation: artifactLocation(path) } }],
  }));
  const incomplete = findings
    .filter(({ ruleId }) => incompleteRules.has(ruleId))
    .map(({ path, message }) => ({
      level: 'warning',
      message: { text: message },
      locations: [{ physicalLocation: { artifactLocation: artifactLocation(path) } }],
    }));
  return {
    executionSuccessful: errors.length === 0,
    toolExecutionNotifications: [...unreadable, ...incomplete],
  };
}

function result(finding: Finding, artifactIndex: ReadonlyMap<string, number>) {
  const { severity, message, path, location, evidence, fixes, related, edits } = finding;
  const physicalLocation = {
    artifactLocation: { ...artifactLocation(path), index: artifactIndex.get(path) ?? -1 },
    ...region(finding),
  };
  const logical = location.entry ? { logicalLocations: [{ fullyQualifiedName: location.entry, kind: 'member' }] } : {};
  return {
    level: level[severity],
    message: { text: message },
    locations: [{ physicalLocation, ...logical }],
    partialFingerprints: { 'weighbridge/v1': fingerprint(finding) },
    ...(related?.length ? { relatedLocations: related.map(relatedLocation) } : {}),
    ...(edits?.length ? { fixes: edits.map((edit) => sarifFix(path, edit)) } : {}),
    properties: { evidence, fixes },
  };
}

function region({ location }: Finding) {
  const { line, column, endLine, endColumn, entry, byteOffset } = location;
  if (line !== null) {
    const end = endLine !== undefined && endColumn !== undefined ? { endLine, endColumn } : {};
    return { region: { startLine: line, ...(column === null ? {} : { startColumn: column }), ...end } };
  }
  // An offset inside an archive's entry is no offset of the file: there the logical location and the evidence say it.
  if (byteOffset === null || entry) return {};
  return { region: { byteOffset, byteLength: 1 } };
}

function relatedLocation({ path, message, line, byteOffset, entry }: RelatedPlace, index: number) {
  const place = line ? { region: { startLine: line } } : {};
  const offset = !line && !entry && typeof byteOffset === 'number' ? { region: { byteOffset, byteLength: 1 } } : {};
  return {
    id: index + 1,
    message: { text: message },
    physicalLocation: { artifactLocation: artifactLocation(path), ...place, ...offset },
    ...(entry ? { logicalLocations: [{ fullyQualifiedName: entry, kind: 'member' }] } : {}),
  };
}

function sarifFix(path: string, { title, changes }: NonNullable<Finding['edits']>[number]) {
  return {
    description: { text: title },
    artifactChanges: [
      {
        artifactLocation: artifactLocation(path),
        replacements: changes.map(({ line, column, endLine, endColumn, newText }) => ({
          deletedRegion: { startLine: line, startColumn: column, endLine, endColumn },
          insertedContent: { text: newText },
        })),
      },
    ],
  };
}

function artifactLocation(path: string) {
  const [, source, inside] = /^([a-z][a-z0-9]+:\/+)(.*)$/is.exec(path) ?? [];
  // What lies in a source is named whole, and relative to nothing.
  if (source !== undefined)
    return {
      uri:
        source +
        percentEncoded(inside ?? '')
          .replaceAll('%40', '@')
          .replaceAll('%3A', ':'),
    };
  return { uri: percentEncoded(path), uriBaseId: '%SRCROOT%' };
}
