import type { Endpoint } from '../posture/facts.ts';
import type { Finding, Severity } from '../rules/finding.ts';
import { digestsFor } from './askedPaths.ts';
import type { Baseline } from './baseline.ts';
import type { Configuration } from './configuration.ts';
import type { Skipped } from './discover.ts';
import { isArtifact, type Examined } from './examine.ts';
import type { ArtifactSummary, FileResult, ScanReport } from './report.ts';
import type { JudgedText } from './textFile.ts';
import { isConfigOrCode } from '../formats/text/parse.ts';
import { applyConfiguration, compare, compareFindings } from './verdicts.ts';
import { factsOf, WorkspaceTable } from './workspaceFacts.ts';

interface Row {
  examined: Examined;
  text: Finding[];
  /** Digests of the paths that the text asked about. */
  asked: Uint32Array;
  /** True for a file that was read only because a text names it: it is no result of its own. */
  referenced: boolean;
  /** True for a register of datasets. */
  isRegister: boolean;
  /** How many findings remarks in the text accept. */
  suppressed?: number;
  /** The ways into models that the text opens. */
  endpoints?: Endpoint[];
}

/**
 * What a file may be by its bytes while its name says that it is a text. Text in UTF-16 holds NULs, as does one that somebody wants passed over; a first line
 * may be a pickle, or look like a template.
 */
const mayBeText: ReadonlySet<ArtifactSummary['format']> = new Set(['text', 'unknown', 'pickle', 'template']);

const noPaths = new Uint32Array(0);

/** What is known of the files of a workspace, and the results that follow from it. Paths are relative to the base. */
export class ResultTable {
  configuration: Configuration;
  baseline: Baseline | null = null;
  /** What texts may ask. */
  readonly facts: WorkspaceTable;
  readonly results = new Map<string, FileResult>();
  readonly #base: string;
  readonly #rows = new Map<string, Row>();
  /** Findings of rules of directories, by the directory that was judged. */
  readonly #directories = new Map<string, Finding[]>();
  /** The same findings, by the path that each speaks of. */
  readonly #ofDirectories = new Map<string, Set<Finding>>();
  readonly #accepted = new Map<string, Finding[]>();
  /** Files of which only the format is known: another shard examines them. */
  readonly #companions = new Map<string, ArtifactSummary>();

  constructor(base: string, configuration: Configuration) {
    this.#base = base;
    this.configuration = configuration;
    this.facts = new WorkspaceTable(base);
  }

