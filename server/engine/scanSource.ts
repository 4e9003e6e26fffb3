import { join } from 'node:path';
import { mountSource, type Mount } from '../sources/mount.ts';
import { placeOf, type Baseline } from './baseline.ts';
import type { Configuration } from './configuration.ts';
import { remoteLimits } from './remoteLimits.ts';
import type { ScannedSource, ScanReport } from './report.ts';
import type { FileInspection } from './fileWork.ts';
import { type ScanRun, WorkspaceScanner } from './workspaceScanner.ts';
import { compare, compareFindings } from './verdicts.ts';
import { WeighbridgeError } from '../errors.ts';
import type { Finding } from '../rules/finding.ts';

export interface SourceScanOptions extends Pick<ScanRun, 'signal' | 'onProgress' | 'shard'> {
  configuration: Configuration;
  /** Workers at most. */
  jobs?: number;
  /** Where credentials are looked for. Default: that of the process. */
  environment?: NodeJS.ProcessEnv;
}

/**
 * Scans a model that is no folder on this machine: texts are fetched, and of everything else what the readers read. Paths of the
 * report begin with the source's name (`s3://bucket/models/a.pt`). Nothing that lies in the source changes what is said of
 * it: neither its `.gitignore`, nor its configuration, nor remarks in its texts.
 * @throws {WeighbridgeError} `bad-usage`, `unreachable`, `refused`, `not-found`, `cancelled`.
 */
export async function scanSource(address: string, options: SourceScanOptions): Promise<ScanReport> {
  const mount = await mountSource(address, options);
  const scanner = scannerOf(mount, options);
  try {
    // Files that are named themselves are left out by nothing.
    const files = mount.files.map(({ path }) => join(mount.folder, ...path.split('/')));
    const { signal, onProgress, shard } = options;
    const run = {
      ...(signal ? { signal } : {}),
      ...(onProgress ? { onProgress } : {}),
      ...(shard ? { shard } : {}),
    };
    const report = await scanner.scan([mount.folder, ...files], run);
    const { requests, bytes: fetched } = await mount.traffic();
    const bytes = mount.files.reduce((sum, { size }) => sum + size, 0);
    const source = { name: mount.name, files: mount.files.length, bytes, fetched, requests };
    return named({ ...report, errors: [...report.errors, ...mount.problems] }, mount, source);
  } finally {
    await scanner.dispose();
    await mount.dispose();
  }
}

/**
 * Everything about one file of a source.
 * @param use is given what was found, and where the file stands as long as it runs.
 * @throws {WeighbridgeError} as `scanSource`; `bad-input` where the address names several files.
 */
export async function inspectSource<T>(
  address: string,
  options: SourceScanOptions,
  use: (inspected: FileInspection, file: string) => T,
): Promise<T> {
  const mount = await mountSource(address, options);
  const scanner = scannerOf(mount, options);
  try {
    const [only, ...more] = mount.files;
    if (only === undefined) {
      const [problem] = mount.problems;
      // Not by the address: it may hold a password or a signature.
      const what = problem ? mount.nameOf(problem.path) : mount.name;
      throw new WeighbridgeError('unreachable', `${what} cannot be read${problem ? `: ${problem.message}` : ''}`);
    }
    if (more.length > 0) {
      const some = mount.files.slice(0, 5).map(({ path }) => mount.nameOf(path));
      throw new WeighbridgeError(
        'bad-input',
        `${mount.name} holds ${mount.files.length} files: name one of them, such as ${some.join(', ')}`,
      );
    }
    const file = join(mount.folder, ...only.path.split('/'));
    const { signal } = options;
    const inspected = await scanner.files.inspectFile(file, signal ? { signal } : {});
    const { summary, inspection, findings } = inspected;
    const path = mount.nameOf(only.path);
    return use(
      { summary: { ...summary, path }, inspection, findings: findings.map((each) => renamed(each, mount)) },
      file,
    );
  } finally {
    await scanner.dispose();
    await mount.dispose();
  }
}

function scannerOf(mount: Mount, { configuration, jobs }: SourceScanOptions): WorkspaceScanner {
  const { limits } = configuration;
  return new WorkspaceScanner({
    base: mount.folder,
    configuration: {
      ...configuration,
      // What the configuration says of paths is meant from the top of the source.
      folder: mount.folder,
      baseline: null,
      limits: remoteLimits(limits),
    },
    cache: false,
    // Who waits for a server blocks, and this thread has to hear Ctrl-C.
    isolate: true,
    honoursRemarks: () => false,
    fill: (path) => mount.fill(path),
    ...(jobs === undefined ? {} : { jobs }),
  });
}

function named(report: ScanReport, mount: Mount, source: ScannedSource): ScanReport {
  return {
    ...report,
    artifacts: report.artifacts.map((artifact) => ({ ...artifact, path: mount.nameOf(artifact.path) })),
    findings: report.findings.map((finding) => renamed(finding, mount)),
    acceptedFindings: report.acceptedFindings.map((finding) => renamed(finding, mount)),
    posture: report.posture.map((each) => ({ ...each, path: mount.nameOf(each.path) })),
    errors: report.errors.map(({ path, message }) => ({ path: mount.nameOf(path), message })).sort(byPath),
    sources: [source],
  };
}

function renamed(finding: Finding, mount: Mount): Finding {
  const related = finding.related?.map((place) => ({ ...place, path: mount.nameOf(place.path) }));
  return { ...finding, path: mount.nameOf(finding.path), ...(related ? { related } : {}) };
}

const byPath = (a: { path: string }, b: { path: string }) => compare(a.path, b.path);

/** Takes what a baseline accepts out of the findings in sources. @param base as `Baseline.judge` has it. */
export function acceptInSources(report: ScanReport, baseline: Baseline | null, base: string): ScanReport {
  if (!baseline) return report;
  const isInSource = ({ path }: Finding) => placeOf(path) !== null;
  const { open, accepted } = baseline.judge(report.findings.filter(isInSource), base);
  const findings = [...report.findings.filter((each) => !isInSource(each)), ...open].sort(compareFindings);
  const acceptedFindings = [...report.acceptedFindings, ...accepted].sort(compareFindings);
  const counts = { error: 0, warning: 0, info: 0 };
  for (const { severity } of findings) counts[severity]++;
  return { ...report, findings, acceptedFindings, accepted: acceptedFindings.length, counts };
}

/** The reports of several sources, or of sources and paths, as one. */
export function joinReports(reports: readonly ScanReport[]): ScanReport {
  const sum = (count: (report: ScanReport) => number) => reports.reduce((total, report) => total + count(report), 0);
  const shard = reports[0]?.shard;
  return {
    ...(shard ? { shard } : {}),
    files: sum(({ files }) => files),
    artifacts: reports.flatMap(({ artifacts }) => artifacts).sort(byPath),
    findings: reports.flatMap(({ findings }) => findings).sort(compareFindings),
    accepted: sum(({ accepted }) => accepted),
    acceptedFindings: reports.flatMap(({ acceptedFindings }) => acceptedFindings).sort(compareFindings),
    counts: {
      error: sum(({ counts }) => counts.error),
      warning: sum(({ counts }) => counts.warning),
      info: sum(({ counts }) => counts.info),
    },
    suppressed: sum(({ suppressed }) => suppressed),
    posture: reports.flatMap(({ posture }) => posture),
    errors: reports.flatMap(({ errors }) => errors).sort(byPath),
    skipped: {
      ignored: sum(({ skipped }) => skipped.ignored),
      excluded: sum(({ skipped }) => skipped.excluded),
    },
    sources: reports.flatMap(({ sources }) => sources ?? []),
  };
}
