import { version } from '../../engine/build.ts';
import type { WorkspaceScanner } from '../../engine/workspaceScanner.ts';
import type { Roles } from '../roles.ts';
import { readApprovals } from './approvals.ts';
import { openAudits } from './audits.ts';
import { evidenceBeside } from './besideModel.ts';
import type { DatasetEvidence, EndpointEvidence, Evidence } from './document.ts';
import { withLocalEvidence } from './datasetEvidence.ts';
import { modelEvidence, type ModelEvidenceOptions } from './modelEvidence.ts';
import { readRecorded } from './recordedEvidence.ts';

export interface GatherOptions extends ModelEvidenceOptions {
  gate: string;
  /** Milliseconds. */
  now: number;
  roles: Roles;
  /** Who asks, or null. */
  subject: string | null;
  /** Files of recorded evidence beside those of the configured folder, absolute. */
  recorded: readonly string[];
}

/**
 * The evidence of one model: what can be seen of it, what was recorded about it, and what the repository's own records say.
 * @param path absolute. @throws {WeighbridgeError} where records are damaged or wrong: nothing is decided then.
 */
export async function gatherEvidence(
  path: string,
  scanner: WorkspaceScanner,
  options: GatherOptions,
): Promise<Evidence> {
  const { gate, now, roles, subject, recorded } = options;
  const { configuration } = scanner;
  const parts = await modelEvidence(path, scanner, options);
  const { digests } = parts;
  const files = [...evidenceBeside(path), ...recorded];
  const records = readRecorded(files, configuration.policy.evidence, digests, scanner.base);
  const named = joined(parts.datasets, records.datasets);
  const datasets =
    named &&
    (await withLocalEvidence(named, {
      scanner,
      model: path,
      recorded: files,
      mayUseCache: options.mayUseCache,
      signal: options.run?.signal,
    }));
  const endpoints = joinedEndpoints(parts.endpoints, records.endpoints);
  const reasons = [...records.change.reasons, ...parts.risks];
  return {
    schema_version: 1,
    tool: { name: 'weighbridge', version },
    gate,
    now: new Date(now).toISOString(),
    ...present('subject', subject === null ? null : { id: subject, roles: roles.of(subject) }),
    model: parts.model,
    findings: parts.findings,
    ...present('datasets', datasets),
    ...present('endpoints', endpoints),
    ...present('functional', records.functional),
    ...present('backdoor', records.backdoor),
    ...present('robustness', records.robustness),
    ...present('regression', records.regression),
    ...present('redteam', records.redteam),
    ...present('dependencies', records.dependencies),
    change: { risk: records.change.risk === 'high' || parts.risks.length > 0 ? 'high' : 'normal', reasons },
    approvals: await readApprovals(configuration, digests, roles, now),
    audits: openAudits(configuration.policy.auditLog, now),
  };
}

/** What is not known is absent: in Rego, null is a value like any other, and `not input.backdoor` would be false. */
function present<K extends string, T>(key: K, value: T | null): { [P in K]?: T } {
  return value === null ? {} : ({ [key]: value } as { [P in K]: T });
}

/** What stands beside the model, and what recorded scans saw elsewhere; a place counts once, as it is now. */
function joinedEndpoints(
  beside: readonly EndpointEvidence[],
  recorded: readonly EndpointEvidence[] | null,
): EndpointEvidence[] | null {
  if (recorded === null) return beside.length > 0 ? [...beside] : null;
  const seen = new Set(beside.map(({ path }) => path));
  return [...beside, ...recorded.filter(({ path }) => !seen.has(path))];
}

/** What the bill of materials names, with what was recorded of it: a record of one dataset does not hide another. */
function joined(named: DatasetEvidence[] | null, recorded: DatasetEvidence[] | null): DatasetEvidence[] | null {
  if (named === null || recorded === null) return named ?? recorded;
  const byName = new Map([...named, ...recorded].map((dataset) => [dataset.name, dataset]));
  return [...byName.values()];
}
