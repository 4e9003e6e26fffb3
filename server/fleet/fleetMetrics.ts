import { Gauge, Registry, type OpenMetricsContentType } from 'prom-client';
import type { FleetReport } from './fleetReport.ts';

/** The report as metrics, in the form of OpenMetrics 1.0. */
export function fleetMetrics(report: FleetReport): Promise<string> {
  const registry = new Registry<OpenMetricsContentType>();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  const gauge = (name: string, help: string, ...labelNames: string[]) =>
    new Gauge({ name: `weighbridge_fleet_${name}`, help, labelNames, registers: [registry] });
  const artifacts = gauge('artifacts', 'Files of a source, by the worst that is said of them.', 'source', 'verdict');
  const bytes = gauge('artifact_bytes', 'Size of the files of a source.', 'source');
  const incomplete = gauge('incomplete_artifacts', 'Files that were not seen whole.', 'source');
  const failed = gauge('failed_artifacts', 'Files that could not be scanned in the end.', 'source');
  for (const each of report.sources) {
    const { source } = each;
    for (const verdict of ['error', 'warning', 'clean'] as const) artifacts.set({ source, verdict }, each[verdict]);
    bytes.set({ source }, each.bytes);
    incomplete.set({ source }, each.incomplete);
    failed.set({ source }, each.failed);
  }
  const formats = gauge('contents', 'Different contents, by format.', 'format');
  for (const [format, count] of Object.entries(report.formats)) formats.set({ format }, count);
  const findings = gauge('rule_contents', 'Different contents that a rule speaks of.', 'rule', 'severity');
  for (const { id, severity, contents } of report.rules) findings.set({ rule: id, severity }, contents);
  gauge('outdated_contents', 'Contents that were judged by rules that have changed since.').set(report.outdated);
  return registry.metrics();
}