  paths(): string[] {
    return [...this.#rows.keys()];
  }

  has(path: string): boolean {
    return this.#rows.has(path);
  }

  /** Whether a file is known only because a text names it. */
  isReferenced(path: string): boolean {
    return this.#rows.get(path)?.referenced === true;
  }

  isText(path: string): boolean {
    const row = this.#rows.get(path);
    if (row === undefined || row.referenced) return false;
    const { format, script } = row.examined.summary;
    return mayBeText.has(format) && (isConfigOrCode(path) || script !== undefined);
  }

  /** Bytes; 0 for a file that is not known. */
  size(path: string): number {
    return this.#rows.get(path)?.examined.summary.size ?? 0;
  }

  summaries(): ArtifactSummary[] {
    const own = [...this.#rows.values()].filter(({ referenced }) => !referenced);
    return [...own.map(({ examined }) => examined.summary), ...this.#companions.values()];
  }

  /** Tells rules of folders what a file is that another shard examines. */
  storeCompanion(summary: ArtifactSummary): void {
    this.#companions.set(summary.path, summary);
  }

  examinedFindings(path: string): Finding[] {
    return this.#rows.get(path)?.examined.findings ?? [];
  }

  /** Files that say nothing to anybody are not kept: they are most of a workspace. */
  store(path: string, examined: Examined, referenced: boolean): void {
    const { format, script } = examined.summary;
    const worthKeeping =
      isArtifact(format) || examined.findings.length > 0 || script !== undefined || isConfigOrCode(path);
    if (worthKeeping || referenced)
      this.#rows.set(path, { examined, text: [], asked: noPaths, referenced, isRegister: false });
    else this.#rows.delete(path);
    this.facts.set(path, factsOf(examined));
  }

  storeText({ path, findings, asked, endpoints, suppressed, isRegister = false }: JudgedText): void {
    const row = this.#rows.get(path);
    if (!row) return;
    [row.text, row.asked, row.isRegister] = [findings, Uint32Array.from(asked), isRegister];
    if (endpoints) row.endpoints = endpoints;
    else delete row.endpoints;
    row.suppressed = suppressed ?? 0;
  }

  /** The registers of datasets among the texts. */
  registers(): string[] {
    return [...this.#rows].filter(([, { isRegister }]) => isRegister).map(([path]) => path);
  }

  /** @returns the paths whose results may have changed. */
  storeDirectory(folder: string, findings: Finding[]): string[] {
    const before = this.#directories.get(folder) ?? [];
    for (const finding of before) this.#ofDirectories.get(finding.path)?.delete(finding);
    if (findings.length > 0) this.#directories.set(folder, findings);
    else this.#directories.delete(folder);
    for (const finding of findings) {
      const known = this.#ofDirectories.get(finding.path) ?? new Set();
      this.#ofDirectories.set(finding.path, known.add(finding));
    }
    return [...before, ...findings].map(({ path }) => path);
  }

  remove(path: string): void {
    this.#rows.delete(path);
    this.facts.set(path, null);
  }

  /** The texts that asked about one of these paths, or about a folder that one of them lies in. */
  dependents(changed: ReadonlySet<string>): string[] {
    const concerned = new Set<number>();
    for (const path of changed) for (const digest of digestsFor(path)) concerned.add(digest);
    return [...this.#rows]
      .filter(([, { asked }]) => asked.some((digest) => concerned.has(digest)))
      .map(([path]) => path);
  }

  /** Findings of one file as the configuration wants them, and apart from them those that the baseline accepts. */
  judge(findings: readonly Finding[]): { open: Finding[]; accepted: Finding[] } {
    const judged = applyConfiguration(findings, this.configuration).sort(compareFindings);
    return this.baseline?.judge(judged, this.#base) ?? { open: judged, accepted: [] };
  }

  /** Brings the results of these paths up to date. @returns those that changed. */
  settle(paths: Iterable<string>): FileResult[] {
    const changed: FileResult[] = [];
    for (const path of new Set(paths)) {
      const before = this.results.get(path);
      const now = this.#resultOf(path);
      if (now) this.results.set(path, now);
      else this.results.delete(path);
      if (now && (!before || JSON.stringify(now) !== JSON.stringify(before))) changed.push(now);
      if (!now && before) changed.push({ path, artifact: null, findings: [] });
    }
    return changed;
  }

  report(
    inScope: (path: string) => boolean,
    scanned: { files: number; errors: ScanReport['errors']; skipped: Skipped },
  ): ScanReport {
    const artifacts: ArtifactSummary[] = [];
    const findings: Finding[] = [];
    const counts: Record<Severity, number> = { error: 0, warning: 0, info: 0 };
    const acceptedFindings = [...this.#accepted].flatMap(([path, known]) => (inScope(path) ? known : []));
    for (const [path, result] of this.results) {
      if (!inScope(path)) continue;
      const summary = result.artifact ?? (result.findings.length > 0 ? this.#textSummary(path) : null);
      if (summary) artifacts.push(summary);
      for (const finding of result.findings) {
        findings.push(finding);
        counts[finding.severity]++;
      }
    }
    artifacts.sort((a, b) => compare(a.path, b.path));
    let suppressed = 0;
    for (const [path, row] of this.#rows) if (!row.referenced && inScope(path)) suppressed += row.suppressed ?? 0;
    const posture = [...this.#rows]
      .filter(([path, { referenced }]) => !referenced && inScope(path))
      .flatMap(([path, { endpoints }]) => (endpoints ?? []).map((endpoint) => ({ path, endpoint })))
      .sort((a, b) => compare(a.path, b.path) || a.endpoint.range.line - b.endpoint.range.line);
    const { files, skipped } = scanned;
    const errors = [...scanned.errors].sort((a, b) => compare(a.path, b.path));
    findings.sort(compareFindings);
    acceptedFindings.sort(compareFindings);
    const accepted = acceptedFindings.length;
    return { files, artifacts, findings, accepted, acceptedFindings, counts, suppressed, posture, errors, skipped };
  }

  /** A text that a rule speaks of is listed, too; it was not seen whole where its parser says so. */
  #textSummary(path: string): ArtifactSummary | undefined {
    const row = this.#rows.get(path);
    if (!row) return undefined;
    const { summary } = row.examined;
    const unfinished = row.text.some(({ ruleId }) => ruleId === 'file/incomplete');
    return unfinished ? { ...summary, complete: false } : summary;
  }

  #resultOf(path: string): FileResult | undefined {
    const row = this.#rows.get(path);
    const shown = row?.referenced === false ? row : undefined;
    const ofDirectories = this.#ofDirectories.get(path) ?? [];
    const own = shown ? [...shown.examined.findings, ...shown.text] : [];
    const { open: findings, accepted } = this.judge([...own, ...ofDirectories]);
    if (accepted.length > 0) this.#accepted.set(path, accepted);
    else this.#accepted.delete(path);
    const artifact = shown && isArtifact(shown.examined.summary.format) ? shown.examined.summary : null;
    return artifact || findings.length > 0 ? { path, artifact, findings } : undefined;
  }
}
